import { errorOf } from '../errors/provider-error.ts'
import type { Dialect } from './dialect.ts'
import { rawReasonOf } from './reasons.ts'
import { type EventMeaning, type Table, tableDialect } from './table.ts'
import { indexOf, isRaw, type Raw, textOf } from './values.ts'

/** What stands in `delta.message`. */
function messageIn({ delta }: Raw): Raw {
  return isRaw(delta) && isRaw(delta.message) ? delta.message : {}
}

const content: EventMeaning = (event, tell) => {
  const { content: part } = messageIn(event)
  if (!isRaw(part)) return 'active'
  tell.reasoning(part.thinking)
  return tell.text(part.text)
}

const call: EventMeaning = (event, tell) => {
  const message = messageIn(event)
  const { tool_calls: calls = message.toolCalls } = message
  const piece = Array.isArray(calls) ? calls[0] : calls
  if (!isRaw(piece) || !isRaw(piece.function)) return 'active'
  return tell.call(String(indexOf(event.index)), {
    id: piece.id,
    name: piece.function.name,
    args: piece.function.arguments,
  })
}

const end: EventMeaning = ({ delta }, tell) => {
  const { finish_reason, finishReason, usage, error } = isRaw(delta) ? delta : ({} as Raw)
  if (isRaw(usage)) tell.usage({ ...usage, ...(isRaw(usage.tokens) && usage.tokens) }, usage)
  if (error) return errorOf({ error })
  return tell.end(rawReasonOf(finish_reason ?? finishReason), true)
}

const TABLE: Table = {
  name: 'cohere',
  kinds: {
    'message-start': ({ id }, tell) => tell.sign({ id }),
    'content-start': content,
    'content-delta': content,
    // What it means to do with its tools.
    'tool-plan-delta': (event, tell) => {
      const { tool_plan: plan, toolPlan = plan } = messageIn(event)
      return tell.reasoning(toolPlan)
    },
    'tool-call-start': call,
    'tool-call-delta': call,
    'message-end': end,
  },
  other: ({ type }) => (/^(content|tool-call|citation)-/.test(textOf(type)) ? 'active' : 'foreign'),
}

/**
 * Cohere's chat, version 2, also as its client for JavaScript spells it. An answer is whole with `message-end`.
 *
 * @see https://docs.cohere.com/v2/docs/streaming
 */
export const cohere: Dialect = /* @__PURE__ */ tableDialect(TABLE)
