import { makeAttempt, type Run } from './attempt.ts'
import { type Evidence, type StreamFailure, withEvidence } from './errors.ts'
import type { Permit } from './policy/breaker.ts'
import { decide, isLongTimeout, isRetryable, type Progress } from './policy/retry.ts'
import { chance, now } from './time/clock.ts'

/**
 * Makes attempts, one after another, until one brings the whole answer or the policy gives up. It throws the error
 * that is final.
 */
export async function untilWhole(run: Run): Promise<void> {
  let error: StreamFailure | undefined
  let longTimeouts = 0
  try {
    for (let attempts = 1; ; attempts++) {
      let permit: Permit | undefined
      try {
        if (run.scope.reason) throw run.scope.reason
        permit = run.plan.breaker?.admit(error)
        await makeAttempt(run, attempts, error)
        permit?.settle(undefined)
        return
      } catch (thrown) {
        error = withEvidence(thrown as StreamFailure, evidence(run, thrown as StreamFailure))
        permit?.settle(error)
        if (isLongTimeout(error)) longTimeouts++
        await waitOrGiveUp(run, error, progress(run, attempts, longTimeouts))
      }
    }
  } catch (final) {
    // Again, for what a callback threw after the attempt, and for the last state of things.
    throw withEvidence(final as StreamFailure, evidence(run, final as StreamFailure))
  } finally {
    run.transcript.stats.totalMs = now() - run.startedAt
    run.deadlines.rest()
  }
}

function evidence({ plan, transcript, startedAt }: Run, error: StreamFailure): Evidence {
  transcript.stats.totalMs = now() - startedAt
  return {
    attempts: transcript.stats.attempts,
    retryable: isRetryable(error, plan.retry),
    answer: transcript.snapshot(),
  }
}

/** What now? Returns when the next attempt is due, throws when there is to be none. */
async function waitOrGiveUp(run: Run, error: StreamFailure, progress: Progress): Promise<void> {
  const { plan, scope, deadlines, audience } = run
  const decision = decide(error, progress, plan.retry, plan.recovery, chance())
  if (decision.action === 'give-up') throw error
  const { delayMs, reason } = decision
  const told = audience.callbacks.onRetry?.({ attempt: progress.attempts + 1, delayMs, error, reason })
  if (told) await scope.race(told)
  await scope.race(deadlines.backoff(delayMs))
  deadlines.arrived()
}

function progress({ plan, deadlines, audience }: Run, attempts: number, longTimeouts: number): Progress {
  return {
    attempts,
    committed: audience.hasHeard(),
    canRewind: plan.recovery === 'replay' || audience.canRewind(),
    canResend: !(plan.request.body instanceof ReadableStream),
    longTimeouts,
    remainingMs: deadlines.remainingMs,
  }
}
