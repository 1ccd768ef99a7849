import type { ServerEvent } from '../events.ts'
import type { Dialect, DialectFunction } from './dialect.ts'
import { BESIDE_KIND, END_KIND, TEXT_KIND, THOUGHT_KIND } from './event-kinds.ts'
import { withErrors } from './own-errors.ts'
import { saidOnce } from './said.ts'
import { textDialect } from './text-dialect.ts'
import { CLOSED, objectIn, PING, valueIn, wordOf } from './values.ts'

/**
 * Events whose data is the text itself. The answer ends with `[DONE]`, or with an event named `done` or `end`.
 *
 * A server that just closes the connection cannot be told from one that was cut off. If yours does so and you
 * accept the risk, say so: `dialect: endsAtClose(plain)`.
 */
export const plain: Dialect = /* @__PURE__ */ withErrors(
  /* @__PURE__ */ saidOnce(/* @__PURE__ */ textDialect('plain', meaningOf)),
)

function meaningOf({ event = '', data }: ServerEvent): ReturnType<DialectFunction> {
  if (END_KIND.test(event) || data === CLOSED) {
    const { reason, finish_reason = reason } = objectIn(data) ?? {}
    return { end: wordOf(finish_reason) ?? true }
  }
  if (THOUGHT_KIND.test(event)) return { reasoning: data }
  // What stands beside the text has a name that says so, or is JSON.
  const isBeside =
    PING.test(event) ||
    BESIDE_KIND.test(event) ||
    (!TEXT_KIND.test(event) && /^\s*[{[]/.test(data) && valueIn(data) !== undefined)
  return isBeside ? undefined : data
}
