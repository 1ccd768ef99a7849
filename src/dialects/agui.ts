import { errorOf } from '../errors/provider-error.ts'
import type { Dialect } from './dialect.ts'
import { brokenOff } from './reasons.ts'
import { type EventMeaning, type Table, tableDialect } from './table.ts'
import type { Teller } from './teller.ts'
import { isRaw, type Raw, rawsIn, textOf, wordOf } from './values.ts'

const text: EventMeaning = (event, tell, sent) => {
  begin(event, tell, sent)
  return tell.notes.has(`not ${textOf(event.messageId)}`)
    ? 'active'
    : tell.textOf(event.messageId, event.delta)
}

const textEnds: EventMeaning = ({ messageId: id }, { memory }) => {
  memory.ended = id
  return 'active'
}

/** A message of a role other than the assistant's is no answer. */
const begin: EventMeaning = ({ role, messageId: id }, tell) => {
  if (role !== undefined && role !== 'assistant') tell.notes.add(`not ${textOf(id)}`)
  return 'active'
}

const reasoning: EventMeaning = (event, tell) => tell.reasoning(event.delta)

const call: EventMeaning = ({ toolCallId, toolCallName, toolName, delta: args }, tell) => {
  // TanStack's servers of before 1.0 of the protocol say `toolName`, and think in steps.
  const name = toolCallName ?? toolName
  // A piece without an id belongs to the last one.
  const id = wordOf(toolCallId) ?? tell.memory.call
  tell.memory.call = id
  return tell.call(id, { id, name, args })
}

/**
 * The whole conversation: read where nothing of the answer has come in pieces; of the last message, if it has ended, the
 * rest. Of one that has not, pieces may follow.
 */
const snapshot: EventMeaning = ({ messages }, tell) => {
  const all = rawsIn(messages)
  const asked = all.findLastIndex(({ role }) => role === 'user')
  const last = all.find(({ id }) => id !== undefined && id === tell.memory.ended)
  if (tell.hasText && last) tell.wholeText(last.content, last.id)
  if (tell.hasText || tell.hasCalls) return 'active'
  for (const { content, toolCalls } of all.slice(asked + 1).filter(({ role }) => role === 'assistant')) {
    tell.text(content)
    for (const { id, function: named } of rawsIn(toolCalls))
      if (isRaw(named)) tell.wholeCall(id, { id, name: named.name, args: named.arguments })
  }
  return 'active'
}

const runEnds: EventMeaning = (event, tell) => {
  const { outcome, usage, metadata, finishReason, runId } = event
  const { type } = isRaw(outcome) ? outcome : {}
  if (type === 'cancelled') return brokenOff('cancelled')
  tell.usage([usage].flat()[0], usage)
  const own = isRaw(metadata) && isRaw(metadata.tanstack) ? metadata.tanstack : {}
  tell.memory.runs = runsOf(tell).filter((run) => run !== runId)
  // TanStack's servers go on after a run whose tools they call themselves; what is for the caller interrupts it.
  if (own.finishReason === 'tool_calls' && type !== 'interrupt') return 'active'
  tell.memory.reason = wordOf(finishReason ?? own.finishReason) ?? null
  return 'active'
}

function runsOf({ memory }: Teller): readonly unknown[] {
  return Array.isArray(memory.runs) ? memory.runs : []
}

/** Whole when every run has finished, and the stream has ended: another run may follow. */
function close(tell: Teller): void {
  if (tell.memory.reason === undefined || runsOf(tell).length > 0) return
  tell.finish(wordOf(tell.memory.reason), true)
}

const TABLE: Table = {
  name: 'agui',
  before: ({ type }, { memory }) => {
    if (/^(TEXT_MESSAGE|TOOL_CALL|REASONING)_/.test(textOf(type))) delete memory.reason
  },
  kinds: {
    RUN_STARTED: ({ runId: id }: Raw, tell) => {
      tell.kept.add(textOf(id).length)
      tell.memory.runs = [...runsOf(tell), id]
      return tell.sign({ id })
    },
    RUN_FINISHED: runEnds,
    RUN_ERROR: (event) => errorOf({ error: event }),
    TEXT_MESSAGE_START: begin,
    TEXT_MESSAGE_CONTENT: text,
    TEXT_MESSAGE_CHUNK: text,
    TEXT_MESSAGE_END: textEnds,
    REASONING_MESSAGE_CONTENT: reasoning,
    REASONING_MESSAGE_CHUNK: reasoning,
    THINKING_TEXT_MESSAGE_CONTENT: reasoning,
    STEP_FINISHED: reasoning,
    TOOL_CALL_START: call,
    TOOL_CALL_ARGS: call,
    TOOL_CALL_CHUNK: call,
    MESSAGES_SNAPSHOT: snapshot,
  },
  other: ({ type }) => (isAgui(type) ? 'active' : 'foreign'),
  done: (tell) => {
    close(tell)
    return tell.failure ?? (tell.isFinished ? 'end' : 'ping')
  },
  close,
}

/** Whether an event is one of AG-UI's. */
export function isAgui(type: unknown): boolean {
  return (
    /^(RUN|STEP|TEXT_MESSAGE|TOOL_CALL|STATE|MESSAGES|ACTIVITY|REASONING|THINKING|SUBAGENT)_/.test(
      textOf(type),
    ) ||
    type === 'CUSTOM' ||
    type === 'RAW'
  )
}

/**
 * AG-UI 1.0, which CopilotKit's and TanStack AI's servers speak. An answer is whole when each of its runs has finished
 * and the stream has ended.
 *
 * @see https://docs.ag-ui.com/concepts/events
 */
export const agui: Dialect = /* @__PURE__ */ tableDialect(TABLE)
