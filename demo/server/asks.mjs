// @ts-check

/** How often each question was asked: a fault hits the first requests of a question, not the later ones. */
export class Asks {
  /** @type {Map<string, { count: number, at: number }>} least recently asked first */
  #seen = new Map()
  #limit
  #lifeMs

  /** @param {{ limit?: number, lifeMs?: number }} [bounds] */
  constructor({ limit = 1000, lifeMs = 600_000 } = {}) {
    this.#limit = limit
    this.#lifeMs = lifeMs
  }

  /**
   * Counts one more request of the question and returns how many came before it.
   * @param {string | null} ask without an id every request is a question of its own
   * @param {number} [now]
   */
  next(ask, now = Date.now()) {
    if (!ask) return 0
    const key = ask.slice(0, 200)
    const known = this.#seen.get(key)
    this.#seen.delete(key)
    this.#forget(now)
    const earlier = known && now - known.at < this.#lifeMs ? known.count : 0
    this.#seen.set(key, { count: earlier + 1, at: now })
    return earlier
  }

  /** @param {string} ask */
  knows(ask) {
    return this.#seen.has(ask.slice(0, 200))
  }

  /** @param {number} now */
  #forget(now) {
    for (const [key, { at }] of this.#seen) {
      if (this.#seen.size < this.#limit && now - at < this.#lifeMs) return
      this.#seen.delete(key)
    }
  }
}
