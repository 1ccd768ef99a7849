/** A reply's place among those that may run at once. */
export interface Ticket {
  /** Settles when it is this one's turn. */
  readonly turn: Promise<void>
  /** Gives the slot to the next one, or leaves the queue. Once is enough, more does no harm. */
  free(): void
}

interface Waiting {
  readonly enter: () => void
  readonly onPlace: (place: number) => void
}

/**
 * So many at once, the others in the order they came. Over HTTP/1.1 a browser opens six connections to an origin and
 * lets further requests wait without a word; here they wait in words, and can be called off.
 */
export class Slots {
  readonly #max: number
  #taken = 0
  #queue: Waiting[] = []

  /** @param max - how many at once. */
  constructor(max: number) {
    this.#max = max
  }

  /** @param onPlace - told one's place in the queue, counted from 1, at first and whenever it moves up. */
  take(onPlace: (place: number) => void): Ticket {
    if (this.#taken < this.#max) {
      this.#taken++
      return { turn: Promise.resolve(), free: once(() => this.#next()) }
    }
    let enter = () => {}
    const turn = new Promise<void>((resolve) => {
      enter = resolve
    })
    const waiting: Waiting = { enter, onPlace }
    this.#queue.push(waiting)
    onPlace(this.#queue.length)
    return { turn, free: once(() => this.#leave(waiting)) }
  }

  #leave(waiting: Waiting): void {
    const place = this.#queue.indexOf(waiting)
    if (place < 0) this.#next()
    else {
      this.#queue.splice(place, 1)
      this.#tell(place)
    }
  }

  /** The slot goes from hand to hand; only without a queue it is put back. */
  #next(): void {
    const next = this.#queue.shift()
    if (!next) {
      this.#taken--
      return
    }
    next.enter()
    this.#tell(0)
  }

  #tell(from: number): void {
    for (const [index, { onPlace }] of this.#queue.entries()) if (index >= from) onPlace(index + 1)
  }
}

function once(action: () => void): () => void {
  let isDone = false
  return () => {
    if (isDone) return
    isDone = true
    action()
  }
}
