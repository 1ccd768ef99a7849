import { CircuitOpenError, type StreamError, type StreamFailure } from '../errors.ts'
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
  readonly state: 'closed' | 'open' | 'half-open'
  /** Failures that count at the moment. */
  readonly failures: number
  /** When the next attempt is allowed, in ms since the epoch; `undefined` while attempts are allowed. */
  readonly retryAt: number | undefined
}

type State =
  | { readonly name: 'closed'; readonly failedAt: readonly number[] }
  | { readonly name: 'open'; readonly until: number; readonly failures: number }
  /** The cool-down is over; `probe` is the one attempt under way, if there is one. */
  | { readonly name: 'half-open'; readonly probe: Permit | undefined; readonly failures: number }

/** Leave for one attempt; exactly one verdict is due, at the end of the *stream*, not at the headers. */
export interface Permit {
  /** `undefined`: a whole answer. An error that says nothing about the server (an abort, a 4xx) only gives the permit back. */
  settle(error: StreamError | undefined): void
}

/** One server's circuit breaker, shared by all replies that ask it. */
export class Breaker {
  readonly #options: ResolvedBreaker
  #state: State = { name: 'closed', failedAt: [] }

  constructor(options: ResolvedBreaker) {
    this.#options = options
  }

  /**
   * Asks for leave to make an attempt.
   *
   * @param failure - what is being retried, to go along as the `cause`.
   * @throws CircuitOpenError while the circuit is open, or half-open with a probe under way.
   */
  admit(failure?: StreamError): Permit {
    const state = this.#now()
    if (state.name === 'open') throw new CircuitOpenError(state.until, failure)
    // The probe's verdict may be minutes away; "from now on" is all that can be said.
    if (state.name === 'half-open' && state.probe) throw new CircuitOpenError(wallClock(), failure)
    const permit: Permit = { settle: (error) => this.#settle(permit, error) }
    if (state.name === 'half-open') this.#state = { ...state, probe: permit }
    return permit
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
      this.#state = { name: 'closed', failedAt: [] }
      return
    }
    const failedAt = state.name === 'closed' ? [...this.#recent(state.failedAt), wallClock()] : []
    const failures = state.name === 'closed' ? failedAt.length : state.failures + 1
    this.#state =
      isProbe || failures >= this.#options.failures
        ? { name: 'open', until: wallClock() + this.#options.cooldownMs, failures }
        : { name: 'closed', failedAt }
  }

  // The cool-down ends by the clock, not by a timer: a breaker that nobody asks costs nothing.
  #now(): State {
    const state = this.#state
    if (state.name === 'open' && wallClock() >= state.until)
      this.#state = { name: 'half-open', probe: undefined, failures: state.failures }
    return this.#state
  }

  #recent(failedAt: readonly number[]): number[] {
    const since = wallClock() - this.#options.windowMs
    return failedAt.filter((time) => time > since)
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
