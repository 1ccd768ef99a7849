import type { ApiError } from '../errors/errors.ts'
import { errorOf, isError } from '../errors/provider-error.ts'
import type { Delta } from '../events.ts'
import { Calls } from './calls.ts'
import type { About, Dialect, DialectReader, Verdict } from './dialect.ts'
import { type ObjectReader, readObjects } from './json.ts'
import { finish, rawReasonOf, reasonOf } from './reasons.ts'
import { countsIn } from './usage.ts'
import {
  aboutOf,
  indexOf,
  isRaw,
  pieceOf,
  pushCall,
  pushText,
  type Raw,
  rawsIn,
  textOf,
  wordOf,
} from './values.ts'

/**
 * OpenAI chat completions, and the many servers that speak like it: Azure, DeepSeek, OpenRouter, Groq, xAI, Mistral,
 * vLLM, SGLang, llama.cpp, Ollama under `/v1`.
 *
 * An answer is whole when a `finish_reason` has come or the stream says `[DONE]`; servers leave out either. The
 * usage chunk comes after `finish_reason`, so only `[DONE]` ends the reading. Mistral's and Azure's clients for JavaScript spell
 * the names in camel case, and servers of one's own pass such chunks on.
 *
 * @see https://platform.openai.com/docs/api-reference/chat-streaming
 */
export const openaiChat: Dialect = openaiChoice(0)

/** The same for one of several choices (`n` in the request): the others are left out, never mixed in. */
export function openaiChoice(index: number): Dialect {
  return {
    name: 'openai-chat',
    open: (state) => new OpenaiChatReader(index, isRaw(state) ? state : {}),
    chat: (body) => ({ path: '/chat/completions', json: { ...body, stream: true } }),
    auth: (apiKey, baseUrl) => (AZURE.test(baseUrl) ? { 'api-key': apiKey } : undefined),
  }
}

const AZURE = /\.azure\.com(:\d+)?\//i

class OpenaiChatReader implements DialectReader, ObjectReader {
  readonly #index: number
  readonly #calls: Calls
  /** What has come in deltas: a `message` that sums them up has nothing new. */
  readonly #said: Set<unknown>
  #state: { readonly said: readonly unknown[]; readonly refusal: boolean } | undefined
  #about: About | undefined
  #isFinished = false
  #lastSaid: unknown
  #isRefusal = false
  #hasUsage = false

  constructor(index: number, { calls, said, refusal }: Raw) {
    this.#isRefusal = refusal === true
    this.#index = index
    this.#calls = new Calls(rawsIn(calls))
    this.#said = new Set(Array.isArray(said) ? said : [])
  }

  about(): About | undefined {
    return this.#about
  }

  state(): unknown {
    if (this.#said.size === 0) return undefined
    // It is asked for at each read, and seldom another.
    const calls = this.#calls.state
    if (calls || this.#state?.said.length !== this.#said.size || this.#state?.refusal !== this.#isRefusal)
      this.#state = { said: [...this.#said], refusal: this.#isRefusal, ...(calls && { calls }) }
    return this.#state
  }

  read({ data }: { readonly data: string }, deltas: Delta[]): Verdict {
    return readObjects(data, this, deltas)
  }

  done(deltas: Delta[]): Verdict {
    return this.#finish(undefined, deltas) ?? 'end'
  }

  // Each field is looked up once: objects of every shape come by, so a look-up is what an event costs.
  take(chunk: Raw, deltas: Delta[]): Verdict {
    const { object, choices, usage, x_groq } = chunk
    const groq = isRaw(x_groq) ? x_groq : undefined
    // The latest: some servers give each chunk an id of its own, which then tells nothing of the answer.
    if (chunk.id && chunk.id !== this.#about?.id) this.#about = aboutOf(chunk)
    const isKnown = Array.isArray(choices) && choices.length > 0
    // Some servers put an error beside a last, empty list.
    if (!isKnown && isError(chunk)) return errorOf(chunk)
    if (groq?.error) return errorOf(groq)
    const failure = isKnown ? this.#readChoices(choices, deltas) : undefined
    if (failure) return failure
    if (usage || groq) this.#count(usage ?? groq?.usage, deltas)
    return choices || usage || groq || textOf(object).startsWith('chat.completion') ? 'more' : 'foreign'
  }

  #readChoices(choices: readonly unknown[], deltas: Delta[]): ApiError | undefined {
    for (const choice of choices) {
      if (!isRaw(choice) || indexOf(choice.index) !== this.#index) continue
      const failure = this.#readChoice(choice, deltas)
      if (failure) return failure
    }
    return undefined
  }

  #readChoice(choice: Raw, deltas: Delta[]): ApiError | undefined {
    const { delta, message, finish_reason: reason = choice.finishReason } = choice
    const from = deltas.length
    // Servers of one's own leave out what stands around the text.
    const piece: Raw = isRaw(delta) ? delta : { content: choice.text ?? choice.content ?? delta }
    this.#readDelta(piece, deltas)
    // A server that ignores `stream: true` sends one `message` instead of deltas; others send one after them, or beside.
    if (message && deltas.length === from)
      this.#readMessage(isRaw(message) ? message : { content: message }, deltas)
    for (let at = from; at < deltas.length; at++)
      if (deltas[at]?.type !== this.#lastSaid) this.#note(deltas[at]?.type)
    this.#count(choice.usage, deltas)
    if (choice.error) return errorOf(choice)
    if (piece.error) return errorOf(piece)
    const raw = rawReasonOf(reason)
    if (!raw) return undefined
    // OpenRouter calls what its provider broke off `stop`.
    const native = rawReasonOf(choice.native_finish_reason)
    return this.#finish(native && !reasonOf(native) ? native : raw, deltas)
  }

  #note(type: unknown): void {
    this.#lastSaid = type
    this.#said.add(type)
  }

  #readMessage(message: Raw, deltas: Delta[]): void {
    const whole: Delta[] = []
    // An empty list, for without one the other spelling would be looked at.
    const before = this.#said.has('tool-call')
      ? { ...message, tool_calls: [], function_call: undefined }
      : message
    this.#readDelta(before, whole)
    deltas.push(...whole.filter(({ type }) => !this.#said.has(type)))
  }

  #readDelta(delta: Raw, deltas: Delta[]): void {
    const { content = delta.text, refusal, function_call: call, audio } = delta
    const { tool_calls: calls = delta.toolCalls } = delta
    readReasoning(delta, deltas)
    // What nearly every event holds.
    if (typeof content === 'string') pushText(deltas, 'text', content)
    else readParts(content, deltas)
    if (wordOf(refusal)) {
      this.#isRefusal = true
      pushText(deltas, 'text', refusal)
    }
    if (isRaw(audio)) pushText(deltas, 'text', audio.transcript)
    if (calls) for (const each of rawsIn(calls)) this.#readCall(each, deltas)
    // What tools were called before they were tools.
    if (isRaw(call)) this.#readCall({ function: call }, deltas)
  }

  #readCall(call: Raw, deltas: Delta[]): void {
    const { function: named = call.custom } = call
    const { name, arguments: args, input } = isRaw(named) ? named : {}
    const piece = {
      given: numberOf(call.index),
      id: textOf(call.id),
      name: textOf(name),
      arguments: pieceOf(args ?? input),
    }
    const { id } = piece
    deltas.push({ type: 'tool-call', id, name: piece.name, ...this.#calls.take(piece) })
  }

  #count(usage: unknown, deltas: Delta[]): void {
    if (!isRaw(usage)) return
    const counts = countsIn(usage)
    // Zeros at the end take nothing back.
    if (this.#hasUsage && !counts.inputTokens && !counts.outputTokens && !counts.totalTokens) return
    this.#hasUsage = true
    deltas.push({ type: 'usage', usage: counts })
  }

  #finish(raw: string | undefined, deltas: Delta[]): ApiError | undefined {
    if (this.#isFinished) return undefined
    this.#isFinished = true
    for (const index of this.#calls.empty) pushCall(deltas, index, { args: '{}' })
    return finish(raw, deltas, { isRefusal: this.#isRefusal })
  }
}

/** Some servers send their numbers as texts. */
function numberOf(index: unknown): number | undefined {
  const number = typeof index === 'string' && /^\d{1,9}$/.test(index) ? Number(index) : index
  return Number.isSafeInteger(number) ? (number as number) : undefined
}

/** Under the first of its names that says something. */
function readReasoning(delta: Raw, deltas: Delta[]): void {
  const { reasoning_content: first, reasoning, thinking, reasoning_text: text } = delta
  const said = first || reasoning || thinking || text || delta.reasoning_details
  if (typeof said === 'string') pushText(deltas, 'reasoning', said)
  else if (said) for (const part of rawsIn(said)) pushText(deltas, 'reasoning', part.text ?? part.summary)
}

/** Content in parts: Mistral's `thinking` holds parts of its own. Some servers send the one part without a list. */
function readParts(content: unknown, deltas: Delta[]): void {
  for (const part of [content].flat()) {
    const { text, thinking } = isRaw(part) ? part : { text: part }
    pushText(deltas, 'text', text)
    pushText(deltas, 'reasoning', thinking)
    for (const thought of rawsIn(thinking)) pushText(deltas, 'reasoning', thought.text)
  }
}
