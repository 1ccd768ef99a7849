import type { Delta } from '../events.ts'

type Channel = 'text' | 'reasoning'

/** What was handed out before the answer was asked for anew. */
interface Known {
  readonly text: string
  readonly reasoning: string
  readonly hasToolCalls: boolean
}

/**
 * A new answer laid against the old one: what only repeats it is left out; where it goes another way there is one
 * `rewind` to the common beginning.
 */
export class Replay {
  readonly #known: Known
  /** How much of each channel the new answer has given so far. */
  readonly #given: Record<Channel, number> = { text: 0, reasoning: 0 }
  #isOver = false

  constructor(known: Known) {
    this.#known = known
  }

  /** Nothing is left to compare: from here on the new answer stands by itself. */
  get isOver(): boolean {
    return this.#isOver
  }

  /** The deltas that make of the old answer what the new one is so far. */
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
      case 'finish':
        // From here on nothing more can match: tool calls are not compared, and an answer that ends has to end
        // where it ends.
        if (!this.#hasCaughtUp || this.#known.hasToolCalls) this.#takeBack(aligned)
        this.#isOver = true
        aligned.push(delta)
        break
      case 'usage':
      case 'rewind':
        aligned.push(delta)
        break
    }
  }

  #alignText(channel: Channel, text: string, aligned: Delta[]): void {
    const known = this.#known[channel]
    const same = commonLength(known, this.#given[channel], text)
    this.#given[channel] += same
    const rest = text.slice(same)
    if (rest && (this.#given[channel] < known.length || this.#known.hasToolCalls)) {
      this.#takeBack(aligned, channel, rest)
      this.#isOver = true
      return
    }
    // The new answer goes on where the old one was cut.
    if (rest) aligned.push({ type: channel, text: rest })
    this.#given[channel] += rest.length
    this.#isOver = this.#hasCaughtUp && !this.#known.hasToolCalls
  }

  get #hasCaughtUp(): boolean {
    const { text, reasoning } = this.#known
    return this.#given.text >= text.length && this.#given.reasoning >= reasoning.length
  }

  /**
   * Takes back what the new answer has not given, and goes on with `rest`. What stays never ends in half a surrogate
   * pair: a half that both answers share is taken back, too, and given anew.
   */
  #takeBack(aligned: Delta[], channel?: Channel, rest = ''): void {
    const keep = {
      text: wholeCharacters(this.#known.text, this.#given.text),
      reasoning: wholeCharacters(this.#known.reasoning, this.#given.reasoning),
    }
    aligned.push({ type: 'rewind', ...keep })
    for (const each of ['reasoning', 'text'] as const) {
      const text = this.#known[each].slice(keep[each], this.#given[each]) + (each === channel ? rest : '')
      if (text) aligned.push({ type: each, text })
    }
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
