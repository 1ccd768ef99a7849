import { errorOf } from '../errors/provider-error.ts'
import type { Dialect } from './dialect.ts'
import { type EventMeaning, type Table, type Teller, tableDialect } from './table.ts'
import { isRaw, type Raw, rawsIn, textOf, wordOf } from './values.ts'

/** A message's text: itself, or in its blocks. */
function textIn({ content }: Raw): string {
  if (typeof content === 'string') return content
  return rawsIn(content)
    .map((block) => textOf(block.text))
    .join('')
}

function isAnswer({ type, role }: Raw): boolean {
  return type === 'ai' || type === 'AIMessageChunk' || role === 'assistant'
}

/** `messages` brings pieces, `messages/partial` all of a message so far, `messages/complete` the whole of one. */
function readMessages(list: readonly unknown[], tell: Teller, event: string): void {
  const [message] = list
  if (!isRaw(message) || !isAnswer(message)) return
  const text = textIn(message)
  const id = `text ${textOf(message.id)}`
  const before = textOf(tell.memory[id])
  if (event === 'messages') tell.text(text)
  else if (text.startsWith(before)) tell.text(text.slice(before.length))
  tell.memory[id] = event === 'messages' ? before + text : text
  tell.sign({ id: message.id })
  for (const piece of rawsIn(message.tool_call_chunks))
    tell.call(String(piece.index ?? piece.id ?? 0), pieceOf(piece))
  if (event !== 'messages')
    for (const call of rawsIn(message.tool_calls)) tell.wholeCall(textOf(call.id), pieceOf(call))
  const { usage_metadata: usage } = message
  if (!isRaw(usage)) return
  const { input_tokens: inputTokens, output_tokens: outputTokens, total_tokens: totalTokens } = usage
  tell.usage({ inputTokens, outputTokens, totalTokens }, usage)
}

function pieceOf({ id, name, args }: Raw): {
  readonly id: unknown
  readonly name: unknown
  readonly args: unknown
} {
  return { id, name, args }
}

/** The state of the graph: whoever asked for nothing else finds the answer in it. */
const values: EventMeaning = ({ messages, __interrupt__: interrupts }, tell) => {
  const last = rawsIn(messages).at(-1)
  tell.memory.isWhole =
    (last && isAnswer(last) && rawsIn(last.tool_calls).length === 0) || interrupts !== undefined
  if (last && isAnswer(last)) tell.wholeText(textIn(last))
  return 'active'
}

const TABLE: Table = {
  name: 'langgraph',
  kindOf: (_, { event = '' }) => event.split('|')[0],
  kinds: {
    metadata: ({ run_id: run }, tell) => {
      tell.memory.run = wordOf(run) ?? null
      return 'more'
    },
    values,
    error: (event) => errorOf(event),
    end: (_, tell) => tell.end(undefined, true),
  },
  before: (_, tell) => {
    tell.memory.isWhole = false
  },
  other: (_, _tell, { event }) => (event ? 'active' : 'foreign'),
  list: (list, tell, { event = '' }) => {
    const [kind = ''] = event.split('|')
    tell.memory.isWhole = false
    if (kind.startsWith('messages')) readMessages(list, tell, kind)
    return kind.startsWith('messages') ? 'more' : 'active'
  },
  // Newer servers just close: whole is what ends with a state whose last message is the answer.
  close: (tell) => {
    if (tell.memory.isWhole === true) tell.finish(undefined, true)
  },
  resume: (url, { run }) => {
    const path = url.split('?')[0] ?? ''
    if (!wordOf(run) || !/\/threads\/[^/]+\/runs\/stream\/?$/.test(path)) return undefined
    return { url: path.replace(/\/stream\/?$/, `/${encodeURIComponent(textOf(run))}/stream`), method: 'GET' }
  },
}

/**
 * LangGraph's server, with `stream_mode` `messages`, `messages-tuple` or `values`. An answer is whole with the event `end`,
 * or when the stream ends with a state (`values`) whose last message is the answer. A run of a thread that was started
 * with `stream_resumable` is gone on with.
 *
 * @see https://docs.langchain.com/langsmith/streaming
 */
export const langgraph: Dialect = /* @__PURE__ */ tableDialect(TABLE)
