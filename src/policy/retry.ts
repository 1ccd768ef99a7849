import { CallbackError, type StreamError, type StreamFailure } from '../errors/errors.ts'
import { type BackoffOptions, backoffDefaults, backoffMs, type ResolvedBackoff } from './backoff.ts'
import { type BudgetOptions, budgetDefaults, type ResolvedBudget } from './budget.ts'
import { isQuota, isRetryable, isServerClock, reason } from './trouble.ts'

/** When to try again. */
export interface RetryOptions extends BackoffOptions {
  /**
   * Further attempts after the first, those at other endpoints included; `0` means none. A resumed stream that gets
   * on starts counting anew.
   * @defaultValue 2, or as many as there are further endpoints
   */
  readonly limit?: number | undefined
  /**
   * The longest wait a server may ask for (`Retry-After` and its like), in ms; a longer one fails at once and the
   * error carries it. `0`: however long.
   * @defaultValue 60 000
   */
  readonly maxRetryAfterMs?: number | undefined
  /**
   * The HTTP statuses worth another attempt.
   * @defaultValue 408 425 429 500 502 503 504 520–524 529
   */
  readonly statuses?: readonly number[] | undefined
  /**
   * Has the last word on whether an error is worth another attempt; `undefined` leaves it to the table. The limit
   * and the consent to take text back stay in force.
   */
  readonly shouldRetry?: ((error: StreamFailure, progress: Progress) => boolean | undefined) | undefined
  /**
   * How much retrying all replies of a client may do together; `false` for no bound.
   * @defaultValue 10 tokens, 0.1 put back by each whole answer
   */
  readonly budget?: BudgetOptions | false | undefined
}

export interface ResolvedRetry extends ResolvedBackoff {
  readonly limit: number
  readonly maxRetryAfterMs: number
  readonly statuses: readonly number[]
  readonly shouldRetry: RetryOptions['shouldRetry']
  readonly budget: ResolvedBudget | false
}

export const retryDefaults: ResolvedRetry = Object.freeze({
  limit: 2,
  ...backoffDefaults,
  maxRetryAfterMs: 60_000,
  statuses: Object.freeze([408, 425, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524, 529]),
  shouldRetry: undefined,
  budget: budgetDefaults,
})

/** What a reply may do once output has been handed out and the connection is lost. */
export type Recovery = 'auto' | 'resume' | 'replay' | 'fail'

/** How far a reply has come: all that the decision depends on besides the error. */
export interface Progress {
  /** Requests made. */
  readonly attempts: number
  /** Failures in a row, this one included; a resumed stream that got on begins a new row. */
  readonly failures: number
  /** Whether output has been handed out: from then on another attempt may have to take text back. */
  readonly committed: boolean
  /** Whether the stream can be continued from where it broke. */
  readonly canResume: boolean
  /** Whether the server would not continue it; asking anew is another matter. */
  readonly isRestRefused: boolean
  /** Whether the caller has agreed to have text taken back. */
  readonly canRewind: boolean
  /** Whether the body can be sent again. */
  readonly canResend: boolean
  /** Whether the headers are made anew for each attempt and none has been refused with a 401 yet. */
  readonly canRefresh: boolean
  /** Whether the retry budget can pay for another attempt. */
  readonly hasBudget: boolean
  /** Whether there is another endpoint, not asked yet in this round. */
  readonly hasAlternative: boolean
  /** How long the server that would be asked wants to be left alone, in ms. */
  readonly askedMs: number
  /** How many long waits have already ended in a timeout. */
  readonly longTimeouts: number
  /** What is left of `timeouts.totalMs`; `Infinity` when it is off. */
  readonly remainingMs: number
}

/** What to do after a failed attempt, and why, in a clause a person can read. */
export type Decision =
  /**
   * Go on where the stream broke, ask anew, ask a server that has not been asked yet, or ask the same again with
   * fresh headers.
   */
  | {
      readonly action: 'resume' | 'retry' | 'failover' | 'refresh'
      readonly delayMs: number
      readonly reason: string
    }
  | { readonly action: 'give-up'; readonly reason: string }

// A model that did not answer in a minute will hardly do so the third time; each wait costs the user that minute.
const LONG_TIMEOUT_MS = 60_000

/** Whether a timeout counts as a long one. */
export function isLongTimeout(error: StreamError): boolean {
  return isTimeout(error) && error.timeoutMs > LONG_TIMEOUT_MS
}

/**
 * Decides about another attempt. Pure: no clock, no chance of its own.
 *
 * @param chance - a number from 0 up to 1, for the jitter.
 */
export function decide(
  error: StreamFailure,
  progress: Progress,
  options: ResolvedRetry,
  recovery: Recovery,
  chance: number,
): Decision {
  const stop = obstacle(error, progress, options, recovery)
  if (stop) return { action: 'give-up', reason: stop }
  // A fresh token is as good now as later, and so is a server that has not failed yet.
  if (isStale(error, progress)) return { action: 'refresh', delayMs: 0, reason: reason(error) }
  if (progress.canResume) return later('resume', error, progress, options, chance)
  if (progress.hasAlternative) return { action: 'failover', delayMs: 0, reason: reason(error) }
  return later('retry', error, progress, options, chance)
}

function later(
  action: 'resume' | 'retry',
  error: StreamFailure,
  { askedMs, failures, remainingMs }: Progress,
  options: ResolvedRetry,
  chance: number,
): Decision {
  if (options.maxRetryAfterMs > 0 && askedMs > options.maxRetryAfterMs)
    return giveUp(`the server asks to wait ${seconds(askedMs)}, longer than retry.maxRetryAfterMs`)
  // Above the floor, not instead of it: clients that were told the same second must not return in it together.
  const delayMs = askedMs + backoffMs(failures, options, chance)
  if (delayMs >= remainingMs) return giveUp('timeouts.totalMs ends before the next attempt')
  return { action, delayMs, reason: reason(error) }
}

/** What stands in the way of another attempt, if anything does. */
function obstacle(
  error: StreamFailure,
  progress: Progress,
  options: ResolvedRetry,
  recovery: Recovery,
): string | undefined {
  // An end the caller wanted, or made: not even shouldRetry may go on.
  if (error.code === 'aborted' || error.code === 'callback') return reason(error)
  if (isTimeout(error) && !isServerClock(error)) return reason(error)
  if (error.code === 'circuit-open') {
    // Nothing was sent: another endpoint costs neither the limit nor the budget.
    return progress.hasAlternative ? notConsented(progress, recovery) : reason(error)
  }
  const wanted = lastWord(error, progress, options) ?? isWorthwhile(error, progress, options)
  if (!wanted) return `${reason(error)}, which another attempt would not change`
  // Fresh headers are the same attempt once more: they cost neither the limit nor the budget.
  if (!isStale(error, progress)) {
    if (progress.failures > options.limit) return `retry.limit is ${options.limit}`
    if (!progress.hasBudget) return 'retry.budget is used up'
  }
  if (!progress.canResend) return 'the body is a stream, which can be sent once'
  if (isLongTimeout(error) && progress.longTimeouts > 1) return 'a second long timeout'
  return progress.canResume ? undefined : notConsented(progress, recovery)
}

function isWorthwhile(error: StreamFailure, progress: Progress, options: ResolvedRetry): boolean {
  if (isRetryable(error, options) || progress.isRestRefused) return true
  // What is used up here may be left elsewhere; what was refused may have been an old token.
  return (progress.hasAlternative && isQuota(error)) || isStale(error, progress)
}

/** Why text must not be taken back, if it must not. */
function notConsented({ committed, canRewind }: Progress, recovery: Recovery): string | undefined {
  if (!committed) return undefined
  if (recovery === 'fail') return "recovery is 'fail' and output has been handed out"
  if (recovery === 'resume') return "recovery is 'resume' and the stream said nothing it could go on from"
  if (!canRewind) return 'output has been handed out, and nobody agreed (recovery, onRewind or render)'
  return undefined
}

function lastWord(
  error: StreamFailure,
  progress: Progress,
  { shouldRetry }: ResolvedRetry,
): boolean | undefined {
  try {
    return shouldRetry?.(error, progress)
  } catch (thrown) {
    throw new CallbackError('retry.shouldRetry', thrown)
  }
}

/** How long whoever failed asked to be left alone, in ms. */
export function askedMs(error: StreamFailure): number {
  return error.code === 'http' || error.code === 'api' ? (error.retryAfterMs ?? 0) : 0
}

/** A 401 that headers made anew may mend: the credential is no longer, or not yet, good. */
function isStale(error: StreamFailure, { canRefresh }: Progress): boolean {
  return canRefresh && error.code === 'http' && error.status === 401
}

function isTimeout(error: StreamError): error is Extract<StreamFailure, { code: 'timeout' }> {
  return error.code === 'timeout'
}

function giveUp(why: string): Decision {
  return { action: 'give-up', reason: why }
}

function seconds(ms: number): string {
  return `${Math.ceil(ms / 1000)} s`
}
