import type { StreamFailure } from '../errors/errors.ts'
import { Route } from '../policy/failover.ts'
import { askedMs, type Decision, isLongTimeout, isRetryable, type Progress } from '../policy/retry.ts'
import type { Endpoint } from '../request/endpoints.ts'
import { wallClock } from '../time/clock.ts'
import type { Run } from './attempt.ts'
import { canResume, type Errand } from './resume-request.ts'

/** One attempt that failed. */
export interface Failure {
  readonly error: StreamFailure
  /**
   * `on-its-way`: it had brought something new. `in-vain`: nothing. `held-back`: the circuit was open, nothing was
   * sent. `declined`: there was no request to send; the error is the one before.
   */
  readonly was: 'on-its-way' | 'in-vain' | 'held-back' | 'declined'
}

/** What a reply remembers from one attempt to the next. */
export class Course {
  readonly route: Route
  /** How the next attempt asks. */
  mode: Errand['mode'] = 'anew'
  /** The last failure of a request that was sent. */
  error: StreamFailure | undefined
  /** Whether the next request costs the budget nothing: it is the first, or goes on with a stream that got on. */
  isNextFree = true
  /** Whether the next request has been paid for. */
  isPaid = false
  #failures = 0
  #longTimeouts = 0
  #hasRefreshed = false
  #isRestRefused = false

  /** @param first - which of `count` endpoints is asked first. */
  constructor(count: number, first: number) {
    this.route = new Route(count, Math.max(0, first))
  }

  /** Takes in a failure and says how far the reply has come. */
  failed(run: Run, { error, was }: Failure, attempts: number): Progress {
    const { plan, deadlines, audience, trail } = run
    const endpoint = plan.endpoints[this.route.at] as Endpoint
    this.#noteRefusal(run, error, was)
    const canGoOn = was !== 'held-back' && !this.#isRestRefused && canResume(run, endpoint)
    const gotOn = canGoOn && was === 'on-its-way'
    if (was !== 'held-back') this.isNextFree = gotOn
    this.#count(error, was, gotOn)
    const next = this.route.next()
    const isSameServer = canGoOn || next.index === this.route.at
    return {
      attempts,
      failures: this.#failures,
      committed: audience.hasHeard(),
      canResume: canGoOn,
      isRestRefused: this.#isRestRefused,
      canRewind: plan.recovery === 'replay' || audience.canRewind(),
      canResend: !(endpoint.request.body instanceof ReadableStream),
      canRefresh: typeof endpoint.request.headers === 'function' && !this.#hasRefreshed,
      hasBudget: this.isNextFree || !plan.budget || plan.budget.tokens >= 1,
      hasAlternative: next.isFresh,
      askedMs: isSameServer ? Math.max(this.route.waitMs, trail.retryMs) : next.waitMs,
      longTimeouts: this.#longTimeouts,
      remainingMs: deadlines.remainingMs,
    }
  }

  /** Makes what was decided the next attempt. */
  turn(action: Exclude<Decision['action'], 'give-up'>): void {
    switch (action) {
      case 'resume':
        this.mode = 'resume'
        break
      case 'refresh':
        this.#hasRefreshed = true
        break
      case 'retry':
      case 'failover':
        this.mode = 'anew'
        this.route.advance()
        break
    }
  }

  // A server that has lost the stream says so with a status of its own (404, 410, 204), not by breaking down.
  #noteRefusal({ plan }: Run, error: StreamFailure, was: Failure['was']): void {
    if (was === 'declined') this.#isRestRefused = true
    else if (this.mode === 'resume' && was === 'in-vain' && !isRetryable(error, plan.retry))
      this.#isRestRefused = error.code === 'http' || error.code === 'protocol'
  }

  #count(error: StreamFailure, was: Failure['was'], gotOn: boolean): void {
    if (error.code === 'circuit-open') {
      this.route.postpone((error.retryAtMs ?? Number.POSITIVE_INFINITY) - wallClock())
      return
    }
    if (was === 'declined') return
    this.error = error
    this.#failures = gotOn ? 1 : this.#failures + 1
    if (isLongTimeout(error)) this.#longTimeouts++
    this.route.postpone(askedMs(error))
  }
}
