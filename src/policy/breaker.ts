import { CircuitOpenError, type StreamError, type StreamFailure } from '../errors/errors.ts'
import { wallClock } from '../time/clock.ts'
import {
  aged,
  CLOSED,
  type HalfOpen,
  type Health,
  restored,
  type SavedBreaker,
  type State,
  savedFrom,
  shown,
} from './circuit.ts'
import { blamesServer } from './trouble.ts'

export { type Health, isSavedBreaker, type SavedBreaker } from './circuit.ts'

/** When to stop asking a server that keeps failing. */
export interface BreakerOptions {
  /**
   * Failures in a row that open the circuit. The streams that one event breaks together are one failure.
   * @defaultValue 5
   */
  readonly failures?: number | undefined
  /**
   * Only failures this recent count, in ms. `0`: all since the last success.
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

export const breakerDefaults: ResolvedBreaker = /* @__PURE__ */ Object.freeze({
  failures: 5,
  windowMs: 300_000,
  cooldownMs: 30_000,
})

/** Told when a circuit opens, closes, half-opens or is isolated. */
export interface StateChange {
  /** The server: its origin, or what `breaker.key` made of its URL. */
  readonly key: string
  readonly from: Health['state']
  readonly to: Health['state']
}

/** Leave for one attempt; exactly one verdict is due, at the end of the *stream*, not at the headers. */
export interface Permit {
  /** The first delta is there. From a probe that is proof enough; the rest of its stream may take minutes. */
  progressed(): void
  /**
   * Only the first call counts. `undefined`: a whole answer. An error that says nothing about the server (an abort,
   * a 4xx) only gives the permit back, and so does one that is `isOurs`: the page was offline or asleep, or the
   * caller's own code failed.
   *
   * @returns whether it is one failure with another that has been counted: the same event broke both.
   */
  settle(error: StreamError | undefined, isOurs?: boolean): boolean
}

/** What the end of a stream says about the server. */
type Verdict = 'well' | 'ill' | 'unknown'

/** One server's circuit breaker, shared by all replies that ask it. */
export class Breaker {
  readonly #options: ResolvedBreaker
  readonly #onChange: (from: Health['state'], to: Health['state']) => void
  #state: State
  /** The serial number of the newest permit. */
  #newest = 0
  /** The newest permit when a failure was last counted: what fails up to here was broken by the same event. */
  #horizon = 0

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
    this.#state = saved ? restored(saved, options.cooldownMs) : CLOSED
  }

  /**
   * Asks for leave to make an attempt. Whoever can wait gets a promise while a probe is under way. It brings a permit
   * when the circuit closes, or when the probe says nothing and this one is the next; it is rejected when the circuit
   * opens or is isolated. A permit that nobody wants any more is due like any other: settled with an `AbortedError`,
   * it goes to the next who waits.
   *
   * @param failure - what is being retried, to go along as the `cause`.
   * @param canWait - `false` where another server can be asked at once: then a probe under way is a refusal, too.
   * @throws CircuitOpenError while the circuit is open or isolated.
   */
  admit(failure?: StreamError, canWait?: false): Permit
  admit(failure: StreamError | undefined, canWait: boolean): Permit | Promise<Permit>
  admit(failure?: StreamError, canWait = false): Permit | Promise<Permit> {
    const state = this.#now()
    if (canWait && state.name === 'half-open' && state.probe) return this.#turn(state, failure)
    return this.#ask(state, failure)
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
    return shown(this.#now())
  }

  /** The memory as JSON. A probe under way is not remembered: whoever restores this makes the next one. */
  save(): SavedBreaker {
    return savedFrom(this.#now())
  }

  /** Leave, or a refusal. */
  #ask(state: State, failure: StreamError | undefined): Permit {
    switch (state.name) {
      case 'closed':
        return this.#permit()
      case 'open':
        throw new CircuitOpenError(state.until, failure)
      case 'half-open': {
        // The probe's verdict may be minutes away; "from now on" is all that can be said.
        if (state.probe) throw new CircuitOpenError(wallClock(), failure)
        const permit = this.#permit()
        this.#become({ ...state, probe: this.#newest })
        return permit
      }
      case 'isolated':
        throw new CircuitOpenError(undefined, failure)
    }
  }

  #turn({ waiting }: HalfOpen, failure: StreamError | undefined): Promise<Permit> {
    const turn = new Promise<Permit>((resolve, reject) => {
      waiting.push(() => {
        try {
          // As things stand, not `#now`: after a cool-down of 0 ms a refusal would become another probe.
          resolve(this.#ask(this.#state, failure))
        } catch (refusal) {
          reject(refusal)
        }
      })
    })
    // Whoever has lost interest must not hear of the refusal as an unhandled rejection.
    turn.catch(() => {})
    return turn
  }

  #permit(): Permit {
    const serial = ++this.#newest
    let isSettled = false
    return {
      progressed: () => {
        if (this.#state.name === 'half-open' && this.#state.probe === serial) this.#become(CLOSED)
      },
      settle: (error, isOurs = false) => {
        if (isSettled) return false
        isSettled = true
        return this.#settle(serial, verdictOf(error, isOurs))
      },
    }
  }

  #settle(serial: number, verdict: Verdict): boolean {
    const state = this.#now()
    const isSame = verdict === 'ill' && serial <= this.#horizon
    switch (state.name) {
      case 'closed':
        if (verdict === 'well') this.#become(CLOSED)
        if (verdict === 'ill' && !isSame) this.#count(state.failedAt)
        break
      case 'half-open':
        if (state.probe === serial) this.#decide(state, verdict)
        break
      case 'open':
      case 'isolated':
        // A stream that began before tells nothing about the server now.
        break
    }
    return isSame
  }

  /** A failure, and with it all that the same event may still break. */
  #count(before: readonly number[]): void {
    this.#horizon = this.#newest
    const failedAt = [...before, wallClock()]
    if (failedAt.length < this.#options.failures) this.#become({ name: 'closed', failedAt })
    else this.#open(failedAt.length)
  }

  /** What the probe's end means for all who wait. */
  #decide(state: HalfOpen, verdict: Verdict): void {
    if (verdict === 'well') this.#become(CLOSED)
    else if (verdict === 'ill') this.#open(state.failures + 1)
    else {
      this.#become({ ...state, probe: undefined })
      state.waiting.shift()?.()
    }
  }

  #open(failures: number): void {
    this.#become({ name: 'open', until: wallClock() + this.#options.cooldownMs, failures })
  }

  #now(): State {
    this.#become(aged(this.#state, this.#options.windowMs))
    return this.#state
  }

  #become(state: State): void {
    const from = this.#state
    this.#state = state
    if (from.name === state.name) return
    // Before anybody is told: who hears of it might isolate or ask, and those who wait came first.
    if (from.name === 'half-open') for (const look of from.waiting) look()
    this.#onChange(from.name, state.name)
  }
}

function verdictOf(error: StreamError | undefined, isOurs: boolean): Verdict {
  if (!error) return 'well'
  return !isOurs && blamesServer(error as StreamFailure) ? 'ill' : 'unknown'
}
