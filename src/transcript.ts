import { ProtocolError } from './errors.ts'
import type { Answer, Delta, Stats, ToolCall, ToolCallDelta } from './events.ts'

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
type Channel = 'text' | 'reasoning'

/** How far a further attempt has repeated what was handed out before. */
interface Replay {
  /** What was handed out when the attempt began. */
  readonly known: Readonly<Record<Channel, string>>
  readonly knewToolCalls: boolean
  /** How much of each channel the new answer has given so far. */
  readonly given: Record<Channel, number>
}

/**
 * What has arrived: the answer as the caller has seen it, whatever attempt it came from. A further attempt is
 * laid against it by {@link align}, so that text is never doubled and never mixed from two answers.
 */
export class Transcript {
  readonly stats: Mutable<Stats> = {
    attempts: 0,
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
    stats: this.stats,
  }
  #chars = 0
  #replay: Replay | undefined

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

  /** A new attempt begins. What it gives is laid against what there is. */
  begin(): void {
    this.stats.attempts++
    this.#answer.usage = undefined
    const { text, reasoning } = this.#answer
    this.#replay = this.hasContent
      ? {
          known: { text, reasoning },
          knewToolCalls: this.#toolCalls.length > 0,
          given: { text: 0, reasoning: 0 },
        }
      : undefined
  }

  /**
   * Lays an attempt's deltas against what was handed out before: what only repeats it is left out; where the new
   * answer goes another way there is one `rewind` to the common beginning. On a first attempt the batch comes back
   * as it is.
   */
  align(batch: readonly Delta[]): readonly Delta[] {
    if (!this.#replay) return batch
    const aligned: Delta[] = []
    for (const delta of batch) this.#alignOne(delta, aligned)
    return aligned
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
      stats: { ...this.stats },
    }
  }

  /** What has arrived, as deltas, for a reader that comes late. */
  recall(): Delta[] {
    const { text, reasoning, usage, finishReason } = this.#answer
    const deltas: Delta[] = []
    if (reasoning) deltas.push({ type: 'reasoning', text: reasoning })
    if (text) deltas.push({ type: 'text', text })
    for (const call of this.#toolCalls) deltas.push({ type: 'tool-call', ...call })
    if (usage) deltas.push({ type: 'usage', usage })
    if (finishReason) deltas.push({ type: 'finish', reason: finishReason, raw: undefined })
    return deltas
  }

  #alignOne(delta: Delta, aligned: Delta[]): void {
    const replay = this.#replay
    if (!replay) {
      aligned.push(delta)
      return
    }
    switch (delta.type) {
      case 'text':
      case 'reasoning':
        this.#alignText(replay, delta.type, delta.text, aligned)
        break
      case 'tool-call':
      case 'finish':
        // From here on nothing more can match: tool calls are not compared, and an answer that ends has to end
        // where it ends.
        if (!hasCaughtUp(replay) || replay.knewToolCalls) takeBack(replay, aligned)
        this.#replay = undefined
        aligned.push(delta)
        break
      case 'usage':
      case 'rewind':
        aligned.push(delta)
        break
    }
  }

  #alignText(replay: Replay, channel: Channel, text: string, aligned: Delta[]): void {
    const { known, given } = replay
    const same = commonLength(known[channel], given[channel], text)
    given[channel] += same
    const rest = text.slice(same)
    if (rest && (given[channel] < known[channel].length || replay.knewToolCalls)) {
      takeBack(replay, aligned, channel, rest)
      this.#replay = undefined
      return
    }
    // The new answer goes on where the old one was cut.
    if (rest) aligned.push({ type: channel, text: rest })
    given[channel] += rest.length
    if (hasCaughtUp(replay) && !replay.knewToolCalls) this.#replay = undefined
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
    // One for the call itself: a stream of empty calls has to meet the bound, too.
    this.#grow(delta.arguments.length + 1)
  }

  #rewind(text: number, reasoning: number): void {
    this.#answer.text = this.#answer.text.slice(0, text)
    this.#answer.reasoning = this.#answer.reasoning.slice(0, reasoning)
    this.#toolCalls.length = 0
    this.#byIndex.clear()
    this.#chars = this.#answer.text.length + this.#answer.reasoning.length
  }

  #grow(chars: number): void {
    this.#chars += chars
    if (this.#maxChars > 0 && this.#chars > this.#maxChars)
      throw new ProtocolError(`The answer is longer than ${this.#maxChars} characters (maxAnswerChars)`)
  }
}

function hasCaughtUp({ known, given }: Replay): boolean {
  return given.text >= known.text.length && given.reasoning >= known.reasoning.length
}

/**
 * Takes back what the new answer has not given, and goes on with `rest`. What stays never ends in half a surrogate
 * pair: a half that both answers share is taken back, too, and given anew.
 */
function takeBack({ known, given }: Replay, aligned: Delta[], channel?: Channel, rest = ''): void {
  const keep = {
    text: wholeCharacters(known.text, given.text),
    reasoning: wholeCharacters(known.reasoning, given.reasoning),
  }
  aligned.push({ type: 'rewind', ...keep })
  for (const each of ['reasoning', 'text'] as const) {
    const text = known[each].slice(keep[each], given[each]) + (each === channel ? rest : '')
    if (text) aligned.push({ type: each, text })
  }
}

/** The longest beginning, up to a length, that splits no surrogate pair. */
function wholeCharacters(text: string, length: number): number {
  const code = length > 0 && length < text.length ? (text.codePointAt(length - 1) ?? 0) : 0
  return code > 0xffff ? length - 1 : length
}

/** How many characters of `text` stand in `known` from `from` on. */
function commonLength(known: string, from: number, text: string): number {
  if (known.startsWith(text, from)) return text.length
  let same = 0
  while (
    from + same < known.length &&
    same < text.length &&
    known.charCodeAt(from + same) === text.charCodeAt(same)
  )
    same++
  return same
}
