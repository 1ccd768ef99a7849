import { CallbackError } from '../errors/errors.ts'
import type { Delta } from '../events.ts'
import type { Dialect, DialectFunction } from './dialect.ts'

/**
 * Events whose data is the text itself. The answer ends with an event `[DONE]`.
 *
 * A server that just closes the connection cannot be told from one that was cut off. If yours does so and you
 * accept the risk, give the dialect an end: `textDialect('mine', (event) => event.data, { endsAtClose: true })`.
 */
export const plain: Dialect = /* @__PURE__ */ textDialect('plain', (event) => event.data)

/** Makes a dialect of a function that finds the text in an event. */
export function textDialect(
  name: string,
  textOf: DialectFunction,
  options: { readonly endsAtClose?: boolean } = {},
): Dialect {
  return {
    name,
    open: () => ({
      read(event, deltas) {
        if (event.data === '[DONE]') {
          finish(deltas)
          return 'end'
        }
        try {
          const text = textOf(event)
          // A function in plain JavaScript may find a number, or an object.
          if (typeof text === 'string' && text !== '') deltas.push({ type: 'text', text })
          return 'more'
        } catch (thrown) {
          return new CallbackError('dialect', thrown)
        }
      },
      ...(options.endsAtClose && { close: finish }),
    }),
  }
}

function finish(deltas: Delta[]): void {
  deltas.push({ type: 'finish', reason: 'unknown', raw: undefined })
}
