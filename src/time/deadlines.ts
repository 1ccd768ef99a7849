import { ProtocolError, type StreamError, TimeoutError, type TimeoutPhase } from '../errors/errors.ts'
import { now, schedule } from './clock.ts'
import { Grace } from './grace.ts'
import { isOffline, watchPage } from './page.ts'
import type { ResolvedTimeouts } from './timeouts.ts'

/** Told when nothing has come for a while; nothing is aborted. */
export interface Stall {
  /** What is being waited for: the headers, the first delta, the next one, or a network to try again in. */
  readonly phase: 'connect' | 'first' | 'idle' | 'offline'
  /** How long there has been no delta, in ms. */
  readonly silentMs: number
}

// Once the answer is whole only usage and the end marker are still to come: a server that then keeps the socket
// open must not keep the caller waiting for a whole `idleMs`.
const CLOSING_MS = 5_000

type Phase = Stall['phase'] | 'queued' | 'closing' | 'backoff'

interface Mark {
  /** When it is due, in ms of waiting. */
  readonly at: number
  readonly limit: number
  readonly clock: TimeoutPhase | 'closing' | 'stall' | 'wake'
}

// A timer this late was held up by something that blocked the engine, and the bytes that came meanwhile are still
// in line behind it. They get this long to be read before the verdict.
const LATE_MS = 100
const TURN_MS = 20

/**
 * The five clocks and the soft one, as a bracket around each wait for the network. The time the caller is waited
 * for (an async callback at work, a reader that has not asked for more) does not count, so a slow consumer never
 * looks like a slow server. One timer at most is pending: it is set for the nearest deadline and, when it fires too
 * early because deltas have come since, set again. Nothing is re-armed per chunk and the time is read once per
 * read, because that is a tenth of what a read costs.
 */
export class Deadlines {
  readonly #timeouts: ResolvedTimeouts
  readonly #stallMs: number
  readonly #onStall: (stall: Stall) => void
  #expire: (error: StreamError) => void = () => {}
  #wake: () => void = () => {}
  #phase: Phase = 'connect'
  #scale = 1
  /** ms this reply has spent in brackets; the marks below are on this scale. */
  #waited = 0
  #isWaiting = false
  /** The last time the clock was read. */
  #readAt = 0
  #hadTurn = false
  #attemptAt = 0
  #deltaAt = 0
  #byteAt = 0
  #stallAt = 0
  #wakeAt = 0
  readonly #grace = new Grace()
  #unwatch: (() => void) | undefined
  #disarm: (() => void) | undefined

  constructor(timeouts: ResolvedTimeouts, stallMs: number, onStall: (stall: Stall) => void) {
    this.#timeouts = timeouts
    this.#stallMs = stallMs
    this.#onStall = onStall
  }

  /** The reply waits for its turn: only `totalMs` runs. `expire` is to end it. */
  queued(expire: (error: StreamError) => void): void {
    this.#expire = expire
    this.resumed()
    this.#enter('queued')
  }

  /** A new attempt; `expire` is to end it when a clock runs out. */
  begin(attempt: number, expire: (error: StreamError) => void): void {
    this.#expire = expire
    this.#scale = (this.#timeouts.growth || 1) ** (attempt - 1)
    this.#attemptAt = this.#deltaAt = this.#stallAt = this.#waited
    this.#grace.renew()
    this.resumed()
    this.#enter('connect')
  }

  /** Opens the bracket: from here to {@link arrived} the clocks run. Returns the promise it was given. */
  waiting<T>(promise: Promise<T>): Promise<T> {
    this.#isWaiting = true
    if (!this.#disarm) this.#arm()
    return promise
  }

  /** Closes the bracket: something came. Returns the monotonic time. */
  arrived(): number {
    const time = now()
    if (this.#isWaiting) this.#waited += time - this.#readAt
    this.#readAt = time
    this.#isWaiting = this.#hadTurn = false
    this.#byteAt = this.#waited
    return time
  }

  /** The caller was waited for: the time since {@link arrived} does not count. */
  resumed(): void {
    this.#readAt = now()
  }

  /** The headers are here. */
  opened(): void {
    this.#enter('first')
  }

  /** What came held a delta. Returns how long ago the one before it came, in ms; `0` for the first. */
  progressed(): number {
    const gap = this.#phase === 'idle' ? this.#waited - this.#deltaAt : 0
    this.#deltaAt = this.#stallAt = this.#waited
    this.#grace.renew()
    if (this.#phase !== 'idle') this.#enter('idle')
    return gap
  }

  /** The answer is whole; only usage and the end marker may follow. */
  finishing(): void {
    if (this.#phase === 'closing') return
    this.#deltaAt = this.#waited
    this.#enter('closing')
  }

  /**
   * The wait between two attempts, a bracket of its own. In a page that is being left it lasts until that page is gone
   * or has stayed; without a network it goes on until there is one, for `firstMs` at most. Whoever gives up on it calls
   * {@link rest}.
   */
  backoff(ms: number, expire: (error: StreamError) => void): Promise<void> {
    this.#expire = expire
    this.#enter('backoff')
    this.#wakeAt = this.#waited + ms
    this.resumed()
    return this.waiting(
      new Promise<void>((resolve) => {
        this.#wake = resolve
      }),
    )
  }

  /** What is left of `totalMs`; `Infinity` when it is off. */
  get remainingMs(): number {
    return this.#timeouts.totalMs > 0 ? this.#timeouts.totalMs - this.#waited : Number.POSITIVE_INFINITY
  }

  /** Whether a bracket is open, that is: whether what was thrown was thrown by the network. */
  get isWaiting(): boolean {
    return this.#isWaiting
  }

  /** No more waits for now: leaves no timer behind. */
  rest(): void {
    this.arrived()
    this.#disarm?.()
    this.#unwatch?.()
    this.#disarm = this.#unwatch = undefined
  }

  // A phase can bring a nearer deadline than the one the timer was set for: the next bracket sets it anew.
  #enter(phase: Phase): void {
    this.#phase = phase
    this.#disarm?.()
    this.#disarm = undefined
    this.#unwatch ??= watchPage({
      onAway: () => this.#grace.left(this.#time()),
      onBack: () => this.#returned(),
      onLeaving: () => this.#grace.leaving(this.#time()),
    })
  }

  #arm(): void {
    const { at } = this.#nearest()
    this.#grace.stamp()
    if (at < Number.POSITIVE_INFINITY)
      this.#disarm = schedule(Math.max(1, at - this.#time()), () => this.#fire())
  }

  #fire(): void {
    this.#disarm = undefined
    // The caller is busy with what came: the next bracket sets the timer anew.
    if (!this.#isWaiting) return
    const time = this.#time()
    const mark = this.#nearest()
    const { at, limit, clock } = mark
    if (time < at) this.#arm()
    else if (clock === 'wake') this.#tryAgain()
    else if (clock === 'stall') this.#tellStall(time)
    else if (!this.#hadTurn && this.#grace.isDue(mark, time)) this.#giveGrace([mark], time)
    else if (time - at > LATE_MS && !this.#hadTurn) this.#giveTurn()
    else if (clock === 'closing')
      this.#expire(new ProtocolError(`The stream went on for ${limit} ms after the answer`))
    else this.#expire(new TimeoutError(clock, limit))
  }

  #giveTurn(): void {
    this.#hadTurn = true
    this.#disarm = schedule(TURN_MS, () => this.#fire())
  }

  #giveGrace(overdue: readonly Mark[], time: number): void {
    this.#grace.give(overdue, time, this.#timeouts.idleMs)
    this.#arm()
  }

  /** The page is back, from wherever it was. What is overdue by now gets a grace, and then no other. */
  #returned(): void {
    this.#grace.heldUntil = 0
    if (this.#phase === 'offline' && !isOffline()) this.#wake()
    if (!this.#isWaiting) return
    this.#waited += this.#grace.sleptMs()
    const time = this.#time()
    this.#disarm?.()
    this.#giveGrace(
      this.#marks().filter(({ at, limit, clock }) => limit > 0 && isHard(clock) && at <= time),
      time,
    )
  }

  // A request without a network only burns an attempt. But some engines say "offline" for ever, so even that ends.
  #tryAgain(): void {
    if (this.#phase === 'offline' || !isOffline()) {
      this.#wake()
      return
    }
    this.#deltaAt = this.#stallAt = this.#wakeAt
    this.#enter('offline')
    this.#arm()
  }

  #tellStall(time: number): void {
    this.#stallAt = time
    this.#arm()
    this.#onStall({ phase: this.#phase as Stall['phase'], silentMs: time - this.#deltaAt })
  }

  #time(): number {
    return this.#isWaiting ? this.#waited + now() - this.#readAt : this.#waited
  }

  #nearest(): Mark {
    return this.#marks().reduce(
      (nearest, mark) => (mark.limit > 0 && mark.at < nearest.at ? mark : nearest),
      NEVER,
    )
  }

  /** The clocks that run in this phase. */
  #marks(): readonly Mark[] {
    const { connectMs, firstMs, idleMs, silenceMs, totalMs } = this.#timeouts
    const mark = (clock: Mark['clock'], from: number, limit: number): Mark => ({
      clock,
      limit,
      at: isHard(clock) ? Math.max(from + limit, this.#grace.until) : from + limit,
    })
    const total = mark('total', 0, totalMs)
    const first = mark('first', this.#attemptAt, firstMs * this.#scale)
    const silence = mark('silence', this.#byteAt, silenceMs)
    const stall = mark('stall', this.#stallAt, this.#stallMs)
    switch (this.#phase) {
      case 'queued':
        return [total]
      case 'connect':
        return [total, first, stall, mark('connect', this.#attemptAt, connectMs * this.#scale)]
      case 'first':
        return [total, first, stall, silence]
      case 'idle':
        return [total, stall, silence, mark('idle', this.#deltaAt, idleMs * this.#scale)]
      case 'closing':
        return [total, mark('closing', this.#deltaAt, Math.min(idleMs || CLOSING_MS, CLOSING_MS))]
      case 'backoff':
        return [total, { clock: 'wake', limit: 1, at: Math.max(this.#wakeAt, this.#grace.heldUntil) }]
      case 'offline':
        return [total, stall, mark('wake', this.#wakeAt, firstMs)]
    }
  }
}

/** Whether this clock ends an attempt. */
function isHard(clock: Mark['clock']): boolean {
  return clock !== 'stall' && clock !== 'wake'
}

const NEVER: Mark = Object.freeze({ at: Number.POSITIVE_INFINITY, limit: 0, clock: 'total' })
