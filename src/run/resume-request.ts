/** What one attempt is sent out with: the request as it was, or one for the rest of a stream that broke. */

import type { Transcript } from '../answer/transcript.ts'
import { CallbackError, type StreamFailure } from '../errors/errors.ts'
import type { Plan, ResumeRequest } from '../options.ts'
import type { Checkpoint, Position, Trail } from '../policy/resume.ts'
import { type Endpoint, prepare } from '../request/endpoints.ts'
import { headersOver } from '../request/merge.ts'
import { checkedHeaders, type PreparedRequest } from '../request/transport.ts'

/** One attempt's task. */
export type Errand = Task & {
  /** Counted from 1. */
  readonly attempt: number
  readonly endpoint: Endpoint
  /** What ended the attempt before. */
  readonly previous: StreamFailure | undefined
}

/** The answer from its start, or the rest of a stream. */
export type Task = { readonly mode: 'anew'; readonly request: PreparedRequest } | Rest

/** The rest of a stream, and the place it is to go on from. */
export interface Rest {
  readonly mode: 'resume'
  readonly request: PreparedRequest
  readonly position: Position | undefined
}

/** How far a reply has come. */
export interface Standing {
  readonly plan: Plan
  readonly transcript: Transcript
  readonly trail: Trail
}

/** Where a reply stands; `undefined` once the answer is whole. */
export function checkpointOf({ plan, transcript, trail }: Standing): Checkpoint | undefined {
  if (transcript.isFinished) return undefined
  const { attempts } = transcript.stats
  const url = attempts.at(-1)?.url ?? plan.from?.url ?? plan.endpoints[0]?.url ?? ''
  // While a second answer repeats the first one, the text is further than the stream.
  const position = transcript.isReplaying ? undefined : trail.position
  return { version: 1, url, ...transcript.marked(), ...(position && { position }) }
}

/** Whether there is a way to ask an endpoint for the rest. */
export function canResume({ plan, transcript, trail }: Standing, endpoint: Endpoint): boolean {
  const { resume, recovery } = plan
  if (recovery === 'replay' || recovery === 'fail') return false
  if (resume && transcript.hasContent && !transcript.isReplaying) return true
  const { request, dialect } = endpoint
  return !!dialect.resume?.(request.url, trail.position?.state) || canAskById(plan, trail, request)
}

/**
 * The request for the rest: the caller's own, else the dialect's, else the same one with `Last-Event-ID`; `undefined`
 * if the caller's function declined and nothing else is left.
 *
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html#the-last-event-id-header
 */
export async function askForRest(
  standing: Standing,
  { request, dialect }: Endpoint,
  error: StreamFailure | undefined,
): Promise<Rest | undefined> {
  const { plan, trail } = standing
  const own = await ownRest(standing, request, error)
  if (own) return own
  const { position } = trail
  const rest = (more: Partial<PreparedRequest>): Rest => ({
    mode: 'resume',
    request: { ...request, ...more },
    position,
  })
  const continued = dialect.resume?.(request.url, position?.state)
  if (continued) return rest({ ...continued, body: undefined, contentType: undefined })
  if (!canAskById(plan, trail, request)) return undefined
  return rest({ added: { ...request.added, 'last-event-id': position?.lastEventId ?? '' } })
}

// A GET is safe to repeat and `Last-Event-ID` is made for it. A server that has never heard of it would answer a POST
// anew, and bill it anew: that needs a word from the caller.
function canAskById({ recovery }: Plan, trail: Trail, { method, body }: PreparedRequest): boolean {
  const isAgreed = method === 'GET' || (recovery === 'resume' && !(body instanceof ReadableStream))
  return isAgreed && trail.position?.lastEventId !== undefined
}

async function ownRest(
  standing: Standing,
  request: PreparedRequest,
  error: StreamFailure | undefined,
): Promise<Rest | undefined> {
  const checkpoint = checkpointOf(standing)
  if (!standing.plan.resume || !checkpoint) return undefined
  try {
    const given = await standing.plan.resume(checkpoint, error)
    if (!given) return undefined
    const { position } = checkpoint
    return {
      mode: 'resume',
      request: changed(request, given),
      // Another stream numbers its events as it likes: only who asks by id gets the ids of the first one.
      position: asksById(given) ? position : position && { state: position.state },
    }
  } catch (thrown) {
    throw new CallbackError('resume', thrown)
  }
}

function asksById({ headers }: ResumeRequest): boolean {
  return typeof headers !== 'function' && checkedHeaders(headers).has('last-event-id')
}

function changed(request: PreparedRequest, given: ResumeRequest): PreparedRequest {
  const { url, method, headers, json, body, searchParams } = given
  const isNew = url !== undefined || json !== undefined || body !== undefined
  const made = prepare(
    url === undefined ? request.url : seenFrom(request.url, url),
    {
      ...request.options,
      ...(searchParams !== undefined && { searchParams }),
      ...(json !== undefined && { json }),
      body: isNew ? body : request.body,
      method: method ?? (isNew ? undefined : request.method),
      headers: headersOver(request.headers, headers),
    },
    undefined,
    request.added,
  )
  return isNew ? made : { ...made, contentType: request.contentType }
}

/** A relative URL as a page would read it that had been loaded from the first request's. */
function seenFrom(base: string, url: string | URL): string | URL {
  return URL.canParse(String(url), base) ? new URL(url, base) : url
}
