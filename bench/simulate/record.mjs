// @ts-check
import { endMs, normalLoad, outageEndMs } from './scenario.mjs'

/**
 * @typedef {'asked' | 'requested' | 'answered' | 'failed' | 'heldBack'} Happening
 *
 * @typedef {object} Figures
 * @property {number} perAsk - requests that reached the server in the outage, per ask made in it.
 * @property {number} overNormal - the same requests, as a multiple of what the users send in such a time normally.
 * @property {number} peakDuring - the busiest window of the outage, as a multiple of the normal load.
 * @property {number} peakAfter - the busiest window after it.
 * @property {number} calmAfterMs - from the outage's end until the queue stays under a second.
 * @property {number} wellAfterMs - from the outage's end until 99 % of the asks that end are answered, and stay so.
 * @property {number} answeredFirstMinute - of the asks that end in the minute after the outage, the share answered.
 */

const WELL = 0.99
const LONG_QUEUE_MS = 1000
/** Windows in which to judge how users fare: one second holds too few asks. */
const WINDOW_S = 5

/** What happened, second by second. */
export class Record {
  /** @type {Readonly<{ [K in Happening]: Uint32Array }>} */
  #counts
  #scenario
  #lastLongQueueMs = 0

  /** @param {import('./scenario.mjs').Scenario} scenario */
  constructor(scenario) {
    const seconds = () => new Uint32Array(Math.ceil(endMs(scenario) / 1000))
    this.#scenario = scenario
    this.#counts = {
      asked: seconds(),
      requested: seconds(),
      answered: seconds(),
      failed: seconds(),
      heldBack: seconds(),
    }
  }

  /**
   * @param {Happening} what
   * @param {number} nowMs
   */
  note(what, nowMs) {
    const second = Math.floor(nowMs / 1000)
    const counts = this.#counts[what]
    counts[second] = (counts[second] ?? 0) + 1
  }

  /**
   * @param {number} queueMs
   * @param {number} nowMs
   */
  noteQueue(queueMs, nowMs) {
    if (queueMs > LONG_QUEUE_MS) this.#lastLongQueueMs = nowMs
  }

  /**
   * The load, window by window, as a multiple of the normal one.
   *
   * @param {number} windowS
   * @param {number} [from] - in s
   * @param {number} [to] - in s
   */
  load(windowS, from = 0, to = this.#counts.requested.length) {
    const normal = normalLoad(this.#scenario) * windowS
    return windows(windowS, from, to).map((start) => this.sum('requested', start, start + windowS) / normal)
  }

  /**
   * @param {Happening} what
   * @param {number} from - in s
   * @param {number} to - in s
   */
  sum(what, from, to) {
    return this.#counts[what].subarray(from, to).reduce((total, count) => total + count, 0)
  }

  /**
   * @param {number} windowS - over how long a peak is taken.
   * @returns {Figures}
   */
  figures(windowS) {
    const { outage } = this.#scenario
    const from = outage.fromMs / 1000
    const to = outageEndMs(this.#scenario) / 1000
    const end = endMs(this.#scenario) / 1000
    const requests = this.sum('requested', from, to)
    return {
      perAsk: requests / this.sum('asked', from, to),
      overNormal: requests / (normalLoad(this.#scenario) * (to - from)),
      peakDuring: Math.max(...this.load(windowS, from, to)),
      peakAfter: Math.max(...this.load(windowS, to, end)),
      calmAfterMs: Math.max(0, this.#lastLongQueueMs - to * 1000),
      wellAfterMs: this.#wellAfterS(to, end) * 1000,
      answeredFirstMinute: this.#answeredShare(to, to + 60),
    }
  }

  /**
   * @param {number} from - in s
   * @param {number} end - in s
   */
  #wellAfterS(from, end) {
    const starts = Array.from({ length: end - from - WINDOW_S + 1 }, (_, step) => from + step)
    const ill = starts.findLast((start) => this.#answeredShare(start, start + WINDOW_S) < WELL)
    if (ill === undefined) return 0
    return ill === starts.at(-1) ? Number.POSITIVE_INFINITY : ill + WINDOW_S - from
  }

  /**
   * @param {number} from - in s
   * @param {number} to - in s
   */
  #answeredShare(from, to) {
    const answered = this.sum('answered', from, to)
    return answered / (answered + this.sum('failed', from, to) + this.sum('heldBack', from, to))
  }
}

/**
 * @param {number} size
 * @param {number} from
 * @param {number} to
 */
function windows(size, from, to) {
  return Array.from({ length: Math.floor((to - from) / size) }, (_, step) => from + step * size)
}
