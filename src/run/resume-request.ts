/** The request for the rest of an answer whose stream broke. */
import { type AddressCheckpoint, type Checkpoint, type TextCheckpoint, upTo } from '../answer/checkpoint.ts'
import type { Position } from '../answer/cursor.ts'
import type { Dialect } from '../dialects/dialect.ts'
import { CallbackError, type StreamFailure } from '../errors/errors.ts'
import { redactAll } from '../errors/redact.ts'
import type { Plan, ResumeFunction, ResumeRequest } from '../options.ts'
import type { Endpoint } from '../request/endpoints.ts'
import { checkedHeaders, headersOver } from '../request/headers.ts'
import { isBodiless, isStream, type PreparedRequest, prepare } from '../request/prepare.ts'
import { resolved } from '../request/redirect.ts'
import { after, homeOf, movedTo, requestAt, restAt } from './address.ts'
import type { Rest, Standing } from './run.ts'

/** Where a reply stands; `undefined` once the answer is whole. */
export function checkpointOf(standing: Standing): Checkpoint | undefined {
  return standing.transcript.isFinished ? undefined : (addressCheckpoint(standing) ?? textOf(standing))
}

/** The address, if it can be asked with the call's credentials and holds none of them. */
function addressCheckpoint({ plan, transcript, cursor }: Standing): AddressCheckpoint | undefined {
  // Content without ids is no stream that is kept; before there is content nothing is lost by asking.
  const address = transcript.hasContent ? cursor?.source : cursor?.address
  // What cannot be had without a credential in it, or from elsewhere, is not kept.
  const isFit =
    address && homeOf(address, plan.endpoints) && !cursor?.secrets.some((each) => address.includes(each))
  return isFit ? { version: 2, url: address } : undefined
}

/**
 * The answer so far. It ends where the stream can be gone on from: what has been shown beyond it will come again.
 */
export function textOf({ plan, transcript, cursor }: Standing): TextCheckpoint {
  const position = cursor?.position
  // While a second answer repeats the first one, the text is further than the stream.
  const place = position?.place ?? (transcript.isReplaying ? undefined : cursor?.place)
  const { content } = transcript
  const kept = place && upTo(content, place)
  const { text, reasoning, toolCalls } = kept ?? content
  const url = cursor?.url || (plan.endpoints[0]?.url ?? '')
  // What a dialect has not understood yet it keeps as the server wrote it.
  const state = redactAll(position?.state, cursor?.secrets ?? [])
  const safe = state === undefined ? position : { ...position, state }
  return { version: 1, url, text, reasoning, toolCalls, ...(kept && { position: safe }) }
}

/**
 * Whether there is a way to ask an endpoint for the rest: the caller's own (if there is something to go on from), the
 * answer's address, the dialect's, or the same request with `Last-Event-ID`.
 */
export function canResume(standing: Standing, endpoint: Endpoint, position: Position | undefined): boolean {
  const { plan, transcript } = standing
  const { resume, recovery } = plan
  if (recovery === 'replay' || recovery === 'fail') return false
  // What a second answer has not repeated yet is not for the caller's function to go on from.
  if (resume && transcript.hasContent && (position || !transcript.isReplaying)) return true
  const { request } = endpoint
  return !!(
    restAt(standing, request, position) ||
    continued(endpoint, position) ||
    afterId(recovery, request, position)
  )
}

/** Asks the caller's own function; `undefined` if it declines. */
export async function ownRest(
  resume: ResumeFunction,
  request: PreparedRequest,
  checkpoint: TextCheckpoint,
  error: StreamFailure | undefined,
): Promise<Rest | undefined> {
  try {
    const given = await resume(checkpoint, error)
    if (!given) return undefined
    const { position } = checkpoint
    return {
      request: changed(request, given),
      // Another stream numbers its events as it likes: only who asks by id gets the ids of the first one.
      position: asksById(given) ? position : position && { state: position.state, place: position.place },
    }
  } catch (thrown) {
    throw new CallbackError('resume', thrown)
  }
}

/**
 * The request for the rest at the answer's address, else as the dialect makes it, else the same one with `Last-Event-ID`;
 * `undefined` if there is none of them.
 */
export function usualRest(
  standing: Standing,
  endpoint: Endpoint,
  position: Position | undefined,
): Rest | undefined {
  const { request } = endpoint
  const kept = restAt(standing, request, position)
  const other = kept ? undefined : continued(endpoint, position)
  // The dialect asks by its own cursor, and what ids there were tell nothing of what comes.
  if (other) {
    const { lastEventId: _id, seen: _seen, ...rest } = position ?? {}
    return { request: requestAt(other.url, other.method, request), position: rest }
  }
  const same = afterId(standing.plan.recovery, request, position)
  return kept ?? (same && { request: same, position })
}

function continued({ request, dialect }: Endpoint, position: Position | undefined): ReturnType<Resume> {
  try {
    return dialect.resume?.(request.url, position?.state)
  } catch (thrown) {
    throw new CallbackError('dialect.resume', thrown)
  }
}

type Resume = NonNullable<Dialect['resume']>

// A GET is safe to repeat and `Last-Event-ID` is made for it. A server that has never heard of it would answer a POST
// anew, and bill it anew: that needs a word from the caller.
function afterId(
  recovery: Plan['recovery'],
  request: PreparedRequest,
  position: Position | undefined,
): PreparedRequest | undefined {
  const isAgreed = request.method === 'GET' || (recovery === 'resume' && !isStream(request.body))
  const asked = after(position, request)
  return isAgreed && asked !== request ? asked : undefined
}

function asksById({ headers }: ResumeRequest): boolean {
  return typeof headers !== 'function' && checkedHeaders(headers).has('last-event-id')
}

function changed(request: PreparedRequest, given: ResumeRequest): PreparedRequest {
  const { method, headers, json, body, searchParams } = given
  const isNew = given.url !== undefined || json !== undefined || body !== undefined
  // As a page would read it that had been loaded from the first request's.
  const url = given.url === undefined ? request.url : resolved(String(given.url), request.url)
  const moved = movedTo(url, request)
  const made = prepare(
    url,
    {
      ...moved.options,
      ...(searchParams !== undefined && { searchParams }),
      ...(json !== undefined && { json }),
      body: isNew || isBodiless(method) ? body : request.body,
      method: method ?? (isNew ? undefined : request.method),
      headers: headersOver(moved.headers, headers),
    },
    undefined,
    request.added,
  )
  return isNew ? made : { ...made, contentType: request.contentType }
}
