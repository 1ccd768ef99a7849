// @ts-check

/**
 * Who is next: a binary heap. A user has one thing ahead, or waits for somebody else and has none; mostly the first is
 * given a new time and sinks.
 */
export class Agenda {
  #count
  #times
  #users

  /**
   * @param {number} count
   * @param {() => number} firstMs - when a user first wakes.
   */
  constructor(count, firstMs) {
    this.#count = count
    // Sorted is heaped. One more, which is never due, is the sibling of the last if that has none.
    this.#times = new Float64Array(count + 1)
      .map((_, at) => (at < count ? firstMs() : Number.POSITIVE_INFINITY))
      .sort()
    this.#users = Uint32Array.from({ length: count }, (_, user) => user)
  }

  /** The next user. */
  get user() {
    return this.#users[0] ?? 0
  }

  /** When that one wakes, in ms; `Infinity` if nobody does. */
  get timeMs() {
    return this.#times[0] ?? 0
  }

  /**
   * The next user has been dealt with and wakes again then.
   *
   * @param {number} timeMs
   */
  again(timeMs) {
    this.#sink(this.user, timeMs)
  }

  /** The next user has been dealt with and waits for somebody else. */
  leave() {
    const last = --this.#count
    const timeMs = this.#times[last] ?? 0
    this.#times[last] = Number.POSITIVE_INFINITY
    if (last > 0) this.#sink(this.#users[last] ?? 0, timeMs)
  }

  /**
   * A user who left wakes then.
   *
   * @param {number} user
   * @param {number} timeMs
   */
  join(user, timeMs) {
    const times = this.#times
    const users = this.#users
    let at = this.#count++
    while (at > 0) {
      const parent = (at - 1) >> 1
      const parentMs = times[parent] ?? 0
      if (parentMs <= timeMs) break
      times[at] = parentMs
      users[at] = users[parent] ?? 0
      at = parent
    }
    times[at] = timeMs
    users[at] = user
  }

  /**
   * Down from the top, in the place of who was there.
   *
   * @param {number} user
   * @param {number} timeMs
   */
  #sink(user, timeMs) {
    const times = this.#times
    const users = this.#users
    const count = this.#count
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
      users[at] = users[child] ?? 0
      at = child
    }
    times[at] = timeMs
    users[at] = user
  }
}
