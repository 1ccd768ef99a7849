import { deltasOf } from '../answer/transcript.ts'
import { type Evidence, type StreamFailure, TruncatedError, withEvidence } from '../errors/errors.ts'
import type { AttemptStats } from '../events.ts'
import type { Permit } from '../policy/breaker.ts'
import { decide, isRetryable } from '../policy/retry.ts'
import type { Endpoint } from '../request/endpoints.ts'
import { chance, now } from '../time/clock.ts'
import { makeAttempt, type Run } from './attempt.ts'
import { askForRest, canResume, type Errand } from './resume-request.ts'
import { Course, type Failure } from './retry-state.ts'

/**
 * Makes attempts, one after another, until one brings the whole answer or the policy gives up. It throws the error
 * that is final.
 */
export async function untilWhole(run: Run): Promise<void> {
  const { plan, transcript, deadlines } = run
  const ticket = plan.slots?.take((place) => void run.audience.callbacks.onQueued?.({ place }))
  try {
    if (ticket) {
      deadlines.queued((error) => run.scope.abort(error))
      await run.scope.race(deadlines.waiting(ticket.turn))
      deadlines.arrived()
    }
    const course = await begin(run)
    for (;;) {
      const failure = await tryOnce(run, course)
      if (!failure) return
      await goOnOrGiveUp(run, course, failure)
    }
  } catch (final) {
    // Again, for what a callback threw between two attempts, and for the last state of things.
    throw withEvidence(final as StreamFailure, evidence(run, final as StreamFailure))
  } finally {
    ticket?.free()
    transcript.stats.totalMs = now() - run.startedAt
    deadlines.rest()
  }
}

/** A reply begins at its start, or where a checkpoint was taken: then with all that was there. */
async function begin(run: Run): Promise<Course> {
  const { plan, transcript, trail, audience } = run
  const { from, endpoints } = plan
  const course = new Course(
    endpoints.length,
    endpoints.findIndex(({ url }) => url === from?.url),
  )
  if (!from) return course
  const told = audience.hear(deltasOf(from))
  if (told) await run.scope.race(told)
  transcript.mark()
  const endpoint = endpoints[course.route.at] as Endpoint
  if (endpoint.url === from.url) trail.resume(from.position)
  if (canResume(run, endpoint)) course.mode = 'resume'
  else if (audience.hasHeard() && !audience.canRewind() && plan.recovery !== 'replay')
    throw new TruncatedError(
      'The checkpoint says nothing the stream could go on from, and nobody agreed to have text taken back (recovery, onRewind or render)',
    )
  return course
}

/** One attempt, and what everybody hears of it who keeps count. */
async function tryOnce(run: Run, course: Course): Promise<Failure | undefined> {
  const { plan, scope, transcript, startedAt } = run
  const endpoint = plan.endpoints[course.route.at] as Endpoint
  const errand = await errandFor(run, course, endpoint)
  if (scope.reason) throw scope.reason
  if (!errand) return { error: course.error ?? declined(), was: 'declined' }
  const { steps } = transcript
  const record = recordOf(endpoint, errand.mode, now() - startedAt)
  transcript.stats.attempts.push(record)
  let permit: Permit | undefined
  try {
    permit = endpoint.breaker?.admit(course.error)
    course.isPaid = false
    await makeAttempt(run, errand)
    permit?.settle(undefined)
    plan.budget?.earn()
    record.endMs = now() - startedAt
    return undefined
  } catch (thrown) {
    const error = thrown as StreamFailure
    Object.assign(record, { endMs: now() - startedAt, error: error.code, message: error.message })
    permit?.settle(error)
    const isHeldBack = !permit && error.code === 'circuit-open'
    if (isHeldBack) payBack(run, course)
    const was = isHeldBack ? 'held-back' : transcript.steps > steps ? 'on-its-way' : 'in-vain'
    return { error: withEvidence(error, evidence(run, error)), was }
  }
}

type Record = { -readonly [K in keyof AttemptStats]: AttemptStats[K] }

function recordOf({ url }: Endpoint, mode: Errand['mode'], startMs: number): Record {
  return { url, mode, startMs, endMs: undefined, status: undefined, error: undefined, message: undefined }
}

/** `undefined`: the caller's `resume` gave no request for the rest, and there is no other way to ask for it. */
async function errandFor(run: Run, course: Course, endpoint: Endpoint): Promise<Errand | undefined> {
  const { mode, error: previous } = course
  const errand = { attempt: requestsMade(run) + 1, endpoint, previous }
  if (mode === 'anew') return { ...errand, mode, request: endpoint.request }
  const rest = await run.scope.race(askForRest(run, endpoint, previous))
  return rest && { ...errand, ...rest }
}

function declined(): StreamFailure {
  return new TruncatedError('The rest of the answer cannot be asked for: resume gave no request')
}

/** Those that were sent, or are about to be: an open circuit sends nothing. */
function requestsMade({ transcript }: Run): number {
  return transcript.stats.attempts.filter(({ error }) => error !== 'circuit-open').length
}

function evidence(run: Run, error: StreamFailure): Evidence {
  const { plan, transcript, startedAt } = run
  transcript.stats.totalMs = now() - startedAt
  return {
    attempts: requestsMade(run),
    retryable: isRetryable(error, plan.retry),
    answer: transcript.snapshot(),
  }
}

/** What now? Returns when the next attempt is due, throws when there is to be none. */
async function goOnOrGiveUp(run: Run, course: Course, failure: Failure): Promise<void> {
  const { plan, scope, deadlines, audience } = run
  const { error } = failure
  const progress = course.failed(run, failure, requestsMade(run))
  const decision = decide(error, progress, plan.retry, plan.recovery, chance())
  if (decision.action === 'give-up') throw error
  const { action, delayMs, reason } = decision
  course.turn(action)
  pay(run, course)
  const { url } = plan.endpoints[course.route.at] as Endpoint
  const attempt = progress.attempts + 1
  const told = audience.callbacks.onRetry?.({ attempt, action, url, delayMs, error, reason })
  if (told) await scope.race(told)
  await scope.race(deadlines.backoff(delayMs, (error) => scope.abort(error)))
  deadlines.arrived()
}

// Paid for when it is decided, or replies that fail together would all find the last token.
function pay({ plan }: Run, course: Course): void {
  course.isPaid = !course.isNextFree && plan.budget?.take() === true
}

function payBack({ plan }: Run, course: Course): void {
  if (course.isPaid) plan.budget?.giveBack()
  course.isPaid = false
}
