import { indexOf, isRaw, textOf } from './values.ts'

/** As much of its end as another text does not have by chance at the same place. */
const TAIL_CHARS = 64

/** How much of a text has been told, and how it ends: what a server says of it as a whole may be more. */
export class ToldText {
  #chars: number
  #tail: string

  /** @param state - what {@link state} was before the stream broke. */
  constructor(state?: unknown) {
    const { chars, tail } = isRaw(state) ? state : {}
    this.#chars = indexOf(chars)
    this.#tail = textOf(tail)
  }

  get chars(): number {
    return this.#chars
  }

  get state(): { readonly chars: number; readonly tail: string } {
    return { chars: this.#chars, tail: this.#tail }
  }

  add(piece: string): void {
    this.#chars += piece.length
    this.#tail = (this.#tail + piece).slice(-TAIL_CHARS)
  }

  /** It has been taken back up to here. */
  cut(chars: number): void {
    this.#chars = chars
    this.#tail = ''
  }

  /** Whether a text begins with what was told; `from`: with what was told since then. */
  isIn(whole: string, from = 0): boolean {
    const told = this.#chars - from
    const tail = told > 0 ? this.#tail.slice(-told) : ''
    return told === 0 || (tail !== '' && whole.startsWith(tail, told - tail.length))
  }

  /** What the whole of it says beyond what was told. Of another text there is nothing that could be added. */
  restOf(whole: string, from = 0): string {
    return this.isIn(whole, from) ? whole.slice(this.#chars - from) : ''
  }
}

/** The texts of the parts that have not ended, by their places. */
export class OpenParts {
  readonly #all: Map<string, ToldText>

  /** @param state - what {@link state} was before the stream broke. */
  constructor(state: unknown) {
    const all = isRaw(state) ? Object.entries(state) : []
    this.#all = new Map(all.map(([place, told]) => [place, new ToldText(told)]))
  }

  get state(): object {
    return Object.fromEntries([...this.#all].map(([place, told]) => [place, told.state]))
  }

  has(place: string): boolean {
    return this.#all.has(place)
  }

  /** The place of one that a text begins with. */
  placeIn(prefix: string, whole: string): string | undefined {
    return [...this.#all].find(([place, told]) => place.startsWith(prefix) && told.isIn(whole))?.[0]
  }

  add(place: string, piece: string): void {
    const told = this.#all.get(place) ?? new ToldText()
    this.#all.set(place, told)
    told.add(piece)
  }

  /** A part has ended: what the whole of it says beyond what was told. */
  end(place: string, whole: string): string {
    const told = this.#all.get(place)
    this.#all.delete(place)
    return told?.restOf(whole) ?? ''
  }
}
