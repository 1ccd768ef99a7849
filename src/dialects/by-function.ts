import { CallbackError } from '../errors/errors.ts'
import { errorOf, errorSaid, isFailure } from '../errors/provider-error.ts'
import type { Delta, ServerEvent } from '../events.ts'
import type { Dialect, DialectFunction, Verdict } from './dialect.ts'
import { finish, rawReasonOf } from './reasons.ts'
import { isDone, isRaw, objectIn, PING, pushText } from './values.ts'

/** Makes a dialect of a function that says what an event means; of a text's lines that were passed over it knows nothing. */
export function functionDialect(
  name: string,
  meaningOf: DialectFunction,
  options: { readonly endsAtClose?: boolean } = {},
): Dialect {
  return {
    name,
    open: () => ({
      read(event, deltas) {
        if (isDone(event.data)) return end(undefined, deltas)
        try {
          return tell(meaningOf(event), event, deltas)
        } catch (thrown) {
          return new CallbackError('dialect', thrown)
        }
      },
      ...(options.endsAtClose && { close: (deltas: Delta[]) => void end(undefined, deltas) }),
    }),
  }
}

function tell(
  meaning: ReturnType<DialectFunction>,
  { data, event = '' }: ServerEvent,
  deltas: Delta[],
): Verdict {
  // A function in plain JavaScript may find a number, or nothing at all.
  const means = isRaw(meaning) ? meaning : { text: meaning }
  const { length } = deltas
  pushText(deltas, 'reasoning', means.reasoning)
  pushText(deltas, 'text', means.text)
  if (means.error) return typeof means.error === 'string' ? errorSaid(means.error) : errorOf(means.error)
  const raw = rawReasonOf(means.end)
  if (means.end === true || raw) return end(raw, deltas)
  if (deltas.length > length) return 'more'
  // Of an error a function may know nothing; half an answer is not called whole for that.
  const { error, type = error && 'error' } = objectIn(data) ?? {}
  if (isFailure(type)) return errorSaid(data)
  return data.trim() === '' || PING.test(event) ? 'ping' : 'foreign'
}

function end(raw: string | undefined, deltas: Delta[]): Verdict {
  return finish(raw, deltas) ?? 'end'
}
