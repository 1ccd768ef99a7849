import { CallbackError } from '../errors/errors.ts'
import { brokenOff, errorOf, errorSaid } from '../errors/provider-error.ts'
import type { Delta, ServerEvent } from '../events.ts'
import type { Dialect, DialectFunction, Verdict } from './dialect.ts'
import { BESIDE_KIND, END_KIND, TEXT_KIND, THOUGHT_KIND } from './event-kinds.ts'
import { rawReasonOf, reasonOf } from './reasons.ts'
import { CLOSED, isDone, objectIn, PING, pushText, valueIn, wordOf } from './values.ts'

/**
 * Events whose data is the text itself. The answer ends with `[DONE]`, or with an event named `done` or `end`.
 *
 * A server that just closes the connection cannot be told from one that was cut off. If yours does so and you
 * accept the risk, say so: `dialect: endsAtClose(plain)`.
 */
export const plain: Dialect = /* @__PURE__ */ textDialect('plain', ({ event = '', data }) => {
  if (END_KIND.test(event) || data === CLOSED) return { end: wordOf(objectIn(data)?.reason) ?? true }
  if (THOUGHT_KIND.test(event)) return { reasoning: data }
  // What stands beside the text has a name that says so, or is JSON.
  const isBeside =
    PING.test(event) ||
    BESIDE_KIND.test(event) ||
    (!TEXT_KIND.test(event) && /^\s*[{[]/.test(data) && valueIn(data) !== undefined)
  return isBeside ? undefined : data
})

/** Makes a dialect of a function that says what an event means. */
export function textDialect(
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
  const means = typeof meaning === 'object' && meaning !== null ? meaning : { text: meaning }
  const { length } = deltas
  pushText(deltas, 'reasoning', means.reasoning)
  pushText(deltas, 'text', means.text)
  if (means.error) return typeof means.error === 'string' ? errorSaid(means.error) : errorOf(means.error)
  const raw = rawReasonOf(means.end)
  if (means.end === true || raw) return end(raw, deltas)
  if (deltas.length > length) return 'more'
  return data.trim() === '' || PING.test(event) ? 'ping' : 'foreign'
}

function end(raw: string | undefined, deltas: Delta[]): Verdict {
  const reason = raw === undefined ? 'unknown' : reasonOf(raw)
  if (!reason) return brokenOff(raw ?? '')
  deltas.push({ type: 'finish', reason, raw })
  return 'end'
}
