import type { ApiError } from '../errors/errors.ts'
import type { Delta, FinishReason } from '../events.ts'
import type { About, Dialect, DialectReader, Verdict } from './dialect.ts'
import {
  aboutOf,
  errorIn,
  errorOf,
  indexOf,
  isRaw,
  pushText,
  type Raw,
  rawsIn,
  readObjects,
  textOf,
  usageOf,
  wordOf,
} from './json.ts'

/**
 * OpenAI chat completions, and the many servers that speak like it: Azure, DeepSeek, OpenRouter, Groq, xAI, Mistral,
 * vLLM, SGLang, llama.cpp, Ollama under `/v1`.
 *
 * An answer is whole when a `finish_reason` has come or the stream says `[DONE]`; servers leave out either. The
 * usage chunk comes after `finish_reason`, so only `[DONE]` ends the reading.
 *
 * @see https://platform.openai.com/docs/api-reference/chat-streaming
 */
export const openaiChat: Dialect = openaiChoice(0)

/** The same for one of several choices (`n` in the request): the others are left out, never mixed in. */
export function openaiChoice(index: number): Dialect {
  return {
    name: 'openai-chat',
    open: () => new OpenaiChatReader(index),
    chat: (body) => ({ path: '/chat/completions', json: { ...body, stream: true } }),
    auth: (apiKey, baseUrl) => (AZURE.test(baseUrl) ? { 'api-key': apiKey } : undefined),
  }
}

const AZURE = /\.azure\.com(:\d+)?\//i

class OpenaiChatReader implements DialectReader {
  readonly #index: number
  #about: About | undefined
  #isFinished = false
  #isRefusal = false

  constructor(index: number) {
    this.#index = index
  }

  about(): About | undefined {
    return this.#about
  }

  read({ data }: { readonly data: string }, deltas: Delta[]): Verdict {
    if (data !== '[DONE]') return readObjects(data, this, deltas)
    this.#finish(undefined, deltas)
    return 'end'
  }

  // Each field is looked up once: objects of every shape come by, so a look-up is what an event costs.
  take(chunk: Raw, deltas: Delta[]): Verdict {
    const { error, object, choices, usage, x_groq: groq } = chunk
    // Before the choices: some servers put an error beside a last, empty choice.
    const failure = error || object === 'error' || groq ? failureIn(chunk, groq) : undefined
    if (failure) return failure
    // The latest: some servers give each chunk an id of its own, which then tells nothing of the answer.
    if (chunk.id && chunk.id !== this.#about?.id) this.#about = aboutOf(chunk)
    if (Array.isArray(choices))
      for (const choice of choices) {
        if (!isRaw(choice) || indexOf(choice.index) !== this.#index) continue
        if (choice.finish_reason === 'error') return errorOf(undefined)
        this.#readChoice(choice, deltas)
      }
    const counts = usage ?? (isRaw(groq) ? groq.usage : undefined)
    if (isRaw(counts)) deltas.push({ type: 'usage', usage: countsIn(counts) })
    return 'more'
  }

  #readChoice(choice: Raw, deltas: Delta[]): void {
    // A server that ignores `stream: true` sends one `message` instead of deltas.
    const delta = choice.delta ?? choice.message
    if (isRaw(delta) && readDelta(delta, deltas)) this.#isRefusal = true
    const raw = wordOf(choice.finish_reason)
    if (raw) this.#finish(raw, deltas)
  }

  #finish(raw: string | undefined, deltas: Delta[]): void {
    if (this.#isFinished) return
    this.#isFinished = true
    const reason = raw === undefined ? 'unknown' : (REASONS.get(raw) ?? 'other')
    deltas.push({ type: 'finish', reason: this.#isRefusal ? 'content-filter' : reason, raw })
  }
}

const REASONS: ReadonlyMap<string, FinishReason> = new Map<string, FinishReason>([
  ['stop', 'stop'],
  ['length', 'length'],
  ['tool_calls', 'tool-calls'],
  ['function_call', 'tool-calls'],
  ['content_filter', 'content-filter'],
])

/** `{ error }`, Groq's `{ x_groq: { error } }`, and vLLM's old `{ object: 'error', message }`. */
function failureIn(chunk: Raw, groq: unknown): ApiError | undefined {
  const isOwn = chunk.error || chunk.object === 'error'
  return errorIn(isOwn ? chunk : isRaw(groq) && groq.error ? groq : undefined)
}

/** Whether the model refuses. */
function readDelta(delta: Raw, deltas: Delta[]): boolean {
  const { content, refusal, tool_calls: calls, function_call: call } = delta
  pushText(deltas, 'reasoning', delta.reasoning_content ?? delta.reasoning ?? delta.thinking)
  if (typeof content === 'string') pushText(deltas, 'text', content)
  else if (content) readParts(content, deltas)
  pushText(deltas, 'text', refusal)
  if (calls) for (const each of rawsIn(calls)) readCall(each, deltas)
  // What tools were called before they were tools.
  if (isRaw(call)) readCall({ function: call }, deltas)
  return wordOf(refusal) !== undefined
}

/** Mistral's content in parts: `thinking` holds parts of its own. */
function readParts(content: unknown, deltas: Delta[]): void {
  for (const part of rawsIn(content)) {
    pushText(deltas, 'text', part.text)
    for (const thought of rawsIn(part.thinking)) pushText(deltas, 'reasoning', thought.text)
  }
}

function readCall(call: Raw, deltas: Delta[]): void {
  const named = isRaw(call.function) ? call.function : {}
  deltas.push({
    type: 'tool-call',
    index: indexOf(call.index),
    id: textOf(call.id),
    name: textOf(named.name),
    arguments: textOf(named.arguments),
  })
}

function countsIn(usage: Raw) {
  const { completion_tokens_details: output, prompt_tokens_details: input } = usage
  return usageOf(
    {
      inputTokens: usage.prompt_tokens,
      outputTokens: usage.completion_tokens,
      totalTokens: usage.total_tokens,
      reasoningTokens: isRaw(output) ? output.reasoning_tokens : undefined,
      cachedTokens: isRaw(input) ? input.cached_tokens : usage.prompt_cache_hit_tokens,
    },
    usage,
  )
}
