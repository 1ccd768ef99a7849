import type { Transcript } from '../answer/transcript.ts'
import type { Callbacks } from '../callbacks.ts'
import type { DialectReader } from '../dialects/dialect.ts'
import {
  engineCause,
  NetworkError,
  ProtocolError,
  StreamError,
  scrubbed,
  TruncatedError,
} from '../errors/errors.ts'
import type { Delta, ServerEvent } from '../events.ts'
import type { Plan } from '../options.ts'
import type { Trail } from '../policy/resume.ts'
import { send } from '../request/transport.ts'
import { Scope } from '../scope.ts'
import type { Deadlines } from '../time/deadlines.ts'
import { type Body, bodyKind, release } from '../wire/body.ts'
import { createFrameReader, type FrameReader } from '../wire/frames.ts'
import { httpError, insteadOfEvents, noEvents } from '../wire/refusal.ts'
import type { Errand } from './resume-request.ts'

/** Whoever is told what arrives: the reply, with everyone who listens to it. */
export interface Audience {
  /** The caller's functions; one that throws, throws a `CallbackError`. */
  readonly callbacks: Callbacks
  /** Hands a batch out. A promise means: wait, the reader is not ready for more. */
  hear(batch: readonly Delta[]): void | PromiseLike<void>
  /** Whether whoever has heard something can take it back; also true if nobody has heard anything. */
  canRewind(): boolean
  /** Whether anything has been handed out: the commit point. */
  hasHeard(): boolean
}

/** What the attempts of one reply share. */
export interface Run {
  readonly plan: Plan
  readonly scope: Scope
  readonly deadlines: Deadlines
  readonly transcript: Transcript
  readonly trail: Trail
  readonly audience: Audience
  /** Monotonic time at which the reply began, in ms. */
  readonly startedAt: number
}

/** One attempt under way. */
interface Trip {
  readonly run: Run
  readonly errand: Errand
  readonly scope: Scope
  secrets: readonly string[]
}

/**
 * One request, inside one scope, to one verdict: it returns when the answer is whole and throws a
 * {@link StreamError} when it is not. Whatever the end, the socket is closed and no timer or listener stays.
 */
export async function makeAttempt(run: Run, errand: Errand): Promise<void> {
  const { deadlines, transcript, trail } = run
  const scope = new Scope(run.scope)
  const trip: Trip = { run, errand, scope, secrets: [] }
  if (errand.mode === 'anew') {
    transcript.beginAnew()
    trail.begin()
  } else trail.resume(errand.position)
  deadlines.begin(errand.attempt, (error) => scope.abort(error))
  try {
    const { attempt, previous, request } = errand
    const exchange = await deadlines.waiting(
      scope.race(send(request, { attempt, error: previous, signal: scope.signal }), (late) =>
        release(late.response.body),
      ),
    )
    trip.secrets = exchange.secrets
    await readResponse(trip, exchange.response)
  } catch (thrown) {
    const error = named(trip, thrown)
    if (!transcript.isFinished || error.code === 'aborted' || error.code === 'callback') throw error
    // The answer is whole; how the connection ended after that is no longer the caller's trouble. The attempt's
    // scope may have ended; an abort of the reply still ends the wait.
    const { message } = error
    await settled(run, run.scope, run.audience.callbacks.onWarning?.({ code: 'after-finish', message }))
  } finally {
    deadlines.rest()
    scope.close()
  }
}

async function readResponse(trip: Trip, response: Response): Promise<void> {
  const { run, scope, errand, secrets } = trip
  const { deadlines, transcript, audience } = run
  const headersAt = deadlines.arrived()
  deadlines.opened()
  const { stats } = transcript
  stats.headersMs = headersAt - run.startedAt
  const record = stats.attempts.at(-1)
  if (record) record.status = response.status
  const body = response.body?.getReader() as Body | undefined
  // Cancelling makes a pending read settle at once, whatever the engine does about the abort.
  const forget = scope.onAbort(() => release(body))
  try {
    if (!response.ok) throw await httpError(response, body, errand.request.url, secrets)
    if (!body || bodyKind(response) !== 'events') throw await noEvents(response, body, secrets)
    const { status, headers } = response
    await settled(run, scope, audience.callbacks.onOpen?.({ attempt: errand.attempt, status, headers }))
    await readEvents(trip, response, body)
  } finally {
    forget()
    release(body)
    scope.hangUp()
  }
}

/** What one network read has brought, understood while it is being parsed. */
interface Inbox {
  deltas: Delta[]
  /** Why there is nothing more to read: the answer's end or its failure. */
  verdict: 'end' | StreamError | undefined
  /** The ids of the events of this read. */
  readonly ids: string[]
  /** Only what somebody listens to is kept. */
  readonly events: ServerEvent[]
  readonly comments: string[]
}

/** The loop everything else serves: one `await` per network read, and none per event. */
async function readEvents(trip: Trip, response: Response, body: Body): Promise<void> {
  const { run, scope, errand } = trip
  const { deadlines, transcript, trail } = run
  const { stats } = transcript
  const inbox: Inbox = { deltas: [], verdict: undefined, ids: [], events: [], comments: [] }
  const dialect = errand.endpoint.dialect.open(trail.position?.state)
  const instead = (kind: 'html' | 'json', text: string) => insteadOfEvents(kind, response, text, trip.secrets)
  const frames = openInbox(run, inbox, dialect, (page) => instead('html', page))
  const understood = stats.events - stats.malformed
  for (let isOver = false; !isOver; ) {
    const part = await deadlines.waiting(body.read())
    const time = deadlines.arrived()
    if (scope.reason) throw scope.reason
    const { malformed } = stats
    isOver = part.done
    if (part.value) {
      stats.firstByteMs ??= time - run.startedAt
      stats.bytes += part.value.byteLength
    }
    fill(inbox, frames, part.value)
    if (inbox.events.length > 0 || inbox.comments.length > 0) await tellRaw(run, scope, inbox)
    if (inbox.deltas.length > 0) {
      const { deltas } = inbox
      inbox.deltas = []
      const wait = handOut(run, deltas, time)
      if (wait) await settled(run, scope, wait)
      // A callback may have ended the reply in the middle of the batch.
      if (scope.reason) throw scope.reason
      if (transcript.isFinished) deadlines.finishing()
    }
    trail.reached(inbox.ids, dialect.state?.())
    inbox.ids.length = 0
    transcript.mark(dialect.about?.())
    if (stats.malformed > malformed) await tellMalformed(trip, dialect)
    if (inbox.verdict === 'end') return
    if (inbox.verdict) throw inbox.verdict
  }
  if (frames.json !== undefined && stats.events - stats.malformed === understood)
    throw instead('json', frames.json)
  await close(trip, dialect)
}

/** Understands each event as it is parsed; nothing is asked and nobody told before the read is done with. */
function openInbox(
  run: Run,
  inbox: Inbox,
  dialect: DialectReader,
  refuse: (page: string) => StreamError,
): FrameReader {
  const { trail, audience } = run
  const { stats } = run.transcript
  const { onEvent, onKeepAlive } = audience.callbacks
  return createFrameReader(run.plan.maxEventBytes, {
    onEvent(event) {
      if (inbox.verdict) return
      stats.events++
      if (onEvent) inbox.events.push(event)
      if (trail.hasSeen(event.id)) return
      const verdict = dialect.read(event, inbox.deltas)
      if (verdict === 'malformed') stats.malformed++
      else if (verdict !== 'more') inbox.verdict = verdict
      // An error is no place to go on from: a proxy may have written it into the middle of an event, after its id.
      if (event.id !== undefined && typeof verdict === 'string') inbox.ids.push(event.id)
    },
    onComment(text) {
      stats.keepAlives++
      if (onKeepAlive) inbox.comments.push(text)
    },
    onRetry(ms) {
      trail.retryMs = ms
    },
    onPage(text) {
      inbox.verdict = refuse(text)
    },
  })
}

// An event that outgrew the bound ends the stream, but what came before it in the same read is still handed out.
function fill(inbox: Inbox, frames: FrameReader, bytes: Uint8Array | undefined): void {
  try {
    if (bytes) frames.feed(bytes)
    else frames.end()
  } catch (thrown) {
    if (!(thrown instanceof StreamError)) throw thrown
    inbox.verdict ??= thrown
  }
}

/** Tells the events and the keep-alives of one read to whoever wants them as they stood. */
async function tellRaw(run: Run, scope: Scope, { events, comments }: Inbox): Promise<void> {
  const { onEvent, onKeepAlive } = run.audience.callbacks
  for (const event of events.splice(0)) await settled(run, scope, onEvent?.(event))
  for (const text of comments.splice(0)) await settled(run, scope, onKeepAlive?.({ text }))
}

/** Hands out the deltas of one read and tells the clocks whether they are progress. */
function handOut(run: Run, deltas: readonly Delta[], time: number): void | PromiseLike<void> {
  const { deadlines, transcript, audience, startedAt } = run
  if (deltas.some(isContent)) {
    const { stats } = transcript
    stats.firstDeltaMs ??= time - startedAt
    stats.longestGapMs = Math.max(stats.longestGapMs, deadlines.progressed())
  }
  const aligned = transcript.align(deltas)
  if (aligned.length > 0) return audience.hear(aligned)
}

/** The end of the file: whole only if the dialect says so. */
async function close({ run, scope, errand }: Trip, dialect: DialectReader): Promise<void> {
  const { transcript, audience } = run
  const last: Delta[] = []
  dialect.close?.(last)
  if (last.length > 0) await settled(run, scope, audience.hear(transcript.align(last)))
  if (transcript.isFinished) return
  const { events, malformed } = transcript.stats
  const doubt = malformed > 0 ? `; ${malformed} of them not understood, is dialect right?` : ''
  throw new TruncatedError(
    events === 0
      ? 'The stream ended before its first event'
      : `The stream ended without the end marker of ${dialect.name ?? errand.endpoint.dialect.name} (${events} events${doubt})`,
  )
}

async function tellMalformed({ run, scope, errand }: Trip, dialect: DialectReader): Promise<void> {
  const { audience, transcript } = run
  const name = dialect.name ?? errand.endpoint.dialect.name
  const message = `Skipped data that ${name} does not understand (${transcript.stats.malformed} so far)`
  await settled(run, scope, audience.callbacks.onWarning?.({ code: 'malformed', message }))
}

/** Waits for the caller if it wants to be waited for, but not beyond the end of the scope. No clock runs meanwhile. */
async function settled(run: Run, scope: Scope, result: void | PromiseLike<void>): Promise<void> {
  if (!result) return
  await scope.race(result)
  run.deadlines.resumed()
}

/** What happened, in our words: one of the two places that decide anything about an error. */
function named({ run, scope, secrets }: Trip, thrown: unknown): StreamError {
  if (scope.reason) return scope.reason
  if (thrown instanceof StreamError) return scrubbed(thrown, secrets)
  // In the bracket it was the network, whatever it was called.
  if (run.deadlines.isWaiting) return new NetworkError('body', engineCause(thrown, secrets))
  return new ProtocolError('The stream could not be read', { cause: thrown })
}

/** Text, reasoning and tool calls are progress; usage and the like are not. */
function isContent({ type }: Delta): boolean {
  return type === 'text' || type === 'reasoning' || type === 'tool-call'
}
