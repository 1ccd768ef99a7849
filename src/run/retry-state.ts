import type { Position } from '../answer/cursor.ts'
import type { StreamFailure } from '../errors/errors.ts'
import {
  changed,
  type Next,
  postponed,
  type Rotating,
  type Rotation,
  rotation as rotationOf,
  waitMs,
} from '../policy/failover.ts'
import {
  askedMs,
  type Decision,
  decide,
  isLongTimeout,
  type Progress,
  type Recovery,
  type ResolvedRetry,
} from '../policy/retry.ts'
import { isRetryable } from '../policy/trouble.ts'

/**
 * All that a reply remembers from one attempt to the next: plain data that is never changed, only followed by the next
 * one. `npm run simulate` drives the same states.
 */
export interface RetryState {
  /** Who is asked next, and how the others are. */
  readonly rotation: Rotation
  /** How it is asked: from the start, or for the rest. */
  readonly mode: 'anew' | 'resume'
  /** Where the stream at hand broke, if it can be gone on with. */
  readonly position: Position | undefined
  /** The last failure of a request that was sent. */
  readonly error: StreamFailure | undefined
  /** Failures in a row; a resumed stream that got on begins a new row. */
  readonly failures: number
  readonly longTimeouts: number
  /** Whether the headers have been made anew after a 401. */
  readonly hasRefreshed: boolean
  /** Whether the server would not go on; asking anew is another matter. */
  readonly isRestRefused: boolean
  /** Whether the next request costs the budget nothing: the first, one that goes on with a stream that got on, or the one after a blip. */
  readonly isFree: boolean
}

/** One attempt that failed. */
export interface Failure {
  readonly error: StreamFailure
  /**
   * `on-its-way`: it had brought something new. `in-vain`: nothing. `held-back`: the circuit was open, nothing was
   * sent. `declined`: there was no request to send, and the error is the one before; or nothing is left of the stream.
   */
  readonly was: 'on-its-way' | 'in-vain' | 'held-back' | 'declined'
  /** Where the stream broke. */
  readonly position: Position | undefined
  /** What the server's `retry:` field said, in ms. */
  readonly retryMs: number
  /** Whether the same event broke other streams of the client, one of which has been counted. */
  readonly isShared: boolean
}

/** How things stand around a reply when an attempt has failed. */
export interface Circumstances {
  readonly retry: ResolvedRetry
  readonly recovery: Recovery
  /** What finds another server; absent where there is one. */
  readonly failover?: Rotating | undefined
  /** Requests sent. */
  readonly attempts: number
  /** Whether output has been handed out, and whether all who got it can take it back. */
  readonly committed: boolean
  readonly canRewind: boolean
  /** Whether the server at hand can be asked for the rest, its body sent again, its headers made anew. */
  readonly canResume: boolean
  readonly canResend: boolean
  readonly canRefresh: boolean
  /** What the budget holds; `Infinity` without one. */
  readonly tokens: number
  /** What is left of `timeouts.totalMs`. */
  readonly remainingMs: number
  /** Monotonic time, and the date, in ms. */
  readonly now: number
  readonly today: number
  /** A number from 0 up to 1, for the jitter. */
  readonly chance: number
}

/** Nothing has been asked yet. */
export function retryState(servers: number, first = 0): RetryState {
  return {
    rotation: rotationOf(servers, Math.max(0, first)),
    mode: 'anew',
    position: undefined,
    error: undefined,
    failures: 0,
    longTimeouts: 0,
    hasRefreshed: false,
    isRestRefused: false,
    isFree: true,
  }
}

/** What now? Pure: the state after a failure, and what is to be done. */
export function next(
  before: RetryState,
  failure: Failure,
  facts: Circumstances,
): readonly [RetryState, Decision] {
  const { failover, retry, recovery, now } = facts
  const state = noted(before, failure, facts)
  const other = failover?.nextServer(state.rotation, now)
  const decision = decide(
    failure.error,
    progress(state, failure, facts, other),
    retry,
    recovery,
    facts.chance,
  )
  return [turned(state, decision, facts), decision]
}

/** The failure is taken down. */
function noted(state: RetryState, failure: Failure, facts: Circumstances): RetryState {
  const { error, was, position, retryMs, isShared } = failure
  if (was === 'held-back') {
    const ms = error.code === 'circuit-open' ? (error.retryAtMs ?? Number.POSITIVE_INFINITY) - facts.today : 0
    return { ...state, rotation: postponed(state.rotation, ms, facts.now) }
  }
  const isRestRefused = state.isRestRefused || refusesRest(state, failure, facts)
  if (was === 'declined') return { ...state, isRestRefused, isFree: false }
  const gotOn = was === 'on-its-way' && facts.canResume && !isRestRefused
  const failures = gotOn ? 1 : state.failures + 1
  return {
    ...state,
    rotation: changed(postponed(state.rotation, Math.max(askedMs(error), retryMs), facts.now), { retryMs }),
    ...{ position, error, isRestRefused, failures },
    // One blip may break hundreds of streams: each may try once more, or most of them would find the budget empty.
    isFree: gotOn || (isShared && failures === 1),
    longTimeouts: state.longTimeouts + (isLongTimeout(error) ? 1 : 0),
  }
}

// A server that has lost the stream says so with a status of its own (404, 410, 204), not by breaking down. A 401 is
// about the credential, not about the rest.
function refusesRest({ mode }: RetryState, { error, was }: Failure, { retry }: Circumstances): boolean {
  if (was === 'declined') return true
  if (mode !== 'resume' || was !== 'in-vain' || isRetryable(error, retry)) return false
  return error.code === 'protocol' || (error.code === 'http' && error.status !== 401)
}

function progress(
  state: RetryState,
  failure: Failure,
  facts: Circumstances,
  other: Next | undefined,
): Progress {
  const { rotation } = state
  const canResume = facts.canResume && failure.was !== 'held-back' && !state.isRestRefused
  const isSameServer = canResume || !other || other.at === rotation.at
  return {
    attempts: facts.attempts,
    failures: state.failures,
    committed: facts.committed,
    canResume,
    isRestRefused: refusesRest(state, failure, facts),
    canRewind: facts.recovery === 'replay' || facts.canRewind,
    canResend: facts.canResend,
    canRefresh: facts.canRefresh && !state.hasRefreshed,
    hasBudget: state.isFree || facts.tokens >= 1,
    hasAlternative: other?.isFresh === true,
    askedMs: isSameServer ? waitMs(rotation, facts.now) : other.waitMs,
    longTimeouts: state.longTimeouts,
    remainingMs: facts.remainingMs,
  }
}

/** What was decided is how the next attempt will be made. */
function turned(state: RetryState, { action }: Decision, { failover, now }: Circumstances): RetryState {
  switch (action) {
    case 'resume':
      return { ...state, mode: 'resume' }
    case 'refresh':
      return { ...state, hasRefreshed: true }
    case 'retry':
    case 'failover':
      return {
        ...state,
        ...{ mode: 'anew', position: undefined },
        rotation: failover?.advanced(state.rotation, now) ?? state.rotation,
      }
    case 'give-up':
      return state
  }
}
