/** The read loop everything else serves: from the bytes of a response to what the listeners are told. */
import { ProtocolError } from '../errors/errors.ts'
import { type Delta, isContent } from '../events.ts'
import type { Scope } from '../scope.ts'
import type { Body } from '../wire/body.ts'
import type { Desk } from './desk.ts'
import { Intake } from './intake.ts'
import type { Attempt, Run } from './run.ts'
import type { Refuse } from './understanding.ts'

/** A response with a body, and the error for one that is not understood. */
export interface Received {
  readonly body: Body
  readonly headers: Headers
  readonly refuse: Refuse
}

/** Reads a stream to the end of the answer: one `await` for each network read, and none for each event. */
export async function receive(run: Run, attempt: Attempt, scope: Scope, received: Received): Promise<void> {
  const { alarm, transcript } = run
  const { stats } = transcript
  const intake = openIntake(run, attempt, received)
  for (;;) {
    const { value, done } = await alarm.waiting(received.body.read())
    const time = alarm.arrived()
    if (scope.reason) throw scope.reason
    if (value) {
      stats.firstByteMs ??= time - run.startedAt
      stats.bytes += value.length
    }
    let at = 0
    do {
      const { malformed } = stats
      const end = at + (stats.firstDeltaMs ? PART_BYTES : FIRST_BYTES)
      intake.feed(value && partOf(value, at, end))
      if (intake.events.length > 0 || intake.comments.length > 0) await tellRaw(run, scope, intake)
      if (intake.isActive) run.deadlines.active()
      if (intake.hasDeltas) {
        const wait = handOut(run, attempt, intake, time)
        if (wait) await waitFor(run, scope, wait)
        // A callback may have ended the reply in the middle of the batch.
        if (scope.reason) throw scope.reason
        if (transcript.isFinished) run.deadlines.finishing()
      }
      intake.commit()
      if (stats.malformed > malformed) await tellMalformed(run, scope, intake)
      if (intake.verdict === 'end') return intake.settle()
      if (intake.verdict) throw intake.verdict
      at = end
    } while (value && at < value.length)
    if (done) return close(run, attempt, scope, intake)
  }
}

// A page that was busy finds a whole answer in its first read: its first word does not wait for the last one.
const FIRST_BYTES = 4_096
// A large read as several: what is kept of a text keeps all of it in some engines.
const PART_BYTES = 65_536

/** A view costs more than all else that a small read needs. */
function partOf(read: Uint8Array, at: number, end: number): Uint8Array {
  return at === 0 && read.length <= end ? read : read.subarray(at, end)
}

function openIntake(run: Run, { endpoint, position }: Attempt, { headers, refuse }: Received): Intake {
  const { transcript, plan, callbacks, pause, deadlines } = run
  const desk: Desk = {
    transcript,
    tracker: run.recovering?.track(run, position),
    wants: { events: !!callbacks.onEvent, comments: !!callbacks.onKeepAlive },
    maxEventBytes: plan.maxEventBytes,
    refuse,
    onRetry(ms) {
      pause.retryMs = ms
    },
    onSign: (sign) => deadlines.alive(sign),
  }
  return new Intake(desk, endpoint.dialect, headers, position)
}

/** Tells the events and the keep-alives of one read to whoever wants them as they stood. */
async function tellRaw(run: Run, scope: Scope, { events, comments }: Intake): Promise<void> {
  const { onEvent, onKeepAlive } = run.callbacks
  for (const { event, role } of events.splice(0)) {
    const wait = onEvent?.(event, role)
    if (wait) await waitFor(run, scope, wait)
  }
  for (const text of comments.splice(0)) {
    const wait = onKeepAlive?.({ text })
    if (wait) await waitFor(run, scope, wait)
  }
}

/** Hands out the deltas of one read and tells the clocks whether they are progress. */
function handOut(run: Run, { permit }: Attempt, intake: Intake, time: number): void | PromiseLike<void> {
  const { deadlines, transcript, startedAt } = run
  const { deltas } = intake
  if (deltas.some(isContent)) {
    const { stats } = transcript
    stats.firstDeltaMs ??= time - startedAt
    stats.longestGapMs = Math.max(stats.longestGapMs, deadlines.progressed())
    permit?.progressed()
  }
  const aligned = intake.take()
  if (aligned.length > 0) return tell(run, aligned)
}

function tell(run: Run, deltas: readonly Delta[]): void | PromiseLike<void> {
  const { transcript, listeners, plan } = run
  let at = deltas.length - 1
  // Spelled out: each token is looked at.
  while (at >= 0 && deltas[at]?.type !== 'rewind') at--
  if (at > 0) {
    // By itself, because whoever has heard it has to agree that it is taken back.
    const wait = listeners.tell(deltas.slice(0, at))
    const rest = tell.bind(undefined, run, deltas.slice(at))
    return wait ? wait.then(rest) : rest()
  }
  if (at === 0 && transcript.hasContent && !listeners.canRewind && plan.recovery !== 'replay')
    throw new ProtocolError('The server took text back, and nobody agreed (onRewind)')
  return listeners.tell(deltas)
}

/** The end of the file: whole only if the dialect says so. */
async function close(run: Run, attempt: Attempt, scope: Scope, intake: Intake): Promise<void> {
  const { transcript } = run
  intake.close()
  const last = intake.take()
  if (last.length > 0) await waitFor(run, scope, tell(run, last))
  if (scope.reason) throw scope.reason
  intake.settle()
  if (!transcript.isFinished) throw run.recovering?.interrupted(run, attempt) ?? intake.unfinished()
}

async function tellMalformed(run: Run, scope: Scope, intake: Intake): Promise<void> {
  const { callbacks, transcript } = run
  const message = `Skipped data that ${intake.name} does not understand (${transcript.stats.malformed} so far)`
  await waitFor(run, scope, callbacks.onWarning?.({ code: 'malformed', message }))
}

/**
 * Waits for the caller if it wants to be waited for, but not beyond the end of the scope. No clock runs meanwhile but that
 * of the whole reply.
 */
export async function waitFor({ alarm }: Run, scope: Scope, result: void | PromiseLike<void>): Promise<void> {
  if (!result) return
  alarm.hold()
  await scope.race(result)
  alarm.resumed()
}
