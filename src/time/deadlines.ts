import { ProtocolError, type StreamError, TimeoutError, type TimeoutPhase } from '../errors/errors.ts'
import type { Alarm, Mark } from './alarm.ts'
import { Pulse } from './pulse.ts'
import type { ResolvedTimeouts } from './timeouts.ts'

/** Told when nothing has come for a while; nothing is aborted. */
export interface Stall {
  /**
   * What is being waited for: the headers of the response, its first delta, the next one; between attempts a network to
   * try again in, another reply's probe of the server, or the caller's own function (`headers`, `resume`). `reader`: the caller
   * is, by a callback that has not settled or an iterator that has not asked for more.
   */
  readonly phase: 'connect' | 'first' | 'idle' | 'offline' | 'probe' | 'headers' | 'resume' | 'reader'
  /** How long there has been no delta, in ms; for `reader`, how long the caller has been waited for. */
  readonly silentMs: number
  /** With `reader`: who holds the reply up, `'a reader'` or the name of a callback. */
  readonly by?: string | undefined
}

// Once the answer is whole only usage and the end marker are still to come: a server that then keeps the socket
// open must not keep the caller waiting for a whole `idleMs`.
const CLOSING_MS = 5_000

/** How long a reply waits, and whom it tells. */
export interface Patience {
  readonly timeouts: ResolvedTimeouts
  readonly stallMs: number
  /** Who is waited for while it is the caller. */
  readonly holder: Holder
  onStall(stall: Stall): void
  /** Ends the reply. */
  readonly expire: Expire
}

/** The caller's function, or reader, that is waited for. */
export interface Holder {
  name: string
}

/** Ends what is being waited for. */
export type Expire = (error: StreamError) => void

/** The clocks of an attempt, that of the whole reply, and the soft one that only tells. */
export class Deadlines {
  readonly #alarm: Alarm
  readonly #patience: Patience
  #expire: Expire = () => {}
  #phase: 'connect' | 'first' | 'idle' | 'closing' = 'connect'
  #scale = 1
  // All on the scale of the alarm.
  #attemptAt = 0
  #deltaAt = 0
  /** When the model or a tool of its server was last seen at work. */
  #activeAt = 0
  #stallAt = 0
  /** How long the caller had been waited for when that was told last. */
  #heldMs = 0
  #pulse = new Pulse()

  constructor(alarm: Alarm, patience: Patience) {
    this.#alarm = alarm
    this.#patience = patience
    alarm.always(() => [this.#total(), ...(alarm.what === undefined ? [this.#held()] : [])])
  }

  /** A new attempt; `expire` is to end it when a clock runs out. */
  begin(attempt: number, expire: Expire): void {
    this.#expire = expire
    this.#scale = (this.#patience.timeouts.growth || 1) ** (attempt - 1)
    this.#attemptAt = this.#deltaAt = this.#activeAt = this.#stallAt = this.#alarm.waited
    this.#pulse = new Pulse()
    this.#alarm.grace.renew()
    this.#alarm.resumed()
    this.#enter('connect')
  }

  /** When the attempt at hand began, on the scale of the alarm. */
  get startedAt(): number {
    return this.#attemptAt
  }

  /** The headers are here. */
  opened(): void {
    this.#enter('first')
  }

  /** What came held a delta. Returns how long ago the one before it came, in ms; `0` for the first. */
  progressed(): number {
    const { waited, grace } = this.#alarm
    const gap = this.#phase === 'idle' ? waited - this.#deltaAt : 0
    this.#deltaAt = this.#activeAt = this.#stallAt = waited
    grace.renew()
    if (this.#phase !== 'idle') this.#enter('idle')
    return gap
  }

  /** What came says that somebody is at work, and holds nothing for the answer. */
  active(): void {
    const { waited, grace } = this.#alarm
    this.#activeAt = this.#stallAt = waited
    grace.renew()
  }

  /** What came is a sign of life: a comment, a ping. */
  alive(sign: string): void {
    this.#pulse.beat(sign, this.#alarm)
    // The timer may have been set for a later mark.
    this.#enter(this.#phase)
  }

  /** The answer is whole; only usage and the end marker may follow. */
  finishing(): void {
    if (this.#phase === 'closing') return
    this.#deltaAt = this.#alarm.waited
    this.#enter('closing')
  }

  #enter(phase: 'connect' | 'first' | 'idle' | 'closing'): void {
    this.#phase = phase
    this.#alarm.watch(phase === 'connect' ? 'response headers' : 'the model', () => this.#marks())
  }

  /** The clocks that run in this phase. */
  #marks(): readonly Mark[] {
    const { connectMs, firstMs, idleMs, silenceMs } = this.#patience.timeouts
    const hard = (phase: TimeoutPhase, from: number, limit: number): Mark =>
      timeout(this.#alarm, phase, from, limit, this.#expire)
    const first = hard('first', this.#activeAt, firstMs * this.#scale)
    const silentMs = silenceMs === 'auto' ? this.#pulse.limitMs(this.#alarm) : silenceMs
    const silence = hard('silence', this.#alarm.arrivedAt, silentMs)
    switch (this.#phase) {
      case 'connect':
        return [first, this.#stall(), hard('connect', this.#attemptAt, connectMs * this.#scale)]
      case 'first':
        return [first, this.#stall(), silence]
      case 'idle':
        return [this.#stall(), silence, hard('idle', this.#activeAt, idleMs * this.#scale)]
      case 'closing':
        return [this.#closing(Math.min(idleMs || CLOSING_MS, CLOSING_MS))]
    }
  }

  #closing(limit: number): Mark {
    const at = Math.max(this.#deltaAt + limit, graceEnd(this.#alarm))
    const error = () => new ProtocolError(`The stream went on for ${limit} ms after the answer`)
    return { clock: 'closing', limit, at, isHard: true, due: () => this.#expire(error()) }
  }

  /** By the wall: a reader that does not read on, a callback that never settles end, too. */
  #total(): Mark {
    const { timeouts, holder, expire } = this.#patience
    const { totalMs: limit } = timeouts
    const at = this.#alarm.onScale(Math.max(limit, this.#alarm.grace.until))
    const due = (): void => {
      // Of an answer that is whole only the attempt is left to be ended.
      const end = this.#phase === 'closing' ? this.#expire : expire
      end(new TimeoutError('total', limit, this.#alarm.what ?? holder.name))
    }
    return { clock: 'total', limit, at, isHard: true, due }
  }

  /** Tells that the caller holds things up. */
  #held(): Mark {
    const { heldMs } = this.#alarm
    if (heldMs < this.#heldMs) this.#heldMs = 0
    const note = (): Stall => {
      this.#heldMs = this.#alarm.heldMs
      return { phase: 'reader', silentMs: this.#heldMs, by: this.#patience.holder.name }
    }
    return stallMark(this.#alarm, this.#alarm.time() + this.#heldMs - heldMs, this.#patience, note)
  }

  #stall(): Mark {
    const note = (time: number): Stall => {
      this.#stallAt = time
      return { phase: this.#phase as Stall['phase'], silentMs: time - this.#activeAt }
    }
    return stallMark(this.#alarm, this.#stallAt, this.#patience, note)
  }
}

/** A clock that ends what it watches; `from` is when it began, `limit` of `0` switches it off. */
export function timeout(
  alarm: Alarm,
  phase: TimeoutPhase,
  from: number,
  limit: number,
  expire: Expire,
): Mark {
  const at = Math.max(from + limit, graceEnd(alarm))
  return { clock: phase, limit, at, isHard: true, due: () => expire(new TimeoutError(phase, limit)) }
}

/** What was given grace does not end before this. */
function graceEnd(alarm: Alarm): number {
  return alarm.onScale(alarm.grace.until)
}

/** The soft clock: it tells and goes on. `note` takes down when, and makes what is told. */
export function stallMark(
  alarm: Alarm,
  from: number,
  { stallMs: limit, onStall }: Patience,
  note: (time: number) => Stall,
): Mark {
  const due = (): void => {
    const stall = note(alarm.time())
    // Set anew first: whoever is told may end the wait.
    alarm.arm()
    onStall(stall)
  }
  return { clock: 'stall', limit, at: from + limit, isHard: false, due }
}
