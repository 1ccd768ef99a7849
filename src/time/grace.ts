import { now, wallClock } from './clock.ts'
import { isHidden, isOffline } from './page.ts'

// A machine that wakes finds its bytes in line, or its socket dead and nobody to say so. Long enough for the one,
// and short enough for the other: with the wait before a retry it stays within ten seconds.
const GRACE_MS = 8_000
// Later than this (or a fifth of the limit) is not a slow timer: time has passed in which nothing could run.
const LATE_MS = 5_000
const LATE_SHARE = 0.2

/** A deadline: which clock, when it is due in ms of waiting, and how long it had been given. */
interface Due {
  readonly clock: string
  readonly at: number
  readonly limit: number
}

/**
 * Why a deadline that has passed may not mean what it says. In a page that was hidden, frozen or asleep the clock
 * ran on and the stream could not: its bytes may be waiting behind the timer. So the deadline passes once more, a
 * moment later, and then it counts. Times are on the scale of the reply's waiting, but for {@link Grace.until}.
 */
export class Grace {
  /** No deadline that was given grace ends before this, in ms since the reply began. */
  until = 0
  /** No attempt begins before this: the page is being left. */
  heldUntil = 0
  readonly #givenTo = new Set<string>()
  /** The last moment at which the page is known to have been away. */
  #awayAt = Number.NEGATIVE_INFINITY
  #offset = 0

  /** Whether a deadline that has passed is to be given grace. */
  isDue({ clock, at, limit }: Due, time: number): boolean {
    if (this.#givenTo.has(clock)) return false
    return time - at > Math.max(LATE_MS, limit * LATE_SHARE) || isHidden() || this.#awayAt >= at - limit
  }

  give(overdue: readonly Due[], elapsed: number, idleMs: number): void {
    if (overdue.length === 0) return
    for (const { clock } of overdue) this.#givenTo.add(clock)
    this.until = elapsed + Math.min(idleMs || GRACE_MS, GRACE_MS)
  }

  /** A delta came, or a new attempt begins: another silence. But the whole reply's time runs out only once. */
  renew(): void {
    if (this.#givenTo.size > 0)
      for (const clock of this.#givenTo) if (clock !== 'total') this.#givenTo.delete(clock)
  }

  /** The page goes away. */
  left(time: number): void {
    this.#awayAt = time
  }

  /**
   * The page is about to be left. Firefox and WebKit break its streams at this moment, although it stays until the
   * next page answers; whoever asks again pays for an answer that nobody will read. If the page is still here later,
   * the link was a download.
   */
  leaving(time: number): void {
    this.heldUntil = time + GRACE_MS
  }

  /** Whether the page was away at some moment since then, or has no network: what failed meanwhile tells nothing. */
  wasAway(since: number): boolean {
    return this.#awayAt >= since || isHidden() || isOffline()
  }

  /** How long the machine slept since {@link stamp}, in ms: the monotonic clock of some engines sleeps with it. */
  sleptMs(): number {
    const slept = wallClock() - now() - this.#offset
    return slept > LATE_MS ? slept : 0
  }

  /** Remembers how the two clocks stand to each other. */
  stamp(): void {
    this.#offset = wallClock() - now()
  }
}
