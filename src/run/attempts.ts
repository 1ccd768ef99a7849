/** Attempts, one after another, until one brings the whole answer or the policy gives up. */
import { type AttemptRecord, recordAttempt, requestsIn } from '../answer/measurements.ts'
import { AbortedError, type StreamFailure, TruncatedError } from '../errors/errors.ts'
import { type Evidence, withEvidence } from '../errors/evidence.ts'
import type { Permit } from '../policy/breaker.ts'
import { Reservation } from '../policy/budget.ts'
import { nextServer } from '../policy/failover.ts'
import { isRetryable } from '../policy/retry.ts'
import type { Endpoint } from '../request/endpoints.ts'
import { askHeaders } from '../request/headers.ts'
import { chance, now, wallClock } from '../time/clock.ts'
import { makeAttempt } from './attempt.ts'
import { canResume, checkpointOf, ownRest, type Rest, usualRest } from './resume-request.ts'
import { type Circumstances, type Failure, next, type RetryState, retryState } from './retry-state.ts'
import type { Run } from './run.ts'

/** Makes attempts until the answer is whole. It throws the error that is final. */
export async function untilWhole(run: Run): Promise<void> {
  const { plan, pause, transcript, callbacks } = run
  const reservation = new Reservation(plan.budget)
  const ticket = plan.slots?.take((place) => void callbacks.onQueued?.({ place }))
  try {
    if (ticket) await paused(run, pause.turn(ticket.turn))
    let state = await begin(run)
    for (;;) {
      const failure = await tryOnce(run, state, reservation)
      if (!failure) return
      state = await goOnOrGiveUp(run, state, failure, reservation)
    }
  } catch (final) {
    // Again, for what a callback threw between two attempts, and for the last state of things.
    throw withEvidence(final as StreamFailure, evidence(run, final as StreamFailure))
  } finally {
    reservation.giveBack()
    ticket?.free()
    transcript.stats.totalMs = now() - run.startedAt
    run.alarm.rest()
  }
}

/** A reply begins at its start, or where a checkpoint was taken: then with all that was there. */
async function begin(run: Run): Promise<RetryState> {
  const { plan, transcript, cursor, listeners } = run
  const { from, endpoints, recovery } = plan
  const known = endpoints.findIndex(({ url }) => url === from?.url)
  const state = retryState(endpoints.length, known)
  if (!from) return state
  await run.scope.race(listeners.greet())
  const position = known < 0 ? undefined : cursor.position
  const endpoint = endpointAt(run, state)
  if (canResume(plan, endpoint, position, transcript.hasContent))
    return { ...state, mode: 'resume', position }
  if (listeners.haveHeard && !listeners.canRewind && recovery !== 'replay')
    throw new TruncatedError(
      'The checkpoint says nothing the stream could go on from, and nobody agreed to have text taken back (recovery, onRewind or render)',
    )
  transcript.beginAnew()
  return state
}

function endpointAt({ plan }: Run, { rotation }: RetryState): Endpoint {
  return plan.endpoints[rotation.at] as Endpoint
}

/** One attempt, and what everybody hears of it who keeps count. */
async function tryOnce(run: Run, state: RetryState, reservation: Reservation): Promise<Failure | undefined> {
  const { plan, transcript, startedAt } = run
  const endpoint = endpointAt(run, state)
  const number = requestsIn(transcript.stats) + 1
  const task =
    state.mode === 'anew' ? { request: endpoint.request, position: undefined } : await restFor(run, state)
  if (run.scope.reason) throw run.scope.reason
  if (!task) return { error: state.error ?? declined(), was: 'declined', position: undefined, retryMs: 0 }
  const asked = askHeaders(task.request.headers, { attempt: number, error: state.error })
  const headers = await paused(run, run.pause.caller('headers', asked))
  const { steps } = transcript
  const record = recordAttempt(transcript.stats, endpoint.url, state.mode, now() - startedAt)
  let permit: Permit | undefined
  try {
    permit = await admitted(run, state)
    reservation.spend()
    await makeAttempt(run, { ...task, number, endpoint, mode: state.mode, headers, permit })
    permit?.settle(undefined)
    plan.budget?.earn()
    record.endMs = now() - startedAt
    return undefined
  } catch (thrown) {
    return failed(run, state, thrown as StreamFailure, { permit, record, gotOn: transcript.steps > steps })
  }
}

/** The request for the rest: the caller's own, if he makes one, else the usual. */
async function restFor(run: Run, state: RetryState): Promise<Rest | undefined> {
  const { plan, pause } = run
  const endpoint = endpointAt(run, state)
  const checkpoint = checkpointOf(run)
  if (plan.resume && checkpoint) {
    const own = ownRest(plan.resume, endpoint.request, checkpoint, state.error)
    const rest = await paused(run, pause.caller('resume', own))
    if (rest) return rest
  }
  return usualRest(plan, endpoint, state.position)
}

function declined(): StreamFailure {
  return new TruncatedError('The rest of the answer cannot be asked for: resume gave no request')
}

/** Leave to make an attempt. Who has another server to ask does not wait until this one is known to be well. */
async function admitted(run: Run, state: RetryState): Promise<Permit | undefined> {
  const hasOther = nextServer(state.rotation, now()).isFresh
  const permit = endpointAt(run, state).breaker?.admit(state.error, !hasOther)
  if (!(permit instanceof Promise)) return permit
  return paused(run, run.pause.probe(permit), (late) => late.settle(new AbortedError()))
}

interface Attempted {
  readonly permit: Permit | undefined
  readonly record: AttemptRecord
  readonly gotOn: boolean
}

function failed(
  run: Run,
  state: RetryState,
  error: StreamFailure,
  { permit, record, gotOn }: Attempted,
): Failure {
  const { alarm, deadlines, cursor, startedAt } = run
  Object.assign(record, { endMs: now() - startedAt, error: error.code, message: error.message })
  permit?.settle(error, alarm.grace.wasAway(deadlines.startedAt))
  withEvidence(error, evidence(run, error))
  if (!permit && error.code === 'circuit-open')
    return { error, was: 'held-back', position: state.position, retryMs: 0 }
  const { position, retryMs } = cursor
  return { error, was: gotOn ? 'on-its-way' : 'in-vain', position, retryMs }
}

function evidence({ plan, transcript, startedAt }: Run, error: StreamFailure): Evidence {
  transcript.stats.totalMs = now() - startedAt
  return {
    attempts: requestsIn(transcript.stats),
    retryable: isRetryable(error, plan.retry),
    answer: transcript.snapshot(),
  }
}

/** What now? Returns when the next attempt is due, throws when there is to be none. */
async function goOnOrGiveUp(
  run: Run,
  before: RetryState,
  failure: Failure,
  reservation: Reservation,
): Promise<RetryState> {
  const { error } = failure
  const facts = circumstances(run, before, failure, reservation.tokens)
  const [state, decision] = next(before, failure, facts)
  if (decision.action === 'give-up') throw error
  const { action, delayMs, reason } = decision
  // From here on text may be taken back: who cannot bear that and comes now has to wait.
  if (state.mode === 'anew') run.transcript.beginAnew()
  reservation.take(state.isFree)
  const { url } = endpointAt(run, state)
  const told = run.callbacks.onRetry?.({ attempt: facts.attempts + 1, action, url, delayMs, error, reason })
  if (told) await run.scope.race(told)
  await paused(run, run.pause.backoff(delayMs))
  return state
}

function circumstances(run: Run, state: RetryState, { position }: Failure, tokens: number): Circumstances {
  const { plan, transcript, listeners, pause } = run
  const endpoint = endpointAt(run, state)
  const { body, headers } = endpoint.request
  const hasText = transcript.hasContent && (!transcript.isReplaying || position !== undefined)
  return {
    retry: plan.retry,
    recovery: plan.recovery,
    attempts: requestsIn(transcript.stats),
    committed: listeners.haveHeard,
    canRewind: listeners.canRewind,
    canResume: canResume(plan, endpoint, position, hasText),
    canResend: !(body instanceof ReadableStream),
    canRefresh: typeof headers === 'function',
    tokens,
    remainingMs: pause.remainingMs,
    now: now(),
    today: wallClock(),
    chance: chance(),
  }
}

/** Waits between attempts, but not beyond the end of the reply. */
async function paused<T>(run: Run, wait: Promise<T>, late?: (value: T) => void): Promise<T> {
  const value = await run.scope.race(wait, late)
  run.alarm.arrived()
  if (run.scope.reason) throw run.scope.reason
  return value
}
