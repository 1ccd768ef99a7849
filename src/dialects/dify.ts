import { errorOf } from '../errors/provider-error.ts'
import type { Dialect } from './dialect.ts'
import { brokenOff } from './reasons.ts'
import { type EventMeaning, type Table, tableDialect } from './table.ts'
import type { Teller } from './teller.ts'
import { isRaw, textOf, wordOf } from './values.ts'

const message: EventMeaning = (event, tell, sent) => {
  const { answer, message_id: id, event: kind, metadata } = event
  tell.sign({ id })
  // Agent apps say the whole once more when they are done.
  const said = textOf(tell.memory.said)
  if (tell.memory.isAgent && kind === 'message' && answer === said) return 'active'
  if (kind === 'agent_message') tell.memory.isAgent = true
  tell.memory.said = said + textOf(answer)
  tell.text(answer)
  // A document, from a server that was not asked for a stream.
  return isRaw(metadata) ? messageEnds(event, tell, sent) : 'more'
}

/** What the moderation puts in the place of all that was said. */
const replacement: EventMeaning = ({ answer }, tell) => {
  tell.takeBack()
  tell.memory.said = textOf(answer)
  return tell.text(answer)
}

const messageEnds: EventMeaning = ({ metadata }, tell) => {
  tell.usage(isRaw(metadata) ? metadata.usage : undefined)
  return tell.finish(undefined, true)
}

/** A workflow alone has no message: it ends here, and its text may be in its outputs. Of a chat the message ends it. */
const workflowEnds: EventMeaning = ({ data }, tell) => {
  const { status, error, outputs } = isRaw(data) ? data : {}
  if (status === 'failed') return errorOf({ error: wordOf(error) ?? 'The workflow failed' })
  if (status === 'stopped') return brokenOff('cancelled')
  if (isRaw(outputs))
    tell.memory.whole = wordOf(outputs.text ?? outputs.answer ?? outputs.result ?? outputs.output) ?? null
  tell.memory.hasRun = true
  return 'active'
}

function close(tell: Teller): void {
  if (!tell.memory.hasRun || tell.memory.isChat) return
  tell.wholeText(tell.memory.whole)
  tell.finish(undefined, true)
}

const TABLE: Table = {
  name: 'dify',
  kindOf: ({ event }) => event,
  kinds: {
    message: (event, tell, sent) => {
      tell.memory.isChat = true
      return message(event, tell, sent)
    },
    agent_message: message,
    text_chunk: ({ data }, tell) => tell.text(isRaw(data) ? data.text : undefined),
    reasoning_chunk: ({ data }, tell) => tell.reasoning(isRaw(data) ? data.reasoning : undefined),
    message_replace: replacement,
    text_replace: ({ data }, tell, sent) =>
      replacement({ answer: isRaw(data) ? data.text : undefined }, tell, sent),
    message_end: messageEnds,
    workflow_finished: workflowEnds,
    // Somebody has to decide something; the stream ends.
    workflow_paused: (_, tell) => tell.finish('workflow_paused'),
    error: (event) => errorOf(event),
  },
  other: ({ event }) => (textOf(event) === '' || event === 'ping' ? 'foreign' : 'active'),
  close,
}

/**
 * Dify's apps: chat, agent, completion and workflow. A chat is whole with `message_end`, a workflow with
 * `workflow_finished` and the end of the stream.
 *
 * @see https://docs.dify.ai/api-reference/chat/send-chat-message
 */
export const dify: Dialect = /* @__PURE__ */ tableDialect(TABLE)
