import { type Answer, type Delta, nothing, type Place, type ToolCall, type ToolCallDelta } from '../events.ts'
import { GrowingText } from '../growing-text.ts'
import { Bound, CALL_CHARS } from './bound.ts'
import { type Measurements, measurements, snapshotOf } from './measurements.ts'
import type { Known, Replay } from './replay.ts'

/**
 * Makes the comparison of a stream with what there was; see {@link Replay}.
 *
 * @param from - where the stream goes on; absent: it is an answer from its start.
 * @param before - a comparison that was under way when the stream broke.
 */
export type Compare = (known: Known, from: Place | undefined, before: Replay | undefined) => Replay

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

/**
 * What has arrived: the answer as the caller has seen it, whatever attempt it came from. What a further attempt brings
 * is laid against it by {@link align}, so that text is never doubled and never mixed from two answers.
 */
export class Transcript {
  readonly stats: Measurements = measurements()
  readonly bound: Bound
  readonly #text = new GrowingText()
  readonly #reasoning = new GrowingText()
  readonly #toolCalls: Mutable<ToolCall>[] = []
  readonly #byIndex = new Map<number, Mutable<ToolCall>>()
  readonly #arguments = new Map<number, GrowingText>()
  readonly #answer: Mutable<Answer> = { ...nothing, toolCalls: this.#toolCalls, stats: this.stats }
  #replay: Replay | undefined
  readonly #replayOf: Compare | undefined

  /**
   * @param replayOf - compares what comes with what there was; without it, what there was is forgotten.
   * @param from - what was there before, of a reply that goes on from a checkpoint.
   */
  constructor(maxAnswerChars: number, replayOf?: Compare, from?: Known) {
    this.bound = new Bound(maxAnswerChars)
    this.#replayOf = replayOf
    for (const delta of from ? deltasOf(from) : []) this.add(delta)
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
    return this.bound.content > 0 || this.#toolCalls.length > 0
  }

  /** Pieces of content taken in so far: it grows when the answer gets on, and only then. */
  get steps(): number {
    return this.bound.steps
  }

  /** Whether what comes is still being compared with what was handed out before. */
  get isReplaying(): boolean {
    return this.#replay !== undefined
  }

  /** The answer is given from its start. What comes is laid against what there is. */
  beginAnew(): void {
    // Of the first attempt there is nothing.
    if (!this.#replay && !this.hasContent && !this.#answer.usage) return
    this.bound.replace(this.#answer.usage?.raw, undefined)
    this.#answer.usage = undefined
    this.#compare()
  }

  /** The stream goes on at a place, which may lie before the end of what there is. */
  goOnAt(place: Place): void {
    this.#compare(place, this.#replay)
  }

  #compare(from?: Place, before?: Replay): void {
    if (!this.#replayOf) this.#rewind(0, 0)
    const replay = this.hasContent ? this.#replayOf?.(this.content, from, before) : undefined
    this.#replay = replay?.isOver ? undefined : replay
  }

  /** What there is, as a copy that stays as it is. */
  get content(): Known {
    const { text, reasoning } = this.#answer
    return { text, reasoning, toolCalls: this.#toolCalls.map((call) => ({ ...call })) }
  }

  /**
   * Lays an attempt's deltas against what was handed out before: what only repeats it is left out; where the new
   * answer goes another way there is one `rewind` to the common beginning. Where there is nothing to compare, the batch
   * comes back as it is.
   *
   * @throws ProtocolError when a stream that was to go on contradicts itself.
   */
  align(batch: readonly Delta[]): readonly Delta[] {
    if (!this.#replay) return batch
    const aligned = this.#replay.align(batch)
    if (this.#replay.isOver) this.#replay = undefined
    return aligned
  }

  /**
   * Who makes the answer.
   *
   * @throws ProtocolError when the answer would outgrow its bound.
   */
  sign(about: Pick<Answer, 'id' | 'model'>): void {
    const { id, model } = this.#answer
    if (about.id === id && about.model === model) return
    this.bound.replace({ id, model }, about)
    this.#answer.id = about.id
    this.#answer.model = about.model
  }

  /**
   * Takes in one delta that is being handed out.
   *
   * @throws ProtocolError when the answer would outgrow its bound; then it has not been taken in.
   */
  add(delta: Delta): void {
    switch (delta.type) {
      // Spelled out twice: a key that varies would cost a look-up for every token.
      case 'text':
        this.bound.add(delta.text.length)
        this.#answer.text = this.#text.add(delta.text)
        break
      case 'reasoning':
        this.bound.add(delta.text.length)
        this.#answer.reasoning = this.#reasoning.add(delta.text)
        break
      case 'tool-call':
        this.#addToolCall(delta)
        break
      case 'rewind':
        this.#rewind(delta.text, delta.reasoning)
        break
      case 'usage':
        this.bound.replace(this.#answer.usage?.raw, delta.usage.raw)
        this.#answer.usage = delta.usage
        break
      case 'finish':
        this.bound.replace(this.#answer.rawFinishReason, delta.raw)
        this.#answer.finishReason = delta.reason
        this.#answer.rawFinishReason = delta.raw
        break
    }
  }

  /** The answer so far as a copy that stays as it is. */
  snapshot(): Answer {
    return { ...this.#answer, ...this.content, stats: snapshotOf(this.stats) }
  }

  /** What has arrived, as deltas, for a reader that comes late. */
  recall(): Delta[] {
    return deltasOf(this.#answer)
  }

  #addToolCall(delta: ToolCallDelta): void {
    const { index, id, name, arguments: json } = delta
    const known = this.#byIndex.get(index)
    const call = known ?? { index, id: '', name: '', arguments: '' }
    // What is replaced counts on: dialects remember each id. One more for the piece: a stream of empty ones has to meet
    // the bound, too.
    const replaced = (id === call.id ? 0 : id.length) + (name === call.name ? 0 : name.length)
    this.bound.add(json.length + replaced + (known ? 1 : CALL_CHARS))
    if (!known) {
      this.#byIndex.set(index, call)
      this.#arguments.set(index, new GrowingText())
      this.#toolCalls.push(call)
    }
    call.id = id || call.id
    call.name = name || call.name
    call.arguments = this.#arguments.get(index)?.add(json) ?? json
  }

  #rewind(text: number, reasoning: number): void {
    this.#answer.text = this.#text.cut(text)
    this.#answer.reasoning = this.#reasoning.cut(reasoning)
    this.#toolCalls.length = 0
    this.#byIndex.clear()
    this.bound.content = this.#answer.text.length + this.#answer.reasoning.length
  }
}

/** The deltas an answer, or a part of one, can be made of. */
export function deltasOf({
  text,
  reasoning,
  toolCalls,
  usage,
  finishReason,
  rawFinishReason: raw,
}: Known & Partial<Answer>): Delta[] {
  const deltas: Delta[] = []
  if (reasoning) deltas.push({ type: 'reasoning', text: reasoning })
  if (text) deltas.push({ type: 'text', text })
  for (const call of toolCalls) deltas.push({ type: 'tool-call', ...call })
  if (usage) deltas.push({ type: 'usage', usage })
  if (finishReason) deltas.push({ type: 'finish', reason: finishReason, ...(raw !== undefined && { raw }) })
  return deltas
}
