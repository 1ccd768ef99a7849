// Two beats may be lost on the way; the third is missed.
const BEATS = 3
const LEAST_MS = 6_000
const MOST_MS = 60_000

/** What is asked of the alarm. */
interface Scale {
  readonly arrivedAt: number
  readonly elapsed: number
  onScale(elapsed: number): number
}

/**
 * The rhythm of a server's signs of life, and with it how long a silence may last before the connection is taken for dead.
 * Only signs that are alike make one: a greeting and a notice, a few seconds apart, would end a stream that has nothing
 * more to say for a while.
 */
export class Pulse {
  /** The last sign, and when it came, by the wall: the caller may have been waited for since. */
  #sign: string | undefined
  #at = 0
  /** The longest time between two of them; `0`: not known. */
  #rhythmMs = 0

  /** How long nothing at all may come, in ms; `0`: nobody knows. */
  limitMs(alarm: Scale): number {
    const limit = Math.min(Math.max(BEATS * this.#rhythmMs, LEAST_MS), MOST_MS)
    // Some send none while the answer flows: then a silence after it tells nothing.
    const goesOn = this.#rhythmMs > 0 && alarm.arrivedAt - alarm.onScale(this.#at) <= limit
    return goesOn ? limit : 0
  }

  /** A sign of life has come. */
  beat(text: string, { elapsed }: Scale): void {
    // Some hold the time, or are counted.
    const sign = text.replace(/\d+/g, '')
    const gap = elapsed - this.#at
    if (sign === this.#sign) {
      // What was held up somewhere comes together; and the least limit holds for all that come so fast.
      if (gap < LEAST_MS / BEATS) return
      this.#rhythmMs = Math.max(this.#rhythmMs, gap)
    }
    this.#sign = sign
    this.#at = elapsed
  }
}
