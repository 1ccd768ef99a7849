import type { Delta, FinishReason } from '../events.ts'
import type { About, Dialect, DialectReader, Verdict } from './dialect.ts'
import {
  aboutOf,
  errorIn,
  indexOf,
  isRaw,
  pushCall,
  pushText,
  type Raw,
  rawsIn,
  readObjects,
  usageOf,
  wordOf,
} from './json.ts'

/**
 * Gemini's `streamGenerateContent`, as events (`alt=sse`) or as the JSON array it sends without.
 *
 * An answer is whole when a `finishReason` has come *and* the stream has ended: translators put one on empty leading
 * frames, and old versions on every frame.
 *
 * @see https://ai.google.dev/api/generate-content#method:-models.streamgeneratecontent
 */
export const gemini: Dialect = {
  name: 'gemini',
  // The model stands in the path; in the body it is only for us.
  chat(body) {
    const { model, ...json } = body as { readonly model?: unknown }
    if (typeof model !== 'string' || model === '')
      throw new TypeError(`model must be the name of a model; received ${String(model)}`)
    const name = model.includes('/') ? model : `models/${model}`
    return { path: `/${name}:streamGenerateContent?alt=sse`, json }
  },
  auth: (apiKey) => ({ 'x-goog-api-key': apiKey }),
  open: (state) => new GeminiReader(isRaw(state) ? state : {}),
}

class GeminiReader implements DialectReader {
  #calls: number
  #about: About | undefined
  #raw: string | undefined

  constructor(state: Raw) {
    this.#calls = indexOf(state.calls)
    this.#raw = wordOf(state.raw)
  }

  about(): About | undefined {
    return this.#about
  }

  state(): unknown {
    return this.#calls > 0 || this.#raw ? { calls: this.#calls, raw: this.#raw } : undefined
  }

  read({ data }: { readonly data: string }, deltas: Delta[]): Verdict {
    return data === '[DONE]' ? 'more' : readObjects(data, this, deltas)
  }

  take(chunk: Raw, deltas: Delta[]): Verdict {
    const error = chunk.error ? errorIn(chunk) : undefined
    if (error) return error
    if (chunk.responseId) this.#about ??= aboutOf({ id: chunk.responseId, model: chunk.modelVersion })
    for (const candidate of rawsIn(chunk.candidates)) {
      // Of several candidates the first.
      if ((candidate.index ?? 0) !== 0) continue
      if (isRaw(candidate.content))
        for (const part of rawsIn(candidate.content.parts)) this.#readPart(part, deltas)
      this.#raw = wordOf(candidate.finishReason) ?? this.#raw
    }
    const feedback = chunk.promptFeedback
    if (isRaw(feedback)) this.#raw = wordOf(feedback.blockReason) ?? this.#raw
    if (isRaw(chunk.usageMetadata)) deltas.push({ type: 'usage', usage: countsIn(chunk.usageMetadata) })
    return 'more'
  }

  close(deltas: Delta[]): void {
    if (!this.#raw) return
    const reason = REASONS.get(this.#raw) ?? 'other'
    deltas.push({
      type: 'finish',
      reason: reason === 'stop' && this.#calls > 0 ? 'tool-calls' : reason,
      raw: this.#raw,
    })
  }

  #readPart(part: Raw, deltas: Delta[]): void {
    pushText(deltas, part.thought === true ? 'reasoning' : 'text', part.text)
    if (isRaw(part.functionCall)) pushCall(deltas, this.#calls++, part.functionCall)
  }
}

const REASONS: ReadonlyMap<string, FinishReason> = new Map<string, FinishReason>([
  ['STOP', 'stop'],
  ['MAX_TOKENS', 'length'],
  ['FINISH_REASON_UNSPECIFIED', 'unknown'],
  ['SAFETY', 'content-filter'],
  ['RECITATION', 'content-filter'],
  ['BLOCKLIST', 'content-filter'],
  ['PROHIBITED_CONTENT', 'content-filter'],
  ['SPII', 'content-filter'],
  ['MODEL_ARMOR', 'content-filter'],
  ['JAILBREAK', 'content-filter'],
  ['IMAGE_SAFETY', 'content-filter'],
  ['IMAGE_PROHIBITED_CONTENT', 'content-filter'],
  ['IMAGE_RECITATION', 'content-filter'],
])

function countsIn(usage: Raw) {
  return usageOf(
    {
      inputTokens: usage.promptTokenCount,
      outputTokens: usage.candidatesTokenCount,
      totalTokens: usage.totalTokenCount,
      reasoningTokens: usage.thoughtsTokenCount,
      cachedTokens: usage.cachedContentTokenCount,
    },
    usage,
  )
}
