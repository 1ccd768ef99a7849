import type { StreamError } from '../errors/errors.ts'
import type { Delta } from '../events.ts'
import type { About, Dialect, DialectReader, Verdict } from './dialect.ts'
import { readObjects } from './json.ts'
import { Kept } from './kept.ts'
import { anyCountsIn } from './other-usage.ts'
import { type PartialCall, partialArgOf, withPiece } from './partial-args.ts'
import { finish, rawReasonOf } from './reasons.ts'
import { aboutOf, indexOf, isRaw, pushCall, pushText, type Raw, rawsIn, textOf, wordOf } from './values.ts'

/**
 * Gemini's `streamGenerateContent`, as events (`alt=sse`) or as the JSON array it sends without.
 *
 * An answer is whole when a `finishReason` has come *and* the stream has ended: translators put one on empty leading
 * frames, and old versions on every frame. Google's client for Python spells the names with underscores, and servers of one's
 * own pass such chunks on.
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
  /** A call whose arguments come in pieces. */
  #open: PartialCall | undefined
  readonly #kept = new Kept()
  #failure: StreamError | undefined

  constructor(state: Raw) {
    this.#calls = indexOf(state.calls)
    this.#raw = wordOf(state.raw)
    this.#open = isRaw(state.open) ? { args: {}, texts: {}, ...state.open } : undefined
  }

  about(): About | undefined {
    return this.#about
  }

  state(): unknown {
    if (this.#calls === 0 && !this.#raw) return undefined
    return { calls: this.#calls, raw: this.#raw, ...(this.#open && { open: this.#open }) }
  }

  read({ data }: { readonly data: string }, deltas: Delta[]): Verdict {
    return readObjects(data, this, deltas)
  }

  take(chunk: Raw, deltas: Delta[]): Verdict {
    const { candidates, promptFeedback: feedback = chunk.prompt_feedback } = chunk
    const { usageMetadata: usage = chunk.usage_metadata, responseId: id = chunk.response_id } = chunk
    const { modelVersion: model = chunk.model_version } = chunk
    const from = deltas.length
    if (id || model) this.#about ??= aboutOf({ id, model })
    let isActive = false
    for (const candidate of rawsIn(candidates)) {
      // Of several candidates the first.
      if ((candidate.index ?? 0) !== 0) continue
      const parts = rawsIn(isRaw(candidate.content) ? candidate.content.parts : undefined)
      for (const part of parts) this.#readPart(part, deltas)
      // Code that the provider runs, and what it prints.
      isActive = parts.length > 0 && deltas.length === from
      this.#raw = rawReasonOf(candidate.finishReason ?? candidate.finish_reason) ?? this.#raw
    }
    if (isRaw(feedback)) this.#raw = wordOf(feedback.blockReason ?? feedback.block_reason) ?? this.#raw
    if (isRaw(usage)) deltas.push({ type: 'usage', usage: anyCountsIn(usage) })
    if (this.#kept.overflow) return this.#kept.overflow
    if (isActive) return 'active'
    return candidates || feedback || usage || id ? 'more' : 'foreign'
  }

  close(deltas: Delta[]): void {
    if (!this.#raw) return
    this.#closeCall(deltas)
    this.#failure = finish(this.#raw, deltas, { hasCalls: this.#calls > 0 })
  }

  unfinished(): StreamError | undefined {
    return this.#failure
  }

  #readPart(part: Raw, deltas: Delta[]): void {
    pushText(deltas, part.thought === true ? 'reasoning' : 'text', part.text)
    const { functionCall: call = part.function_call } = part
    if (isRaw(call)) this.#readCall(call, deltas)
  }

  #readCall(call: Raw, deltas: Delta[]): void {
    const { id, name, partialArgs = call.partial_args, willContinue = call.will_continue } = call
    const args = call.args ?? {}
    if (name && this.#open) this.#closeCall(deltas)
    const isPiece = this.#open !== undefined || willContinue === true || partialArgs !== undefined
    if (!isPiece) {
      pushCall(deltas, this.#calls++, { id, name, args })
      return
    }
    if (!this.#open) {
      pushCall(deltas, this.#calls++, { id, name })
      this.#open = { args: {}, texts: {} }
    }
    for (const piece of rawsIn(partialArgs).map(partialArgOf)) {
      this.#kept.grow(piece.path.length + textOf(piece.value).length)
      this.#open = withPiece(this.#open, piece)
    }
    if (willContinue !== true) this.#closeCall(deltas)
  }

  #closeCall(deltas: Delta[]): void {
    if (this.#open) pushCall(deltas, this.#calls - 1, { args: this.#open.args })
    this.#open = undefined
  }
}
