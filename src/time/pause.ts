import type { Alarm, Mark } from './alarm.ts'
import { type Patience, type Stall, stallMark, timeout } from './deadlines.ts'
import { isOffline } from './page.ts'

/**
 * The waits of a reply outside of an attempt: for its turn, for the caller's own functions, for another reply's probe,
 * for the next attempt. No clock of the server's runs in them, but that of the whole reply does.
 */
export class Pause {
  readonly #alarm: Alarm
  readonly #patience: Patience
  /** How long the server wants to be left alone before it is asked again (its `retry:` field), in ms. */
  retryMs = 0
  /** Whether the server at hand has answered while the browser said that there is no network. */
  hasAnsweredOffline = false
  /** When the next attempt is due, on the scale of the alarm. */
  #wakeAt = 0
  #since = 0
  #stallAt = 0
  #isOffline = false
  /** Whether the next attempt needs what the browser calls a network. */
  #needsNetwork = true
  #wake: () => void = () => {}

  constructor(alarm: Alarm, patience: Patience) {
    this.#alarm = alarm
    this.#patience = patience
  }

  /** What is left of `timeouts.totalMs`; `Infinity` when it is off. */
  get remainingMs(): number {
    const { totalMs } = this.#patience.timeouts
    return totalMs > 0 ? totalMs - this.#alarm.elapsed : Number.POSITIVE_INFINITY
  }

  /** Headers have come. */
  answered(): void {
    this.hasAnsweredOffline = isOffline()
  }

  /** Until it is this reply's turn. */
  turn<T>(promise: Promise<T>): Promise<T> {
    return this.#until('a slot (maxConcurrent)', promise, () => [])
  }

  /** While another reply finds out whether the server is well again. */
  probe<T>(promise: Promise<T>): Promise<T> {
    return this.#until("another reply's probe of the server", promise, () => [this.#stall('probe')])
  }

  /** For a function of the caller's, for `connectMs` at most: it may hang like any server, but it is none. */
  caller<T>(phase: 'headers' | 'resume', promise: Promise<T>): Promise<T> {
    const from = this.#alarm.waited
    const { connectMs } = this.#patience.timeouts
    return this.#until(phase, promise, () => [
      this.#stall(phase),
      timeout(this.#alarm, phase, from, connectMs, this.#patience.expire),
    ])
  }

  /**
   * Until the next attempt is due. In a page that is being left it lasts until that page is gone or has stayed; without
   * a network it goes on until there is one, for `firstMs` at most. Whoever gives up on it lets the alarm rest.
   *
   * @param needsNetwork - `false`: the server is on this machine, or has answered although there is said to be none.
   */
  backoff(ms: number, needsNetwork = true): Promise<void> {
    this.#needsNetwork = needsNetwork
    this.#wakeAt = this.#alarm.waited + ms
    this.#isOffline = false
    const due = new Promise<void>((resolve) => {
      this.#wake = resolve
    })
    return this.#until('the next attempt', due, () => this.#backoffMarks())
  }

  #until<T>(what: string, promise: Promise<T>, marks: () => readonly Mark[]): Promise<T> {
    this.#since = this.#stallAt = this.#alarm.waited
    this.#alarm.resumed()
    this.#alarm.watch(what, marks, () => {
      if (this.#isOffline && !isOffline()) this.#wake()
    })
    return this.#alarm.waiting(promise)
  }

  #backoffMarks(): readonly Mark[] {
    const wake = (at: number, limit: number): Mark => {
      return { clock: 'wake', limit, at, isHard: false, due: () => this.#tryAgain() }
    }
    const { firstMs } = this.#patience.timeouts
    return this.#isOffline
      ? [this.#stall('offline'), wake(this.#wakeAt + firstMs, firstMs)]
      : [wake(Math.max(this.#wakeAt, this.#alarm.grace.heldUntil), 1)]
  }

  // A request without a network only burns an attempt. But some engines say "offline" for ever, so even that ends.
  #tryAgain(): void {
    if (this.#isOffline || !this.#needsNetwork || !isOffline()) {
      this.#isOffline = false
      this.#wake()
      return
    }
    this.#isOffline = true
    this.#since = this.#stallAt = this.#wakeAt
    this.#alarm.arm()
  }

  #stall(phase: Stall['phase']): Mark {
    const note = (time: number): Stall => {
      this.#stallAt = time
      return { phase, silentMs: time - this.#since }
    }
    return stallMark(this.#alarm, this.#stallAt, this.#patience, note)
  }
}
