// @ts-check
import { faultNow } from './faults.mjs'
import { Refusal } from './refusal.mjs'

/** @typedef {import('./exchange.mjs').Exchange} Exchange */

/** The answers under way, by the id of their question: for faults that somebody wants now. */
export class Live {
  /** @type {Map<string, Exchange>} */
  #exchanges = new Map()

  /**
   * @param {string | null} ask
   * @param {Exchange} exchange
   */
  add(ask, exchange) {
    if (!ask) return
    this.#exchanges.set(ask, exchange)
    exchange.response.once('close', () => {
      // A further attempt may have taken the place.
      if (this.#exchanges.get(ask) === exchange) this.#exchanges.delete(ask)
    })
  }

  /**
   * Makes the fault happen to the answer to this question, this moment.
   * @param {URLSearchParams} query `ask` and `fault`
   * @param {import('./asks.mjs').Asks} asks
   * @throws {Refusal} 404 for a question nobody asked, 409 when nothing is being sent
   */
  strike(query, asks) {
    const fault = faultNow(query.get('fault'))
    const ask = query.get('ask') ?? ''
    const exchange = this.#exchanges.get(ask)
    if (!exchange && !asks.knows(ask)) throw new Refusal(404, 'Nobody has asked this.', { param: 'ask' })
    if (!exchange || exchange.response.writableEnded) {
      throw new Refusal(409, 'Nothing is under way: this answer is over, or between two attempts.')
    }
    exchange.interrupt(() => happen(fault, exchange))
    return fault
  }
}

/**
 * @param {import('./faults.mjs').Fault} fault
 * @param {Exchange} exchange
 */
async function happen(fault, exchange) {
  if (!exchange.response.headersSent) await exchange.open()
  await fault.midway?.(exchange)
}
