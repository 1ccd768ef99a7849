// @ts-check
import { normalLoad, outageEndMs } from './scenario.mjs'

/**
 * The one server all clients ask. It serves in order at a fixed rate, so the end of a request is known when it comes
 * in: the server needs no events of its own.
 */
export class Server {
  #scenario
  #dice
  #gapMs
  /** When it can take up the next request. */
  #freeAtMs = 0

  /**
   * @param {import('./scenario.mjs').Scenario} scenario
   * @param {() => number} dice
   */
  constructor(scenario, dice) {
    this.#scenario = scenario
    this.#dice = dice
    this.#gapMs = 1000 / (normalLoad(scenario) * scenario.capacity)
  }

  /**
   * How long a request that came in now would wait, in ms.
   *
   * @param {number} nowMs
   */
  queueMs(nowMs) {
    return Math.max(0, this.#freeAtMs - nowMs)
  }

  /**
   * When the request ends; as a negative number if it fails. Not an object, because there are tens of millions.
   *
   * @param {number} nowMs
   */
  answer(nowMs) {
    const { outage, queueMs, refusalMs, serviceMs } = this.#scenario
    const isOut = nowMs >= outage.fromMs && nowMs < outageEndMs(this.#scenario)
    if (isOut && this.#fails()) return -(nowMs + refusalMs)
    const waitMs = this.queueMs(nowMs)
    if (waitMs > queueMs) return -(nowMs + refusalMs)
    this.#freeAtMs = nowMs + waitMs + this.#gapMs
    const doneMs = nowMs + waitMs + serviceMs
    const isCut = nowMs < outage.fromMs && doneMs > outage.fromMs && this.#fails()
    return isCut ? -outage.fromMs : doneMs
  }

  #fails() {
    return this.#dice() < this.#scenario.outage.share
  }
}
