import { errorOf } from '../errors/provider-error.ts'
import type { Dialect } from './dialect.ts'
import { brokenOff } from './reasons.ts'
import { type EventMeaning, type Table, tableDialect } from './table.ts'
import { isRaw, textOf } from './values.ts'

/** Only an answer is one: follow-up questions and what its tools said are messages, too. */
const piece: EventMeaning = ({ type, content, id, reasoning_content: thought }, tell) => {
  if (type !== 'answer') return 'active'
  tell.notes.add(`said ${textOf(id)}`)
  tell.reasoning(thought)
  return tell.textOf(id, content)
}

const message: EventMeaning = ({ type, content, id, reasoning_content: thought }, tell) => {
  // The provider calls its plugins itself; what the caller has to call comes with `requires_action`.
  if (type !== 'answer') return 'active'
  if (tell.notes.has(`said ${textOf(id)}`)) return tell.wholeText(content, id)
  tell.reasoning(thought)
  return tell.textOf(id, content)
}

const requires: EventMeaning = ({ required_action: action }, tell) => {
  const { submit_tool_outputs: outputs } = isRaw(action) ? action : {}
  const { tool_calls: calls } = isRaw(outputs) ? outputs : {}
  for (const call of Array.isArray(calls) ? calls : [])
    if (isRaw(call) && isRaw(call.function))
      tell.wholeCall(call.id, { id: call.id, name: call.function.name, args: call.function.arguments })
  return tell.finish('tool_calls')
}

const chatEnds: EventMeaning = ({ usage }, tell) => {
  tell.usage(usage)
  return tell.finish(undefined, true)
}

const TABLE: Table = {
  name: 'coze',
  kindOf: (_, { event }) => event,
  kinds: {
    'conversation.chat.created': ({ id }, tell) => tell.sign({ id }),
    'conversation.message.delta': piece,
    'conversation.message.completed': message,
    'conversation.chat.requires_action': requires,
    'conversation.chat.completed': chatEnds,
    'conversation.chat.failed': ({ last_error: error }) => errorOf({ error }),
    'conversation.chat.canceled': () => brokenOff('cancelled'),
  },
  other: (_, tell, { event = '' }) =>
    event.startsWith('conversation.') ? 'active' : event === 'done' ? tell.end() : 'foreign',
  done: (tell) => (tell.isFinished ? 'end' : 'ping'),
}

/**
 * Coze's chat, version 3. An answer is whole with `conversation.chat.completed`; the event `done` comes after it.
 *
 * @see https://www.coze.com/docs/developer_guides/chat_v3
 */
export const coze: Dialect = /* @__PURE__ */ tableDialect(TABLE)
