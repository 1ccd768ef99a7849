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
 * @property {number} opened - how often a circuit opened.
 * @property {number} allOpenMs - from the outage's start until the circuits of all clients have opened.
 * @property {number} allClosedMs - from the outage's end until all circuits are closed for good.
 *
 * @typedef {object} Cuts - what became of the asks whose streams were cut.
 * @property {number} cut
 * @property {number} answered - all the same.
 * @property {number} most - the most requests that one of them came to.
 * @property {number} heldBack - of all asks, cut or not, how many an open circuit refused.
 * @property {number} opened
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
  #cuts = { cut: 0, answered: 0, most: 0 }
  /** Circuits that are not closed, when they first were all of them, and when last none was. */
  #troubled = 0
  #opened = 0
  #allOpenAtMs = Number.POSITIVE_INFINITY
  #allClosedAtMs = 0

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
   * A client's circuit changed.
   *
   * @type {import('./strategies.mjs').OnCircuit extends (...args: infer Change) => void
   *   ? (...args: [...Change, nowMs: number]) => void : never}
   */
  noteCircuit(from, to, nowMs) {
    if (to === 'open') this.#opened++
    if (from === 'closed') this.#troubled++
    if (to === 'closed') this.#troubled--
    if (this.#troubled === this.#scenario.clients) this.#allOpenAtMs = Math.min(this.#allOpenAtMs, nowMs)
    if (this.#troubled === 0) this.#allClosedAtMs = nowMs
  }

  /**
   * An ask has ended in which a stream had been cut.
   *
   * @param {Happening} how
   * @param {number} requests
   */
  noteCut(how, requests) {
    const { cut, answered, most } = this.#cuts
    this.#cuts = {
      cut: cut + 1,
      answered: answered + (how === 'answered' ? 1 : 0),
      most: Math.max(most, requests),
    }
  }

  /** @returns {Cuts} */
  cuts() {
    return {
      ...this.#cuts,
      heldBack: this.sum('heldBack', 0, this.#counts.heldBack.length),
      opened: this.#opened,
    }
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
      opened: this.#opened,
      allOpenMs: this.#allOpenAtMs - from * 1000,
      allClosedMs:
        this.#troubled > 0 ? Number.POSITIVE_INFINITY : Math.max(0, this.#allClosedAtMs - to * 1000),
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
