import type { Alarm } from './alarm.ts'

// Two beats may be lost on the way; the third is missed.
const BEATS = 3
const LEAST_MS = 6_000
const MOST_MS = 60_000
/** Enough to tell one sign from another. */
const SIGN_CHARS = 100

/**
 * The rhythm of a server's signs of life, and with it how long a silence may last before the connection is taken for dead.
 * Only signs that are alike make one: a greeting and a notice, a few seconds apart, would kill a stream that has nothing
 * more to say for a while.
 */
export class Pulse {
  /** The last sign. */
  #sign: string | undefined
  /** When it came, by the wall: the caller may have been waited for since. */
  #at = 0
  /** The same on the scale of the alarm. */
  #waitedAt = 0
  /** The longest time between two of them; `0`: not known. */
  #rhythmMs = 0

  /** How long nothing at all may come, in ms; `0`: nobody knows. */
  limitMs({ arrivedAt }: Alarm): number {
    const limit = Math.min(Math.max(BEATS * this.#rhythmMs, LEAST_MS), MOST_MS)
    // Some send none while the answer flows: then a silence after it tells nothing.
    return this.#rhythmMs > 0 && arrivedAt - this.#waitedAt <= limit ? limit : 0
  }

  /** A sign of life has come. Returns whether that changes the limit. */
  beat(text: string, alarm: Alarm): boolean {
    const before = this.limitMs(alarm)
    const { elapsed, arrivedAt } = alarm
    // Some hold the time, or are counted.
    const sign = text.slice(0, SIGN_CHARS).replace(/\d+/g, '#')
    const gap = elapsed - this.#at
    const hasStopped = this.#rhythmMs > 0 && before === 0
    const isAlike = sign === this.#sign && !hasStopped
    if (hasStopped) this.#rhythmMs = 0
    // Signs that were held up somewhere come together, and the least limit holds for all that come so fast.
    if (isAlike && gap < LEAST_MS / BEATS) return false
    if (isAlike) this.#rhythmMs = Math.max(this.#rhythmMs, gap)
    this.#sign = sign
    this.#at = elapsed
    this.#waitedAt = arrivedAt
    return this.limitMs(alarm) !== before
  }
}
