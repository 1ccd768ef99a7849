import { elapsed, schedule, wallClock } from '../time/clock.ts'
import type { Log } from './log.ts'
import { type Ending, type NewAnswer, type Opened, RefusedError, type Store } from './store.ts'

const FIRST_WAIT_MS = 100
const LONGEST_WAIT_MS = 1000
// With so much nobody waits for more.
const GATHERED_BYTES = 4096
// A slow model's few words wait a little longer: each write is a command, however little is in it.
const GATHERED_EVENTS = 8
const LONGEST_GATHERING_MS = 250

/** What an outbox tells its producer. */
export interface OutboxEvents {
  /** The log has been ended by somebody else. */
  onEnded(ending: Ending): void
  onWarning(message: string): void
}

/** Writes an answer into its store, behind its readers: a store that is away is waited for, and given what it has missed. */
export class Outbox {
  readonly #store: Store
  readonly #answer: NewAnswer
  readonly #log: Log
  readonly #events: OutboxEvents
  readonly #keepMs: number
  /** The store has all up to this event. */
  #sent = 0
  #sentBytes = 0
  #isDoubted = false
  #isGathering = false
  #wake: (() => void) | undefined
  #isWarned = false
  /** When the store is given up, once the answer has ended. */
  #deadline = Number.POSITIVE_INFINITY

  constructor(store: Store, answer: NewAnswer, log: Log, keepMs: number, events: OutboxEvents) {
    this.#store = store
    this.#answer = answer
    this.#log = log
    this.#keepMs = keepMs
    this.#events = events
  }

  /** Opens the log. Rejects like the store, which may be away. */
  open(): Promise<Opened> {
    return this.#store.open(this.#answer)
  }

  /** There is more to write: woken is only who waits for the first of it, or for as much as there is now. */
  tell(): void {
    const isEnough = this.#log.bytes - this.#sentBytes >= GATHERED_BYTES
    if (!this.#isGathering || isEnough || this.#log.ending) this.#wake?.()
  }

  /** What is written may be gone: it is looked for though there is nothing new. */
  doubt(): void {
    this.#isDoubted = true
    this.#wake?.()
  }

  /** Writes until all is written, or nobody can want it any more. @param isOpen - the store knows of the answer. */
  async run(isOpen: boolean): Promise<void> {
    for (let isThere = isOpen; ; ) {
      if (!isThere) {
        const opened = await this.#insist(() => this.#reopen())
        if (!opened) return
      }
      await this.#more()
      const standing = await this.#insist(() => this.#write())
      if (standing === undefined || standing === 'over') return
      isThere = standing > 0
    }
  }

  /** Its key may belong to another one by now, and does once it has failed; readers go by its id. */
  async #reopen(): Promise<Opened> {
    const keyless = { ...this.#answer, key: undefined }
    if ((this.#log.ending ?? 'done') !== 'done') return this.#store.open(keyless)
    const opened = await this.#store.open(this.#answer)
    return opened.id === this.#answer.id ? opened : this.#store.open(keyless)
  }

  /** Waits for something to write, and for what comes right after it. */
  async #more(): Promise<void> {
    const { gatherMs } = this.#store
    while (this.#log.last === this.#sent && !this.#log.ending && !this.#isDoubted) await this.#woken()
    this.#isDoubted = false
    for (let ms = 0; gatherMs > 0 && this.#mayGather(ms); ms += gatherMs) await this.#gather(gatherMs)
    this.#sentBytes = this.#log.bytes
  }

  /** Whether to wait for more, having waited so long. */
  #mayGather(ms: number): boolean {
    const { bytes, ending, last } = this.#log
    if (ending || bytes - this.#sentBytes >= GATHERED_BYTES) return false
    return ms === 0 || (ms < LONGEST_GATHERING_MS && last - this.#sent < GATHERED_EVENTS)
  }

  async #gather(ms: number): Promise<void> {
    this.#isGathering = true
    const off = schedule(ms, () => this.#wake?.())
    await this.#woken()
    off()
    this.#isGathering = false
  }

  #woken(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve
    })
  }

  /** @returns the last event that the store has; `over`: the log has ended. */
  async #write(): Promise<number | 'over'> {
    const { ending } = this.#log
    const { id } = this.#answer
    const frames = this.#log.framesAfter(this.#sent)
    if (ending) {
      const stands = await this.#store.end(id, ending, this.#sent + 1, frames)
      if (stands === undefined) return this.#lose(0)
      if (stands !== ending) this.#events.onEnded(stands)
      return 'over'
    }
    const last = await this.#store.append(id, this.#sent + 1, frames)
    if (typeof last === 'number') return this.#lose(last)
    this.#events.onEnded(last)
    return 'over'
  }

  // Less than was sent: the store has come back without it.
  #lose(last: number): number {
    this.#sent = Math.min(last, this.#log.last)
    return last
  }

  /** Tries until it works, or the answer would have expired. @returns `undefined` when it was given up. */
  async #insist<T>(attempt: () => Promise<T>): Promise<T | undefined> {
    for (let waitMs = FIRST_WAIT_MS; ; waitMs = Math.min(2 * waitMs, LONGEST_WAIT_MS)) {
      try {
        const result = await attempt()
        this.#isWarned = false
        return result
      } catch (error) {
        this.#warn(error)
      }
      if (this.#log.ending) this.#deadline = Math.min(this.#deadline, wallClock() + this.#keepMs)
      if (wallClock() > this.#deadline) return undefined
      await elapsed(waitMs)
    }
  }

  #warn(error: unknown): void {
    if (this.#isWarned) return
    this.#isWarned = true
    const why = error instanceof RefusedError ? error.message : 'The store cannot be reached'
    this.#events.onWarning(`${why}; readers here go on from memory, and what is missing is written later`)
  }
}
