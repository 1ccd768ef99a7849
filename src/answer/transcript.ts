import { ProtocolError } from '../errors/errors.ts'
import type { Answer, AttemptStats, Delta, Stats, ToolCall, ToolCallDelta } from '../events.ts'
import { Replay } from './replay.ts'

/** Bounds on an answer. */
export interface TranscriptLimits {
  /**
   * The longest answer, in characters (UTF-16 units) of text, reasoning and tool-call arguments together.
   * @defaultValue 67 108 864 (64 Mi)
   */
  readonly maxAnswerChars?: number | undefined
}

/** The default bound. */
export const transcriptLimits: { readonly maxAnswerChars: number } = Object.freeze({
  maxAnswerChars: 64 * 1024 * 1024,
})

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

/**
 * What has arrived: the answer as the caller has seen it, whatever attempt it came from. A further attempt is
 * laid against it by {@link align}, so that text is never doubled and never mixed from two answers.
 */
export class Transcript {
  readonly stats: Mutable<Omit<Stats, 'attempts'>> & { readonly attempts: Mutable<AttemptStats>[] } = {
    attempts: [],
    headersMs: undefined,
    firstByteMs: undefined,
    firstDeltaMs: undefined,
    totalMs: undefined,
    longestGapMs: 0,
    bytes: 0,
    events: 0,
    keepAlives: 0,
    malformed: 0,
  }
  readonly #maxChars: number
  readonly #toolCalls: Mutable<ToolCall>[] = []
  readonly #byIndex = new Map<number, Mutable<ToolCall>>()
  readonly #answer: Mutable<Answer> = {
    text: '',
    reasoning: '',
    toolCalls: this.#toolCalls,
    finishReason: undefined,
    usage: undefined,
    id: undefined,
    model: undefined,
    stats: this.stats,
  }
  #chars = 0
  #steps = 0
  #replay: Replay | undefined
  /** How much of each channel stood when the last read had been handed out in full, in UTF-16 units. */
  readonly #mark = { text: 0, reasoning: 0 }
  /** The same of each tool call's arguments. */
  readonly #marks = new Map<ToolCall, number>()
  /** The calls that have grown since: to look at all of them after each read would cost the square of their number. */
  readonly #unmarked = new Set<ToolCall>()

  constructor(maxAnswerChars: number) {
    this.#maxChars = maxAnswerChars
  }

  /** The answer so far: one live object that grows. Read it, do not keep it. */
  get live(): Answer {
    return this.#answer
  }

  /** Whether the answer is whole. */
  get isFinished(): boolean {
    return this.#answer.finishReason !== undefined
  }

  /** Whether anything of an answer has arrived. */
  get hasContent(): boolean {
    return this.#chars > 0 || this.#toolCalls.length > 0
  }

  /** Pieces of content taken in so far: it grows when the answer gets on, and only then. */
  get steps(): number {
    return this.#steps
  }

  /** Whether a further attempt is still repeating what was handed out before. */
  get isReplaying(): boolean {
    return this.#replay !== undefined
  }

  /** The answer is given from its start. What comes is laid against what there is. */
  beginAnew(): void {
    this.#answer.usage = undefined
    const { text, reasoning } = this.#answer
    this.#replay = this.hasContent
      ? new Replay({ text, reasoning, hasToolCalls: this.#toolCalls.length > 0 })
      : undefined
  }

  /**
   * Lays an attempt's deltas against what was handed out before: what only repeats it is left out; where the new
   * answer goes another way there is one `rewind` to the common beginning. On a first attempt the batch comes back
   * as it is.
   */
  align(batch: readonly Delta[]): readonly Delta[] {
    if (!this.#replay) return batch
    const aligned = this.#replay.align(batch)
    if (this.#replay.isOver) this.#replay = undefined
    return aligned
  }

  /** All that one read has brought has been handed out; `about` is who made it, once that is known. */
  mark(about?: { readonly id: string | undefined; readonly model: string | undefined }): void {
    if (about) {
      this.#answer.id = about.id
      this.#answer.model = about.model
    }
    this.#mark.text = this.#answer.text.length
    this.#mark.reasoning = this.#answer.reasoning.length
    for (const call of this.#unmarked) this.#marks.set(call, call.arguments.length)
    this.#unmarked.clear()
  }

  /** The answer as it stood at the last {@link mark}: in the middle of a batch there is nothing to go on from. */
  marked(): Pick<Answer, 'text' | 'reasoning' | 'toolCalls'> {
    const { text, reasoning } = this.#mark
    return {
      text: this.#answer.text.slice(0, text),
      reasoning: this.#answer.reasoning.slice(0, reasoning),
      toolCalls: [...this.#marks].map(([call, length]) => ({
        ...call,
        arguments: call.arguments.slice(0, length),
      })),
    }
  }

  /**
   * Takes in one delta that is being handed out.
   *
   * @throws ProtocolError when the answer outgrows its bound.
   */
  add(delta: Delta): void {
    switch (delta.type) {
      // Spelled out twice: a key that varies would cost a look-up for every token.
      case 'text':
        this.#answer.text += delta.text
        this.#grow(delta.text.length)
        break
      case 'reasoning':
        this.#answer.reasoning += delta.text
        this.#grow(delta.text.length)
        break
      case 'tool-call':
        this.#addToolCall(delta)
        break
      case 'rewind':
        this.#rewind(delta.text, delta.reasoning)
        break
      case 'usage':
        this.#answer.usage = delta.usage
        break
      case 'finish':
        this.#answer.finishReason = delta.reason
        break
    }
  }

  /** The answer so far as a copy that stays as it is. */
  snapshot(): Answer {
    return {
      ...this.#answer,
      toolCalls: this.#toolCalls.map((call) => ({ ...call })),
      stats: { ...this.stats, attempts: this.stats.attempts.map((attempt) => ({ ...attempt })) },
    }
  }

  /** What has arrived, as deltas, for a reader that comes late. */
  recall(): Delta[] {
    return deltasOf(this.#answer)
  }

  #addToolCall(delta: ToolCallDelta): void {
    let call = this.#byIndex.get(delta.index)
    if (!call) {
      call = { index: delta.index, id: '', name: '', arguments: '' }
      this.#byIndex.set(delta.index, call)
      this.#toolCalls.push(call)
    }
    if (delta.id) call.id = delta.id
    if (delta.name) call.name = delta.name
    call.arguments += delta.arguments
    this.#unmarked.add(call)
    // One for the call itself: a stream of empty calls has to meet the bound, too.
    this.#grow(delta.arguments.length + 1)
  }

  #rewind(text: number, reasoning: number): void {
    this.#answer.text = this.#answer.text.slice(0, text)
    this.#answer.reasoning = this.#answer.reasoning.slice(0, reasoning)
    this.#toolCalls.length = 0
    this.#byIndex.clear()
    this.#marks.clear()
    this.#unmarked.clear()
    this.#chars = this.#answer.text.length + this.#answer.reasoning.length
    this.mark()
  }

  #grow(chars: number): void {
    if (chars > 0) this.#steps++
    this.#chars += chars
    if (this.#maxChars > 0 && this.#chars > this.#maxChars)
      throw new ProtocolError(`The answer is longer than ${this.#maxChars} characters (maxAnswerChars)`)
  }
}

/** The deltas an answer, or a part of one, can be made of. */
export function deltasOf({
  text,
  reasoning,
  toolCalls,
  usage,
  finishReason,
}: Pick<Answer, 'text' | 'reasoning' | 'toolCalls'> & Partial<Answer>): Delta[] {
  const deltas: Delta[] = []
  if (reasoning) deltas.push({ type: 'reasoning', text: reasoning })
  if (text) deltas.push({ type: 'text', text })
  for (const call of toolCalls) deltas.push({ type: 'tool-call', ...call })
  if (usage) deltas.push({ type: 'usage', usage })
  if (finishReason) deltas.push({ type: 'finish', reason: finishReason, raw: undefined })
  return deltas
}
