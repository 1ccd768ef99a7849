// @ts-check

/**
 * Who is next: a binary heap. Every client always has exactly one thing ahead of it, so nothing is ever added or
 * removed; the first is given its new time and sinks.
 */
export class Agenda {
  #count
  #times
  #clients

  /**
   * @param {number} count
   * @param {() => number} firstMs - when a client first wakes.
   */
  constructor(count, firstMs) {
    this.#count = count
    // Sorted is heaped. One more, which is never due, is the sibling of the last if that has none.
    this.#times = new Float64Array(count + 1)
      .map((_, at) => (at < count ? firstMs() : Number.POSITIVE_INFINITY))
      .sort()
    this.#clients = Uint32Array.from({ length: count }, (_, client) => client)
  }

  /** The next client. */
  get client() {
    return this.#clients[0] ?? 0
  }

  /** When it wakes, in ms. */
  get timeMs() {
    return this.#times[0] ?? 0
  }

  /**
   * The next client has been dealt with and wakes again then.
   *
   * @param {number} timeMs
   */
  again(timeMs) {
    const times = this.#times
    const clients = this.#clients
    const count = this.#count
    const { client } = this
    let at = 0
    for (let child = 1; child < count; child = 2 * at + 1) {
      let childMs = times[child] ?? 0
      const siblingMs = times[child + 1] ?? 0
      if (siblingMs < childMs) {
        childMs = siblingMs
        child++
      }
      if (childMs >= timeMs) break
      times[at] = childMs
      clients[at] = clients[child] ?? 0
      at = child
    }
    times[at] = timeMs
    clients[at] = client
  }
}
