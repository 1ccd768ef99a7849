import type { DialectReader } from './dialects/dialect.ts'
import {
  engineCause,
  HttpError,
  NetworkError,
  ProtocolError,
  StreamError,
  scrubbed,
  TruncatedError,
} from './errors.ts'
import type { Delta, ServerEvent } from './events.ts'
import type { Callbacks, Plan } from './options.ts'
import { retryAfterMs } from './policy/retry-after.ts'
import { Scope } from './scope.ts'
import { wallClock } from './time/clock.ts'
import type { Deadlines } from './time/deadlines.ts'
import type { Transcript } from './transcript.ts'
import { bodyKind, notEvents, readShort, release, understand } from './wire/sniff.ts'
import { createSseReader } from './wire/sse.ts'
import { send, withoutSecrets } from './wire/transport.ts'

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
  readonly audience: Audience
  /** Monotonic time at which the reply began, in ms. */
  readonly startedAt: number
}

type Body = ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>>

/**
 * One request, inside one scope, to one verdict: it returns when the answer is whole and throws a
 * {@link StreamError} when it is not. Whatever the end, the socket is closed and no timer or listener stays.
 *
 * @param attempt - counted from 1.
 * @param previous - what ended the attempt before.
 */
export async function makeAttempt(
  run: Run,
  attempt: number,
  previous: StreamError | undefined,
): Promise<void> {
  const scope = new Scope(run.scope)
  run.transcript.begin()
  run.deadlines.begin(attempt, (error) => scope.abort(error))
  let secrets: readonly string[] = []
  try {
    const exchange = await run.deadlines.waiting(
      scope.race(send(run.plan.request, { attempt, error: previous, signal: scope.signal }), (late) =>
        release(late.response.body),
      ),
    )
    secrets = exchange.secrets
    await readResponse(run, scope, attempt, exchange.response, secrets)
  } catch (thrown) {
    const error = named(run, scope, thrown, secrets)
    if (!run.transcript.isFinished || error.code === 'aborted' || error.code === 'callback') throw error
    // The answer is whole; how the connection ended after that is no longer the caller's trouble.
    await run.audience.callbacks.onWarning?.({ code: 'after-finish', message: error.message })
  } finally {
    run.deadlines.rest()
    scope.close()
  }
}

async function readResponse(
  run: Run,
  scope: Scope,
  attempt: number,
  response: Response,
  secrets: readonly string[],
): Promise<void> {
  const { plan, deadlines, transcript, audience } = run
  const headersAt = deadlines.arrived()
  deadlines.opened()
  transcript.stats.headersMs = headersAt - run.startedAt
  const body = response.body?.getReader() as Body | undefined
  // Cancelling makes a pending read settle at once, whatever the engine does about the abort.
  const forget = scope.onAbort(() => release(body))
  try {
    if (!response.ok) throw await httpError(plan, response, body, secrets)
    const kind = bodyKind(response)
    if (kind !== 'events' || !body) {
      const text = body ? await readShort(body) : ''
      throw notEvents(kind === 'events' ? 'empty' : kind, response.status, text, secrets)
    }
    const { status, headers } = response
    await settled(scope, audience.callbacks.onOpen?.({ attempt, status, headers }))
    await readEvents(run, scope, body)
  } finally {
    forget()
    release(body)
  }
}

/** The loop everything else serves: one `await` per network read, and none per event. */
async function readEvents(run: Run, scope: Scope, body: Body): Promise<void> {
  const { plan, deadlines, transcript, audience } = run
  const { stats } = transcript
  const { onEvent } = audience.callbacks
  const sse = createSseReader(plan.maxEventBytes)
  const dialect = plan.dialect.open()
  for (;;) {
    const part = await deadlines.waiting(body.read())
    const time = deadlines.arrived()
    if (scope.reason) throw scope.reason
    if (part.done) break
    stats.firstByteMs ??= time - run.startedAt
    stats.bytes += part.value.byteLength
    const { events, comments, error } = sse.feed(part.value)
    if (comments.length > 0) await tellKeepAlives(run, scope, comments)
    if (events.length > 0) {
      if (onEvent) for (const event of events) await settled(scope, onEvent(event))
      const deltas: Delta[] = []
      const malformed = stats.malformed
      const verdict = readBatch(dialect, events, deltas, stats)
      const wait = deltas.length > 0 && handOut(run, deltas, time)
      if (wait) await scope.race(wait)
      if (stats.malformed > malformed) await tellMalformed(run, scope)
      if (verdict === 'end') return
      if (verdict) throw verdict
      if (transcript.isFinished) deadlines.finishing()
    }
    if (error) throw error
  }
  await close(run, scope, dialect)
}

/** Understands the events of one read, in one synchronous loop. */
function readBatch(
  dialect: DialectReader,
  events: readonly ServerEvent[],
  deltas: Delta[],
  stats: Transcript['stats'],
): 'end' | StreamError | undefined {
  for (const event of events) {
    stats.events++
    const verdict = dialect.read(event, deltas)
    if (verdict === 'more') continue
    if (verdict !== 'malformed') return verdict
    stats.malformed++
  }
  return undefined
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
async function close(run: Run, scope: Scope, dialect: DialectReader): Promise<void> {
  const { transcript, audience, plan } = run
  const last: Delta[] = []
  dialect.close?.(last)
  if (last.length > 0) await settled(scope, audience.hear(transcript.align(last)))
  if (transcript.isFinished) return
  const { events, malformed } = transcript.stats
  const doubt = malformed > 0 ? `; ${malformed} of them not understood, is dialect right?` : ''
  throw new TruncatedError(
    events === 0
      ? 'The stream ended before its first event'
      : `The stream ended without the end marker of ${plan.dialect.name} (${events} events${doubt})`,
  )
}

async function tellKeepAlives(run: Run, scope: Scope, comments: readonly string[]): Promise<void> {
  run.transcript.stats.keepAlives += comments.length
  const { onKeepAlive } = run.audience.callbacks
  if (onKeepAlive) for (const text of comments) await settled(scope, onKeepAlive({ text }))
}

async function tellMalformed({ audience, transcript, plan }: Run, scope: Scope): Promise<void> {
  const message = `Skipped data that ${plan.dialect.name} does not understand (${transcript.stats.malformed} so far)`
  await settled(scope, audience.callbacks.onWarning?.({ code: 'malformed', message }))
}

/** Waits for a callback if it wants to be waited for, but not beyond the end of the scope. */
async function settled(scope: Scope, result: void | PromiseLike<void>): Promise<void> {
  if (result) await scope.race(result)
}

async function httpError(
  plan: Plan,
  response: Response,
  body: Body | undefined,
  secrets: readonly string[],
): Promise<HttpError> {
  const { status, headers } = response
  const facts = understand(body ? await readShort(body) : '', secrets)
  const says = facts.says ? `: ${facts.says}` : ''
  return new HttpError(`The server answered ${status} (${withoutSecrets(plan.request.url)})${says}`, {
    status,
    body: facts.body,
    retryAfterMs: retryAfterMs(headers, wallClock()),
    requestId: headers.get('x-request-id') ?? undefined,
    shouldRetry: SHOULD_RETRY.get(headers.get('x-should-retry') ?? ''),
  })
}

const SHOULD_RETRY = new Map([
  ['true', true],
  ['false', false],
])

/** What happened, in our words: one of the two places that decide anything about an error. */
function named(run: Run, scope: Scope, thrown: unknown, secrets: readonly string[]): StreamError {
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
