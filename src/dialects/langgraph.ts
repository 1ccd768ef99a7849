import { ProtocolError, TruncatedError } from '../errors/errors.ts'
import { errorOf } from '../errors/provider-error.ts'
import { pathPart } from './continued.ts'
import type { Dialect, Verdict } from './dialect.ts'
import { rawReasonOf, reasonOf } from './reasons.ts'
import { type EventMeaning, type Table, tableDialect } from './table.ts'
import type { Teller } from './teller.ts'
import { isRaw, type Raw, rawsIn, textOf, wordOf } from './values.ts'

/** What a message says, in its content or in the blocks of it. */
function saidIn({ content, additional_kwargs: more }: Raw): {
  readonly text: string
  readonly reasoning: string
} {
  const blocks = rawsIn(content)
  const all = (name: string): string => blocks.map((block) => textOf(block[name])).join('')
  const reasoning = isRaw(more) ? textOf(more.reasoning_content) : ''
  return { text: typeof content === 'string' ? content : all('text'), reasoning: reasoning + all('thinking') }
}

/** An answer's message: all of it so far (`isWhole`), or a piece. What has been told of it is not told again. */
function readMessage(message: Raw, tell: Teller, isWhole: boolean, place = ''): void {
  const { type, response_metadata: metadata, usage_metadata: usage } = message
  if (type !== 'ai' && type !== 'AIMessageChunk') return
  const said = saidIn(message)
  const id = wordOf(message.id) ?? place
  tell.sign({ id: message.id })
  tell.reasoning(newOf(`reasoning ${id}`, said.reasoning, tell, isWhole))
  tell.text(newOf(`text ${id}`, said.text, tell, isWhole))
  const { finish_reason: finish, stop_reason: stop } = isRaw(metadata) ? metadata : {}
  const raw = rawReasonOf(finish ?? stop)
  // Usage may come after the reason.
  if (raw !== undefined || said.text !== '' || rawsIn(message.tool_call_chunks).length > 0)
    tell.memory.raw = raw ?? null
  readCalls(message, tell, isWhole, raw !== undefined)
  tell.usage(usage)
}

function newOf(key: string, text: string, tell: Teller, isWhole: boolean): string {
  const before = textOf(tell.memory[key])
  if (!isWhole) {
    tell.keep(key, before + text)
    return text
  }
  // The length first: to be compared, a text that came in pieces is put together.
  if (text.length < before.length || !text.startsWith(before)) return ''
  tell.keep(key, text)
  return text.slice(before.length)
}

/** In pieces, or whole at the end of a message: what is parsed of half a call misleads. */
function readCalls(message: Raw, tell: Teller, isWhole: boolean, isOver: boolean): void {
  const { id, tool_call_chunks: pieces, tool_calls: calls } = message
  if (!isWhole)
    for (const piece of rawsIn(pieces)) {
      const key = `${textOf(id)} ${String(piece.index ?? 0)}`
      if (wordOf(piece.id)) tell.notes.add(`call ${textOf(piece.id)}`)
      tell.call(key, { id: piece.id, name: piece.name, args: piece.args })
    }
  else if (isOver)
    for (const call of rawsIn(calls))
      if (!tell.notes.has(`call ${textOf(call.id)}`))
        tell.wholeCall(call.id, { id: call.id, name: call.name, args: call.args })
}

/** The state of the graph, or what a node has added to it: the messages since the last question. */
const state: EventMeaning = (event, tell) => {
  const parts = Array.isArray(event.messages) ? [event] : Object.values(event).filter(isRaw)
  for (const { messages } of parts) {
    const all = rawsIn(messages)
    const asked = all.findLastIndex(({ type }) => type === 'human')
    for (const [at, message] of all.entries()) if (at > asked) readMessage(message, tell, true, String(at))
  }
  // Somebody has to decide something: the run ends here.
  if (event.__interrupt__ !== undefined) tell.memory.raw = 'interrupt'
  return 'active'
}

/** LangServe, of a chain that ends in text. */
function served(text: string, tell: Teller, event: string): Verdict {
  if (event !== 'data') return 'active'
  tell.memory.isServed = true
  tell.text(text)
  return 'more'
}

/** Newer servers just close: whole is what ends with a message that says why, unless that is a call of a tool. */
function close(tell: Teller): void {
  const raw = wordOf(tell.memory.raw)
  if (raw !== undefined && reasonOf(raw) !== 'tool-calls') tell.finish(raw)
  else if (tell.memory.isServed) tell.failure = new TruncatedError(SERVED, true)
}

const OF_YOUR_OWN =
  'LangServe sends an object of your own; a function can say what is text in it: dialect: (event) => …'
const SERVED =
  'LangServe ends its streams with an event without data, which is none, so nobody can tell whether this one was whole. ' +
  'If you accept that: dialect: endsAtClose(langgraph)'

const TABLE: Table = {
  name: 'langgraph',
  kindOf: (_, { event = '' }) => event.split('|', 1)[0],
  kinds: {
    metadata: ({ run_id: run }, tell) => {
      tell.memory.run = wordOf(run) ?? null
      return 'more'
    },
    values: state,
    updates: state,
    // LangServe's; of the other languages it speaks in, none is known.
    data(message, tell) {
      if (typeof message.content !== 'string') return new ProtocolError(OF_YOUR_OWN)
      tell.memory.isServed = true
      readMessage({ ...message, type: 'ai' }, tell, false)
      return 'more'
    },
    error: (event) => errorOf(event),
    end: (_, tell) => tell.end(wordOf(tell.memory.raw), true),
  },
  other: (_, _tell, { event }) => (event ? 'active' : 'foreign'),
  list: (list, tell, { event = '' }) => {
    if (typeof list === 'string') return served(list, tell, event)
    const [message] = list
    const [kind = ''] = event.split('|', 1)
    if (!kind.startsWith('messages') || !isRaw(message)) return 'active'
    readMessage(message, tell, kind !== 'messages')
    return 'more'
  },
  close,
  resume: (url, { run }) => {
    const path = url.split('?')[0] ?? ''
    const part = pathPart(run)
    if (!part || !/\/threads\/[^/]+\/runs\/stream\/?$/.test(path)) return undefined
    return { url: path.replace(/\/stream\/?$/, `/${part}/stream`), method: 'GET' }
  },
}

/** Whether data is a message as LangGraph's server sends it: in a list, with or without what is known of it. */
export function isLangGraphList(list: readonly unknown[], event: string): boolean {
  const [message] = list
  return /^messages\b/.test(event) && isRaw(message) && 'content' in message && 'type' in message
}

/**
 * LangGraph's server and `graph.stream()`, in every `stream_mode` that brings messages: `messages`, `messages-tuple`,
 * `values`, `updates`. An answer is whole with the event `end`, or when the stream ends after a message that says why it
 * ended. A run of a thread that was started with `stream_resumable` is gone on with.
 *
 * @see https://docs.langchain.com/langsmith/streaming
 */
export const langgraph: Dialect = /* @__PURE__ */ tableDialect(TABLE)
