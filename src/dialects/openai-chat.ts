import { ApiError } from '../errors.ts'
import type { Delta, FinishReason, Usage } from '../events.ts'
import { providerError } from '../provider-error.ts'
import type { Dialect, DialectReader, Verdict } from './dialect.ts'

/**
 * OpenAI chat completions, and the many servers that speak like it.
 *
 * An answer is whole when a `finish_reason` has come or the stream says `[DONE]`; servers leave out either. The
 * usage chunk comes after `finish_reason`, so only `[DONE]` ends the reading.
 *
 * @see https://platform.openai.com/docs/api-reference/chat-streaming
 */
export const openaiChat: Dialect = { name: 'openai-chat', open: () => new OpenaiChatReader() }

// Every field is the provider's word, so every one is doubted.
interface Chunk {
  readonly error?: unknown
  readonly choices?: readonly (Choice | null)[] | null
  readonly usage?: RawUsage | null
}

interface Choice {
  readonly index?: number
  readonly delta?: RawDelta | null
  readonly finish_reason?: string | null
}

interface RawDelta {
  readonly content?: unknown
  readonly reasoning_content?: unknown
  readonly reasoning?: unknown
  readonly tool_calls?: unknown
}

interface RawToolCall {
  readonly index?: unknown
  readonly id?: unknown
  readonly function?: { readonly name?: unknown; readonly arguments?: unknown } | null
}

interface RawUsage {
  readonly prompt_tokens?: number
  readonly completion_tokens?: number
  readonly total_tokens?: number
  readonly completion_tokens_details?: { readonly reasoning_tokens?: number } | null
  readonly prompt_tokens_details?: { readonly cached_tokens?: number } | null
}

class OpenaiChatReader implements DialectReader {
  #finished = false

  read({ data }: { readonly data: string }, deltas: Delta[]): Verdict {
    if (data === '[DONE]') {
      this.#finish(undefined, deltas)
      return 'end'
    }
    const chunk = parse(data)
    if (!chunk) return 'malformed'
    // Before the choices: some servers put an error beside a last, empty choice.
    const error = chunk.error ? providerError(chunk) : undefined
    if (error) return new ApiError(error)
    const choices = Array.isArray(chunk.choices) ? chunk.choices : []
    for (const choice of choices) {
      if (!choice || (choice.index ?? 0) !== 0) continue
      if (choice.finish_reason === 'error') return new ApiError(UNNAMED)
      if (choice.delta) readDelta(choice.delta, deltas)
      if (choice.finish_reason) this.#finish(choice.finish_reason, deltas)
    }
    if (chunk.usage) deltas.push({ type: 'usage', usage: usage(chunk.usage) })
    return 'more'
  }

  #finish(raw: string | undefined, deltas: Delta[]): void {
    if (this.#finished) return
    this.#finished = true
    deltas.push({
      type: 'finish',
      reason: raw === undefined ? 'unknown' : (REASONS.get(raw) ?? 'other'),
      raw,
    })
  }
}

const UNNAMED = Object.freeze({ message: undefined, type: 'error', code: undefined })

const REASONS: ReadonlyMap<string, FinishReason> = new Map<string, FinishReason>([
  ['stop', 'stop'],
  ['length', 'length'],
  ['tool_calls', 'tool-calls'],
  ['function_call', 'tool-calls'],
  ['content_filter', 'content-filter'],
])

function parse(data: string): Chunk | undefined {
  try {
    const chunk: unknown = JSON.parse(data)
    return typeof chunk === 'object' && chunk !== null ? chunk : undefined
  } catch {
    return undefined
  }
}

function readDelta(delta: RawDelta, deltas: Delta[]): void {
  const reasoning = delta.reasoning_content ?? delta.reasoning
  if (typeof reasoning === 'string' && reasoning !== '') deltas.push({ type: 'reasoning', text: reasoning })
  if (typeof delta.content === 'string' && delta.content !== '')
    deltas.push({ type: 'text', text: delta.content })
  if (!Array.isArray(delta.tool_calls)) return
  for (const call of delta.tool_calls as readonly (RawToolCall | null)[]) {
    if (!call) continue
    deltas.push({
      type: 'tool-call',
      index: typeof call.index === 'number' ? call.index : 0,
      id: textOr(call.id),
      name: textOr(call.function?.name),
      arguments: textOr(call.function?.arguments),
    })
  }
}

function textOr(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

function usage(raw: RawUsage): Usage {
  const counts = {
    inputTokens: raw.prompt_tokens,
    outputTokens: raw.completion_tokens,
    totalTokens: raw.total_tokens,
    reasoningTokens: raw.completion_tokens_details?.reasoning_tokens,
    cachedTokens: raw.prompt_tokens_details?.cached_tokens,
  }
  const given = Object.entries(counts).filter(([, count]) => typeof count === 'number')
  return { ...Object.fromEntries(given), raw }
}
