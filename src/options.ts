/** All options of a call: composed from those of the organs, resolved and validated once, at the call. */

import { type TranscriptLimits, transcriptLimits } from './answer/bound.ts'
import type { Checkpoint, TextCheckpoint } from './answer/checkpoint.ts'
import { CALLBACK_NAMES, type Callbacks } from './callbacks.ts'
import { checkKind, checkNames, checkNumber, checkOneOf, shown, withDefaults } from './checks.ts'
import type { StreamFailure } from './errors/errors.ts'
import { type Budget, type BudgetOptions, budgetDefaults, type ResolvedBudget } from './policy/budget.ts'
import type { Rotating } from './policy/failover.ts'
import { type Recovery, type ResolvedRetry, type RetryOptions, retryDefaults } from './policy/retry.ts'
import type { Slots } from './policy/slots.ts'
import {
  type CallOptions,
  checkedDialect,
  type Endpoint,
  KEY_NAMES,
  resolveEndpoints,
  type Surroundings,
} from './request/endpoints.ts'
import { type HttpFunction, REQUEST_NAMES, type RequestOptions } from './request/prepare.ts'
import { patient, type ResolvedTimeouts, type Timeouts } from './time/timeouts.ts'
import { type SseLimits, sseLimits } from './wire/sse.ts'

/** Everything a call can be given; `undefined` means the default, `0` switches a clock or a bound off. */
export interface StreamOptions extends CallOptions, SseLimits, TranscriptLimits, Callbacks {
  /** The caller's abort. */
  readonly signal?: AbortSignal | undefined
  /** @defaultValue {@link patient} */
  readonly timeouts?: Timeouts | undefined
  /**
   * No delta for this long calls `onStall`, in ms.
   * @defaultValue 15 000
   */
  readonly stallMs?: number | undefined
  /** `false` means no further attempt. */
  readonly retry?: RetryOptions | false | undefined
  /**
   * After output has been handed out: `'resume'` goes on where the stream broke, with `Last-Event-ID` even for a
   * POST that is answered without a `Content-Location`; `'replay'` asks again and, where the new answer differs, takes text back with a `rewind` delta; `'fail'`
   * does neither. `'auto'` resumes where that is sure to be understood (an answer with event ids and a
   * `Content-Location`, a GET with event ids, a dialect that can, the `resume` function), else replays if the caller agreed to it (an `onRewind` callback, `render()`) or has seen
   * nothing yet (only awaits `answer()` or `text()`), else fails.
   * @defaultValue `'auto'`
   */
  readonly recovery?: Recovery | undefined
  /** Makes the request for the rest of an answer whose stream broke; `undefined`: your server cannot go on here. */
  readonly resume?: ResumeFunction | undefined
  /**
   * What `reply.checkpoint()` gave, perhaps before the page was loaded anew: the answer goes on from there. What had
   * arrived is handed out first; of one that is an address, all is read there, from its start.
   */
  readonly from?: Checkpoint | undefined
}

/** Asked when the stream broke, or with `from`, when `error` is `undefined`. */
export type ResumeFunction = (
  checkpoint: TextCheckpoint,
  error: StreamFailure | undefined,
) => ResumeRequest | undefined | Promise<ResumeRequest | undefined>

/**
 * A request for the rest of an answer. What it leaves out stays as it was; a `url` alone, which may be relative to
 * the first one, makes a GET. Headers are merged.
 */
export interface ResumeRequest
  extends Pick<RequestOptions, 'json' | 'body' | 'method' | 'headers' | 'searchParams'> {
  readonly url?: string | URL | undefined
}

/** The defaults that belong to no organ. */
export const streamDefaults: { readonly stallMs: number; readonly recovery: Recovery } = Object.freeze({
  stallMs: 15_000,
  recovery: 'auto',
})

/** A call, checked and complete. */
export interface Plan {
  /** At least one; the first one is asked first. */
  readonly endpoints: readonly Endpoint[]
  readonly signal: AbortSignal | undefined
  readonly timeouts: ResolvedTimeouts
  readonly stallMs: number
  readonly retry: ResolvedRetry
  readonly recovery: Recovery
  readonly resume: ResumeFunction | undefined
  readonly from: Checkpoint | undefined
  readonly maxEventBytes: number
  readonly maxAnswerChars: number
  readonly callbacks: Callbacks
  readonly budget: Budget | undefined
  readonly slots: Slots | undefined
  /** What carries a request that brings no `http` of its own; without it, `fetch` itself does. */
  readonly transport: HttpFunction | undefined
  /** What finds another server; absent where there is one. */
  readonly failover: Rotating | undefined
}

/** What the entry of the package and a client add to a call. */
export interface Context extends Surroundings {
  readonly transport?: HttpFunction | undefined
  /** What there is to go on with a stream that broke; without it the options that need it are refused. */
  readonly recovering?: { checkpointFault(value: unknown): string | undefined } | undefined
  /** Shared by all replies, unless a call brings its own. */
  readonly budget?: Budget | undefined
  /** Makes the budget of a call that shares none; without it, `retry.limit` is the only bound. */
  readonly newBudget?: ((options: ResolvedBudget) => Budget) | undefined
  readonly slots?: Slots | undefined
}

/**
 * Checks everything that can be checked before the first byte is sent.
 *
 * @throws TypeError naming the option and the value received.
 */
export function resolve(input: string | URL, options: StreamOptions, context: Context): Plan {
  const settings = resolveSettings(options)
  if (options.from || options.resume || options.recovery) checkRecovery(options, context.recovering)
  const endpoints = resolveEndpoints(input, options, context)
  const { retry } = settings
  const isLimitGiven = options.retry === false || options.retry?.limit !== undefined
  // Added to, not copied: engines make a hidden class for each such copy.
  return Object.assign(settings, {
    endpoints,
    // Whoever lists four servers wants the fourth to be asked, too.
    retry: isLimitGiven ? retry : { ...retry, limit: Math.max(retry.limit, endpoints.length - 1) },
    budget: context.budget ?? (retry.budget ? context.newBudget?.(retry.budget) : undefined),
    slots: context.slots,
    transport: context.transport,
    failover: endpoints.length > 1 ? context.failover : undefined,
  })
}

/** Checks all but what makes up the request; a client does so with its defaults. */
export function resolveSettings(
  options: StreamOptions,
): Omit<Plan, 'endpoints' | 'budget' | 'slots' | 'transport' | 'failover'> {
  checkKind('options', options, 'object')
  checkNames('', options, OPTION_NAMES)
  for (const name of CALLBACK_NAMES)
    if (options[name] !== undefined) checkKind(name, options[name], 'function')
  checkKind('resume', options.resume, 'function')
  if (options.dialect !== undefined) checkedDialect(options.dialect)
  const { timeouts, retry, recovery } = options
  return {
    signal: checkedSignal(options.signal),
    // What is left out is as it is: nothing of it needs a look, and the first request of a page leaves that much sooner.
    timeouts: timeouts === undefined ? patient : checkedTimeouts(timeouts),
    stallMs: checkNumber('stallMs', options.stallMs ?? streamDefaults.stallMs),
    retry: retry === undefined ? retryDefaults : retry === false ? NO_RETRY : checkedRetry(retry),
    recovery: recovery === undefined ? streamDefaults.recovery : checkOneOf('recovery', recovery, RECOVERIES),
    resume: options.resume,
    from: options.from ?? undefined,
    maxEventBytes: checkNumber('maxEventBytes', options.maxEventBytes ?? sseLimits.maxEventBytes),
    maxAnswerChars: checkNumber('maxAnswerChars', options.maxAnswerChars ?? transcriptLimits.maxAnswerChars),
    callbacks: options,
  }
}

const RECOVERIES: readonly Recovery[] = ['auto', 'resume', 'replay', 'fail']
const NO_RETRY: ResolvedRetry = Object.freeze({ ...retryDefaults, limit: 0 })

function checkedTimeouts(given: Timeouts): ResolvedTimeouts {
  const timeouts = withDefaults('timeouts', given, patient)
  for (const [name, value] of Object.entries(timeouts))
    if (name !== 'silenceMs' || value !== 'auto') checkNumber(`timeouts.${name}`, value)
  return timeouts
}

function checkedRetry(given: RetryOptions): ResolvedRetry {
  const retry = withDefaults('retry', given as Partial<ResolvedRetry> | undefined, retryDefaults)
  for (const name of ['limit', 'baseMs', 'factor', 'maxMs', 'maxRetryAfterMs'] as const)
    checkNumber(`retry.${name}`, retry[name])
  if (!Number.isInteger(retry.limit))
    throw new TypeError(`retry.limit must be a whole number; received ${shown(retry.limit)}`)
  checkOneOf('retry.jitter', retry.jitter, ['full', 'none'])
  checkKind('retry.shouldRetry', retry.shouldRetry, 'function')
  if (!Array.isArray(retry.statuses) || !retry.statuses.every(Number.isInteger))
    throw new TypeError(`retry.statuses must be a list of HTTP statuses; received ${shown(retry.statuses)}`)
  return { ...retry, budget: checkedBudget(retry.budget) }
}

function checkedBudget(given: BudgetOptions | false): ResolvedRetry['budget'] {
  if (given === false) return false
  const budget = withDefaults('retry.budget', given, budgetDefaults)
  for (const [name, value] of Object.entries(budget)) checkNumber(`retry.budget.${name}`, value)
  return budget.tokens > 0 && budget
}

function checkRecovery({ from, resume, recovery }: StreamOptions, recovering: Context['recovering']): void {
  const wanted = from
    ? 'from'
    : resume
      ? 'resume'
      : recovery === 'resume' || recovery === 'replay'
        ? 'recovery'
        : ''
  if (wanted && !recovering) throw new TypeError(`${wanted} is not in holdfast/core: see streamVia()`)
  const fault = from && recovering?.checkpointFault(from)
  if (fault)
    throw new TypeError(`from must be what reply.checkpoint() gave, parsed if it was JSON; this ${fault}`)
}

function checkedSignal(signal: unknown): AbortSignal | undefined {
  if (signal === undefined || signal === null) return undefined
  // By shape, not by class: a signal may come from another realm or a polyfill.
  if (typeof signal === 'object' && 'aborted' in signal && 'addEventListener' in signal)
    return signal as AbortSignal
  throw new TypeError(`signal must be an AbortSignal; received ${shown(signal)}`)
}

/** Every name a call may use. */
export const OPTION_NAMES: readonly string[] = Object.freeze([
  ...REQUEST_NAMES,
  ...KEY_NAMES,
  ...['idempotencyKey', 'dialect', 'endpoints', 'signal', 'timeouts', 'stallMs', 'retry'],
  ...['recovery', 'resume', 'from', 'maxEventBytes', 'maxAnswerChars'],
  ...CALLBACK_NAMES,
])
