import { CircuitOpenError, type StreamError, type StreamFailure } from '../errors/errors.ts'
import { wallClock } from '../time/clock.ts'

/** When to stop asking a server that keeps failing. */
export interface BreakerOptions {
  /**
   * Failures in a row that open the circuit.
   * @defaultValue 5
   */
  readonly failures?: number | undefined
  /**
   * Only failures this recent count, in ms.
   * @defaultValue 300 000
   */
  readonly windowMs?: number | undefined
  /**
   * How long the circuit stays open before one probe is let through, in ms.
   * @defaultValue 30 000
   */
  readonly cooldownMs?: number | undefined
}

export type ResolvedBreaker = { readonly [K in keyof BreakerOptions]-?: number }

export const breakerDefaults: ResolvedBreaker = Object.freeze({
  failures: 5,
  windowMs: 300_000,
  cooldownMs: 30_000,
})

/** A breaker's state, for a page that wants to show it. */
export interface Health {
  /** `isolated`: the caller has taken the server out of service; only the caller puts it back. */
  readonly state: 'closed' | 'open' | 'half-open' | 'isolated'
  /** Failures that count at the moment. */
  readonly failures: number
  /** When the next attempt is allowed, in ms since the epoch; `undefined` while attempts are allowed, or isolated. */
  readonly retryAt: number | undefined
}

/** Told when a circuit opens, closes, half-opens or is isolated. */
export interface StateChange {
  /** The server: its origin, or what `breaker.key` made of its URL. */
  readonly key: string
  readonly from: Health['state']
  readonly to: Health['state']
}

/** A breaker's memory as JSON, to be kept over a page load. The times are ms since the epoch. */
export type SavedBreaker =
  | { readonly state: 'closed'; readonly failedAt: readonly number[] }
  | { readonly state: 'open'; readonly until: number; readonly failures: number }
  | { readonly state: 'isolated' }

type State =
  | { readonly name: 'closed'; readonly failedAt: readonly number[] }
  | { readonly name: 'open'; readonly until: number; readonly failures: number }
  /** The cool-down is over; `probe` is the one attempt under way, if there is one. */
  | { readonly name: 'half-open'; readonly probe: Permit | undefined; readonly failures: number }
  | { readonly name: 'isolated' }

/** Leave for one attempt; exactly one verdict is due, at the end of the *stream*, not at the headers. */
export interface Permit {
  /** `undefined`: a whole answer. An error that says nothing about the server (an abort, a 4xx) only gives the permit back. */
  settle(error: StreamError | undefined): void
}

const CLOSED: State = Object.freeze({ name: 'closed', failedAt: Object.freeze([]) })

/** One server's circuit breaker, shared by all replies that ask it. */
export class Breaker {
  readonly #options: ResolvedBreaker
  readonly #onChange: (from: Health['state'], to: Health['state']) => void
  #state: State

  /**
   * @param saved - the memory of a breaker that was.
   * @param onChange - told of each change of state; the end of a cool-down is noticed when somebody asks.
   */
  constructor(
    options: ResolvedBreaker,
    saved?: SavedBreaker,
    onChange: (from: Health['state'], to: Health['state']) => void = () => {},
  ) {
    this.#options = options
    this.#onChange = onChange
    this.#state = saved ? restored(saved, options) : CLOSED
  }

  /**
   * Asks for leave to make an attempt.
   *
   * @param failure - what is being retried, to go along as the `cause`.
   * @throws CircuitOpenError while the circuit is open, isolated, or half-open with a probe under way.
   */
  admit(failure?: StreamError): Permit {
    const state = this.#now()
    if (state.name === 'isolated') throw new CircuitOpenError(undefined, failure)
    if (state.name === 'open') throw new CircuitOpenError(state.until, failure)
    // The probe's verdict may be minutes away; "from now on" is all that can be said.
    if (state.name === 'half-open' && state.probe) throw new CircuitOpenError(wallClock(), failure)
    const permit: Permit = { settle: (error) => this.#settle(permit, error) }
    if (state.name === 'half-open') this.#state = { ...state, probe: permit }
    return permit
  }

  /** Takes the server out of service until the function it returns is called; then the circuit is closed. */
  isolate(): () => void {
    const isolated: State = { name: 'isolated' }
    this.#become(isolated)
    return () => {
      if (this.#state === isolated) this.#become(CLOSED)
    }
  }

  /** How things stand. */
  health(): Health {
    const state = this.#now()
    switch (state.name) {
      case 'closed':
        return { state: 'closed', failures: this.#recent(state.failedAt).length, retryAt: undefined }
      case 'open':
        return { state: 'open', failures: state.failures, retryAt: state.until }
      case 'half-open':
        return { state: 'half-open', failures: state.failures, retryAt: undefined }
      case 'isolated':
        return { state: 'isolated', failures: 0, retryAt: undefined }
    }
  }

  /** The memory as JSON. A probe under way is not remembered: whoever restores this makes the next one. */
  save(): SavedBreaker {
    const state = this.#now()
    switch (state.name) {
      case 'closed':
        return { state: 'closed', failedAt: this.#recent(state.failedAt) }
      case 'open':
        return { state: 'open', until: state.until, failures: state.failures }
      case 'half-open':
        return { state: 'open', until: wallClock(), failures: state.failures }
      case 'isolated':
        return { state: 'isolated' }
    }
  }

  #settle(permit: Permit, error: StreamError | undefined): void {
    const state = this.#now()
    const isProbe = state.name === 'half-open' && state.probe === permit
    if (error && !blamesServer(error as StreamFailure)) {
      if (isProbe) this.#state = { ...state, probe: undefined }
      return
    }
    // A stream that began before the circuit opened tells nothing about the server now.
    if (state.name !== 'closed' && !isProbe) return
    if (!error) {
      this.#become(CLOSED)
      return
    }
    const failedAt = state.name === 'closed' ? [...this.#recent(state.failedAt), wallClock()] : []
    const failures = state.name === 'closed' ? failedAt.length : state.failures + 1
    this.#become(
      isProbe || failures >= this.#options.failures
        ? { name: 'open', until: wallClock() + this.#options.cooldownMs, failures }
        : { name: 'closed', failedAt },
    )
  }

  // The cool-down ends by the clock, not by a timer: a breaker that nobody asks costs nothing.
  #now(): State {
    const state = this.#state
    if (state.name === 'open' && wallClock() >= state.until)
      this.#become({ name: 'half-open', probe: undefined, failures: state.failures })
    return this.#state
  }

  #become(state: State): void {
    const from = this.#state.name
    this.#state = state
    if (from !== state.name) this.#onChange(from, state.name)
  }

  #recent(failedAt: readonly number[]): number[] {
    const since = wallClock() - this.#options.windowMs
    return failedAt.filter((time) => time > since)
  }
}

function restored(saved: SavedBreaker, { cooldownMs }: ResolvedBreaker): State {
  switch (saved.state) {
    case 'closed':
      return { name: 'closed', failedAt: saved.failedAt }
    case 'open':
      // No longer than from now on: the clock may have been set back, or the storage written to.
      return {
        name: 'open',
        until: Math.min(saved.until, wallClock() + cooldownMs),
        failures: saved.failures,
      }
    case 'isolated':
      return { name: 'isolated' }
  }
}

/** Whether a value is what {@link Breaker.save} gave: it may come from a storage that others write to. */
export function isSavedBreaker(value: unknown): value is SavedBreaker {
  if (typeof value !== 'object' || value === null) return false
  const { state, failedAt, until, failures } = value as Readonly<Record<string, unknown>>
  switch (state) {
    case 'closed':
      return Array.isArray(failedAt) && failedAt.every(Number.isFinite)
    case 'open':
      return Number.isFinite(until) && Number.isFinite(failures)
    default:
      return state === 'isolated'
  }
}

/** Whether an error speaks of the server's health: not an abort, not a 4xx, not what a callback did. */
function blamesServer(error: StreamFailure): boolean {
  switch (error.code) {
    case 'network':
    case 'truncated':
      return true
    case 'timeout':
      return error.phase !== 'total'
    case 'http':
      return error.status >= 500
    case 'api':
      return [error.type, error.providerCode].some((word) => SERVER_TROUBLE.test(word ?? ''))
    case 'aborted':
    case 'protocol':
    case 'circuit-open':
    case 'callback':
      return false
  }
}

const SERVER_TROUBLE = /overloaded|server_?error|internal|unavailable|^5\d\d$/i
