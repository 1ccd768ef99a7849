import { now } from '../time/clock.ts'

/** The next server to ask. */
interface Leg {
  readonly index: number
  /** How long it wants to be left alone, in ms. */
  readonly waitMs: number
  /** Whether it has not been asked yet in this round. */
  readonly isFresh: boolean
}

/**
 * The way of one reply among servers that can stand in for each other: in the order given, each once, then a new
 * round. A server that asked to be left alone is passed over while there is another one.
 */
export class Route {
  /** When each may be asked again, in monotonic ms. */
  readonly #freeAt: number[]
  readonly #asked = new Set<number>()
  #at: number

  /** @param first - whom to ask first. */
  constructor(count: number, first = 0) {
    this.#freeAt = new Array<number>(count).fill(0)
    this.#at = first
    this.#asked.add(first)
  }

  /** The server at hand. */
  get at(): number {
    return this.#at
  }

  /** How long the server at hand still wants to be left alone, in ms. */
  get waitMs(): number {
    return this.#wait(this.#at)
  }

  /** The server at hand asks to be left alone for so long. */
  postpone(ms: number): void {
    this.#freeAt[this.#at] = now() + ms
  }

  /** Who would be next, should the server at hand not be asked again. */
  next(): Leg {
    const count = this.#freeAt.length
    const inTurn = Array.from({ length: count }, (_, step) => (this.#at + 1 + step) % count)
    const fresh = inTurn.find((index) => !this.#asked.has(index) && this.#wait(index) === 0)
    if (fresh !== undefined) return { index: fresh, waitMs: 0, isFresh: true }
    const index = inTurn.reduce((best, each) => (this.#wait(each) < this.#wait(best) ? each : best))
    return { index, waitMs: this.#wait(index), isFresh: false }
  }

  /** Goes on to {@link next}. */
  advance(): void {
    const { index, isFresh } = this.next()
    if (!isFresh) this.#asked.clear()
    this.#asked.add(index)
    this.#at = index
  }

  #wait(index: number): number {
    return Math.max(0, (this.#freeAt[index] ?? 0) - now())
  }
}
