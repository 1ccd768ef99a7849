import { ProtocolError } from '../errors/errors.ts'
import type { Delta, Place, ToolCall, ToolCallDelta } from '../events.ts'

type Channel = 'text' | 'reasoning'

/** What was handed out before. */
export interface Known {
  readonly text: string
  readonly reasoning: string
  readonly toolCalls: readonly ToolCall[]
}

/** The beginning of an answer. */
export const START: Place = /* @__PURE__ */ Object.freeze({ text: 0, reasoning: 0 })

/** How much of an answer there is. */
export function placeOf({ text, reasoning, toolCalls }: Known): Place {
  const calls = toolCalls.map((call) => [call.index, call.arguments.length])
  return {
    text: text.length,
    reasoning: reasoning.length,
    ...(calls.length > 0 && { calls: Object.fromEntries(calls) }),
  }
}

export function isStart({ text, reasoning, calls }: Place): boolean {
  return text === 0 && reasoning === 0 && !calls
}

/**
 * A stream laid against what was handed out before: what only repeats it is left out; where it goes another way there
 * is one `rewind` to the common beginning. It serves an answer that is given anew and a stream that goes on from a
 * place before its end alike.
 */
export class Replay {
  readonly #known: Known
  /** How much of what is known the stream had said itself: of that it cannot think better. */
  readonly #own: Place
  /** How much of each channel the stream has given, what came before it included. */
  readonly #given: Record<Channel, number>
  readonly #calls: Map<number, number>
  readonly #knownCalls: ReadonlyMap<number, ToolCall>
  /** The calls of what is known that the stream has not given in full. */
  readonly #missing: Set<number>
  #isOver: boolean

  /** @param from - where the stream begins. */
  constructor(known: Known, from: Place = START, own: Place = START) {
    this.#known = known
    this.#own = own
    this.#given = { text: from.text, reasoning: from.reasoning }
    this.#calls = new Map(Object.entries(from.calls ?? {}).map(([index, given]) => [Number(index), given]))
    this.#knownCalls = new Map(known.toolCalls.map((call) => [call.index, call]))
    this.#missing = new Set(this.#knownCalls.keys())
    for (const [index, given] of this.#calls) this.#give(index, given)
    this.#isOver = this.#hasCaughtUp
  }

  /** Nothing is left to compare: from here on the stream stands by itself. */
  get isOver(): boolean {
    return this.#isOver
  }

  /** How much of what is known is this stream's own. */
  get own(): Place {
    const { text, reasoning } = this.#given
    const { calls = {} } = this.#own
    const given = [...this.#calls].map(([index, length]) => [index, Math.max(length, calls[index] ?? 0)])
    return {
      text: Math.max(text, this.#own.text),
      reasoning: Math.max(reasoning, this.#own.reasoning),
      calls: { ...calls, ...Object.fromEntries(given) },
    }
  }

  /**
   * The deltas that make of what is known what the stream says so far.
   *
   * @throws ProtocolError when the stream contradicts itself: then it is another one, or began elsewhere.
   */
  align(batch: readonly Delta[]): Delta[] {
    const aligned: Delta[] = []
    for (const delta of batch) {
      if (this.#isOver) aligned.push(delta)
      else this.#alignOne(delta, aligned)
    }
    return aligned
  }

  #alignOne(delta: Delta, aligned: Delta[]): void {
    switch (delta.type) {
      case 'text':
      case 'reasoning':
        this.#alignText(delta.type, delta.text, aligned)
        break
      case 'tool-call':
        this.#alignCall(delta, aligned)
        break
      case 'finish':
        // An answer that ends has to end where it ends.
        if (!this.#hasCaughtUp) this.#takeBack(aligned)
        this.#isOver = true
        aligned.push(delta)
        break
      case 'usage':
        aligned.push(delta)
        break
      case 'rewind':
        // The stream thinks better of what it has said again: that is to be compared once more.
        this.#given.text = delta.text
        this.#given.reasoning = delta.reasoning
        this.#calls.clear()
        for (const index of this.#knownCalls.keys()) this.#missing.add(index)
        break
    }
  }

  #alignText(channel: Channel, text: string, aligned: Delta[]): void {
    const known = this.#known[channel]
    const same = commonLength(known, this.#given[channel], text)
    this.#given[channel] += same
    const rest = text.slice(same)
    // The stream goes on where what is known was cut, but not before it has given all of that: the order is the same.
    if (rest && !this.#hasCaughtUp) {
      this.#takeBack(aligned, { type: channel, text: rest })
      return
    }
    if (rest) aligned.push({ type: channel, text: rest })
    this.#given[channel] += rest.length
    this.#isOver = this.#hasCaughtUp
  }

  #alignCall(delta: ToolCallDelta, aligned: Delta[]): void {
    const { index, id, name, arguments: text } = delta
    const known = this.#knownCalls.get(index)
    const given = this.#calls.get(index) ?? 0
    const same = known ? commonLength(known.arguments, given, text) : 0
    const isSame = known && (!id || id === known.id) && (!name || name === known.name)
    if (isSame && same === text.length) {
      this.#give(index, given + same)
      this.#isOver = this.#hasCaughtUp
      return
    }
    if (isSame) this.#give(index, given + same)
    if ((known && !isSame) || !this.#hasCaughtUp) {
      this.#takeBack(aligned, isSame ? { ...delta, arguments: text.slice(same) } : delta)
      return
    }
    this.#isOver = true
    aligned.push(isSame ? { ...delta, id: '', name: '', arguments: text.slice(same) } : delta)
  }

  get #hasCaughtUp(): boolean {
    const { text, reasoning } = this.#known
    const { size } = this.#missing
    return this.#given.text >= text.length && this.#given.reasoning >= reasoning.length && size === 0
  }

  #give(index: number, length: number): void {
    this.#calls.set(index, length)
    if (length >= (this.#knownCalls.get(index)?.arguments.length ?? 0)) this.#missing.delete(index)
  }

  /**
   * Takes back what the stream has not given, and goes on with `rest`. What stays never ends in half a surrogate pair: a
   * half that both share is taken back, too, and given anew. Tool calls start anew.
   */
  #takeBack(aligned: Delta[], rest?: Delta): void {
    if (this.#contradictsItself)
      throw new ProtocolError('The server did not go on where the stream had broken, but with another answer')
    this.#isOver = true
    const keep = {
      text: wholeCharacters(this.#known.text, this.#given.text),
      reasoning: wholeCharacters(this.#known.reasoning, this.#given.reasoning),
    }
    aligned.push({ type: 'rewind', ...keep })
    for (const channel of ['reasoning', 'text'] as const) {
      const more = rest?.type === channel ? rest.text : ''
      const text = this.#known[channel].slice(keep[channel], this.#given[channel]) + more
      if (text) aligned.push({ type: channel, text })
    }
    for (const call of this.#known.toolCalls) {
      const given = this.#calls.get(call.index)
      if (given !== undefined)
        aligned.push({ type: 'tool-call', ...call, arguments: call.arguments.slice(0, given) })
    }
    if (rest?.type === 'tool-call') aligned.push(rest)
  }

  get #contradictsItself(): boolean {
    const { text, reasoning, calls = {} } = this.#own
    return (
      this.#given.text < text ||
      this.#given.reasoning < reasoning ||
      Object.entries(calls).some(([index, length]) => (this.#calls.get(Number(index)) ?? -1) < length)
    )
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
