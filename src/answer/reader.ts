import type { StreamFailure } from '../errors/errors.ts'
import type { Delta } from '../events.ts'

/** How a reader tells the reply that it has come or gone. */
export interface Door {
  /** With the first `next()`: an iterator that nobody pulls must not hold up the network. */
  enter(reader: DeltaReader): void
  /**
   * The loop was left.
   *
   * @param last - the delta it was given last.
   */
  leave(last: Delta | undefined): void
}

interface Pull {
  resolve(result: IteratorResult<Delta, undefined>): void
  reject(error: StreamFailure): void
}

const DONE: IteratorReturnResult<undefined> = Object.freeze({ done: true, value: undefined })

/**
 * One `for await` over a reply. The iterator protocol is owned in full rather than left to a generator: a batch is
 * served without touching the network, and `push` tells whether the reader lags behind.
 */
export class DeltaReader implements AsyncIterator<Delta, undefined>, AsyncIterable<Delta> {
  readonly #door: Door
  #queue: readonly Delta[] = []
  /** The queue, where it is this reader's own: who lags far behind must not cost a copy for each batch. */
  #own: Delta[] | undefined
  #next = 0
  #entered = false
  /** Each `next()` that waits for more. */
  readonly #pulls: Pull[] = []
  #end: { readonly error: StreamFailure | undefined } | undefined
  #drained: (() => void) | undefined

  constructor(door: Door) {
    this.#door = door
  }

  /** Named, so that Vue does not put a proxy around it. */
  get [Symbol.toStringTag](): string {
    return 'DeltaReader'
  }

  /** Itself: `for await` takes an iterator that somebody has begun to read. */
  [Symbol.asyncIterator](): this {
    return this
  }

  next(): Promise<IteratorResult<Delta, undefined>> {
    if (!this.#entered) {
      this.#entered = true
      this.#door.enter(this)
    }
    const value = this.#take()
    if (value) return Promise.resolve({ done: false, value })
    if (this.#end) return this.#finished()
    return new Promise((resolve, reject) => this.#pulls.push({ resolve, reject }))
  }

  return(): Promise<IteratorReturnResult<undefined>> {
    this.#entered = true
    const last = this.#queue[this.#next - 1]
    this.finish(undefined)
    this.#queue = []
    this.#door.leave(last)
    return Promise.resolve(DONE)
  }

  /** Takes a batch. A promise means that the reader was busy; it settles once the batch has been taken. */
  push(batch: readonly Delta[]): Promise<void> | undefined {
    if (this.#end || batch.length === 0) return undefined
    this.#enqueue(batch)
    if (this.#pulls.length > 0) {
      this.#serve()
      return undefined
    }
    return new Promise((resolve) => {
      this.#drained = resolve
    })
  }

  #enqueue(batch: readonly Delta[]): void {
    if (this.#next < this.#queue.length && this.#own) {
      for (const delta of batch) this.#own.push(delta)
      return
    }
    this.#own = this.#next < this.#queue.length ? [...this.#queue.slice(this.#next), ...batch] : undefined
    this.#queue = this.#own ?? batch
    this.#next = 0
  }

  /** Nobody waits for this reader any more; what it has not read is kept for it. */
  release(): void {
    this.#drained?.()
    this.#drained = undefined
  }

  /** No more is coming. What is queued is still served, unless the caller himself called it off. */
  finish(error: StreamFailure | undefined): void {
    if (this.#end) return
    this.#end = { error }
    if (error?.code === 'aborted') this.#queue = []
    this.#drained?.()
    for (const pull of this.#pulls.splice(0)) this.#finished().then(pull.resolve, pull.reject)
  }

  // `shift` rather than `splice`: nearly always one waits, and an array for it would be the dearest part of the step.
  #serve(): void {
    while (this.#next < this.#queue.length) {
      const pull = this.#pulls.shift()
      if (!pull) return
      pull.resolve({ done: false, value: this.#take() as Delta })
    }
  }

  #take(): Delta | undefined {
    const value = this.#queue[this.#next]
    if (value) this.#next++
    if (this.#drained && this.#next >= this.#queue.length) {
      this.#drained()
      this.#drained = undefined
    }
    return value
  }

  // An iterator throws once and is done from then on.
  #finished(): Promise<IteratorReturnResult<undefined>> {
    const error = this.#end?.error
    this.#end = { error: undefined }
    return error ? Promise.reject(error) : Promise.resolve(DONE)
  }
}
