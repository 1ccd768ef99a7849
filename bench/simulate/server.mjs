// @ts-check
import { normalLoad, outageEndMs } from './scenario.mjs'

/**
 * @typedef {object} Outcome - what becomes of a request.
 * @property {number} firstMs - when its first delta arrives, if it has not ended before.
 * @property {number} endMs - when it ends.
 * @property {'whole' | 'cut' | 'refused'} end
 */

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
   * A request comes in.
   *
   * @param {number} nowMs
   * @returns {Outcome}
   */
  answer(nowMs) {
    const { outage, queueMs } = this.#scenario
    const isOut = nowMs >= outage.fromMs && nowMs < outageEndMs(this.#scenario)
    if (isOut && this.#fails()) return this.#refusal(nowMs)
    const waitMs = this.queueMs(nowMs)
    if (waitMs > queueMs) return this.#refusal(nowMs)
    this.#freeAtMs = nowMs + waitMs + this.#gapMs
    const firstMs = nowMs + waitMs + this.#scenario.firstMs
    const endMs = nowMs + waitMs + this.#scenario.serviceMs
    const isCut = nowMs < outage.fromMs && endMs > outage.fromMs && this.#fails()
    return isCut ? { firstMs, endMs: outage.fromMs, end: 'cut' } : { firstMs, endMs, end: 'whole' }
  }

  /** @type {(nowMs: number) => Outcome} */
  #refusal(nowMs) {
    return { firstMs: Number.POSITIVE_INFINITY, endMs: nowMs + this.#scenario.refusalMs, end: 'refused' }
  }

  #fails() {
    return this.#dice() < this.#scenario.outage.share
  }
}
