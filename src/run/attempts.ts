/** Attempts, one after another, until one brings the whole answer or the policy gives up. */
import { type AttemptRecord, requestsIn } from '../answer/measurements.ts'
import { AbortedError, type StreamFailure } from '../errors/errors.ts'
import { withEvidence } from '../errors/evidence.ts'
import type { Permit } from '../policy/breaker.ts'
import type { Reservation } from '../policy/budget.ts'
import { isRetryable } from '../policy/trouble.ts'
import type { Endpoint } from '../request/endpoints.ts'
import { askHeaders, type GivenHeaders, type HeadersContext } from '../request/headers.ts'
import { isStream } from '../request/prepare.ts'
import { isLoopback } from '../request/url.ts'
import { chance, now, wallClock } from '../time/clock.ts'
import { isGone } from '../time/page.ts'
import { NOTHING_LEFT } from './address.ts'
import { makeAttempt } from './attempt.ts'
import { waitFor } from './receive.ts'
import { type Circumstances, type Failure, next, type RetryState, retryState } from './retry-state.ts'
import type { Run } from './run.ts'

/** Makes attempts until the answer is whole. It throws the error that is final. */
export async function untilWhole(run: Run): Promise<void> {
  const { plan, pause, transcript, callbacks } = run
  const reservation = plan.budget?.reservation()
  const ticket = plan.slots?.take((place) => void callbacks.onQueued?.({ place }))
  try {
    if (ticket) await paused(run, pause.turn(ticket.turn))
    let state = (await run.recovering?.start(run)) ?? retryState(plan.endpoints.length)
    for (;;) {
      const failure = await tryOnce(run, state, reservation)
      if (!failure) return
      state = await goOnOrGiveUp(run, state, failure, reservation)
    }
  } catch (final) {
    // Again, for what a callback threw between two attempts, and for the last state of things.
    throw proven(run, final as StreamFailure)
  } finally {
    reservation?.giveBack()
    ticket?.free()
    transcript.stats.totalMs = now() - run.startedAt
    run.alarm.rest()
  }
}

function endpointAt({ plan }: Run, { rotation }: RetryState): Endpoint {
  return plan.endpoints[rotation.at] as Endpoint
}

/** One attempt, and what everybody hears of it who keeps count. */
async function tryOnce(
  run: Run,
  state: RetryState,
  reservation: Reservation | undefined,
): Promise<Failure | undefined> {
  const { plan, transcript, startedAt } = run
  const endpoint = endpointAt(run, state)
  const number = requestsIn(transcript.stats) + 1
  const fresh = { request: endpoint.request, position: undefined }
  const task = state.mode === 'anew' ? fresh : await run.recovering?.restFor(run, endpoint, state)
  if (run.scope.reason) throw run.scope.reason
  if (!task || 'was' in task) return task
  const headers = await headersFor(run, task.request.headers, { attempt: number, error: state.error })
  const steps = stepsOf(run)
  const record = begun(run, state)
  let permit: Permit | undefined
  try {
    permit = await admitted(run, state)
    run.pause.retryMs = state.rotation.servers[state.rotation.at]?.retryMs ?? 0
    reservation?.spend()
    await makeAttempt(run, { ...task, number, endpoint, mode: state.mode, headers, permit })
    permit?.settle(undefined)
    plan.budget?.earn()
    record.endMs = now() - startedAt
    return undefined
  } catch (thrown) {
    return failed(run, state, thrown as StreamFailure, { permit, record, gotOn: stepsOf(run) > steps })
  }
}

/** The caller's headers; a function of his is waited for. */
async function headersFor(run: Run, given: GivenHeaders, context: HeadersContext): Promise<Headers> {
  const asked = askHeaders(given, context)
  return typeof given === 'function' ? paused(run, run.pause.caller('headers', asked)) : asked
}

/** How far the answer has come: by its content, and where its stream is kept by every event of it. */
function stepsOf({ transcript, cursor }: Run): number {
  return transcript.steps + (cursor?.events ?? 0)
}

/** Notes an attempt that begins. */
function begun(run: Run, state: RetryState): AttemptRecord {
  const { url } = endpointAt(run, state)
  const times = { startMs: now() - run.startedAt, endMs: undefined }
  const record = { url, mode: state.mode, ...times, status: undefined, error: undefined, message: undefined }
  run.transcript.stats.attempts.push(record)
  return record
}

/** Leave to make an attempt. Who has another server to ask does not wait until this one is known to be well. */
async function admitted(run: Run, state: RetryState): Promise<Permit | undefined> {
  const hasOther = run.plan.failover?.nextServer(state.rotation, now()).isFresh === true
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
  const { alarm, deadlines, cursor, pause, startedAt } = run
  Object.assign(record, { endMs: now() - startedAt, error: error.code, message: error.message })
  const position = cursor?.position
  // Who said that nothing is left will say so again.
  const isEnd = record.status === NOTHING_LEFT && state.mode === 'resume'
  // A relay may end each response after a while, to be asked for the rest: it is well.
  const isWell = isEnd || (gotOn && !!cursor?.source) || alarm.grace.wasAway(deadlines.startedAt)
  const isShared = permit?.settle(error, isWell) ?? false
  proven(run, error)
  if (!permit && error.code === 'circuit-open')
    return { error, was: 'held-back', position: state.position, retryMs: 0, isShared: false }
  const { retryMs } = pause
  const was = isEnd ? 'declined' : gotOn ? 'on-its-way' : 'in-vain'
  return { error, was, position, retryMs, isShared }
}

/** An error with all that is known of it. */
function proven({ plan, transcript, startedAt }: Run, error: StreamFailure): StreamFailure {
  transcript.stats.totalMs = now() - startedAt
  const attempts = requestsIn(transcript.stats)
  const retryable = isRetryable(error, plan.retry)
  return withEvidence(error, { attempts, retryable, answer: transcript.snapshot() })
}

/** What now? Returns when the next attempt is due, throws when there is to be none. */
async function goOnOrGiveUp(
  run: Run,
  before: RetryState,
  failure: Failure,
  reservation: Reservation | undefined,
): Promise<RetryState> {
  const { error } = failure
  // Whoever waits outside is told at once; nothing else would ever end the wait.
  if (isGone()) throw error
  const facts = circumstances(run, before, failure, reservation?.tokens)
  const [state, decision] = next(before, failure, facts)
  if (decision.action === 'give-up') throw error
  const { action, delayMs, reason } = decision
  // From here on text may be taken back: who cannot bear that and comes now has to wait.
  if (state.mode === 'anew') run.transcript.beginAnew()
  reservation?.take(state.isFree)
  const { url } = endpointAt(run, state)
  const told = run.callbacks.onRetry?.({ attempt: facts.attempts + 1, action, url, delayMs, error, reason })
  await waitFor(run, run.scope, told)
  await paused(run, run.pause.backoff(delayMs, needsNetwork(run, state, before, error)))
  return state
}

/** A server on this machine needs no network, nor does one that has answered just now: browsers may be mistaken. */
function needsNetwork(run: Run, state: RetryState, before: RetryState, error: StreamFailure): boolean {
  const isSame = state.rotation.at === before.rotation.at
  const hasAnswered = run.pause.hasAnsweredOffline || error.code === 'http' || error.code === 'api'
  return !(isLoopback(endpointAt(run, state).url) || (isSame && hasAnswered))
}

function circumstances(
  run: Run,
  state: RetryState,
  { position }: Failure,
  tokens = Number.POSITIVE_INFINITY,
): Circumstances {
  const { plan, transcript, listeners, pause, recovering } = run
  const endpoint = endpointAt(run, state)
  const { body, headers } = endpoint.request
  return {
    retry: plan.retry,
    recovery: plan.recovery,
    failover: plan.failover,
    attempts: requestsIn(transcript.stats),
    committed: listeners.haveHeard,
    canRewind: recovering ? listeners.canRewind : !listeners.haveHeard,
    canResume: recovering?.canResume(run, endpoint, position) === true,
    canResend: !isStream(body),
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
