/**
 * An answer that has an address of its own (`Content-Location`): where a relay keeps the stream, to be read on by GET from
 * any of its ids, whoever asked for it and how. That costs nothing, so it needs nobody's word.
 */
import type { Position } from '../answer/cursor.ts'
import { askHeaders, without, withoutCredentials } from '../request/headers.ts'
import type { PreparedRequest } from '../request/prepare.ts'
import { send } from '../request/transport.ts'
import { isSameOrigin, withoutSearchKeys } from '../request/url.ts'
import { Scope } from '../scope.ts'
import { release } from '../wire/body.ts'
import type { Rest, Standing } from './run.ts'

/** The address that a response names; one of another origin is none, because nobody lets a server lead elsewhere. */
export function addressIn({ headers, url }: Response, request: PreparedRequest): string | undefined {
  const given = headers.get('content-location')
  const base = url || request.url
  try {
    const { href } = new URL(given ?? '', base)
    return given && isSameOrigin(href, base) ? href : undefined
  } catch {
    return undefined
  }
}

/** The request for the rest of a stream at its address: after its last id, or all of it. */
export function restAt(
  { cursor }: Standing,
  request: PreparedRequest,
  position: Position | undefined,
): Rest | undefined {
  const address = cursor?.source
  return address ? { request: after(position, requestAt(address, 'GET', request)), position } : undefined
}

/**
 * Tells the server that nobody wants the answer any more: `DELETE` to its address. Nobody waits for it and nobody hears of a
 * failure: the reply has ended, and the server notices by itself that nobody reads.
 */
export async function stopAt({ plan, transcript, cursor }: Standing): Promise<void> {
  const { address, url } = cursor ?? {}
  const endpoint = plan.endpoints.find((each) => each.url === url)
  if (!address || !endpoint || transcript.isFinished) return
  const request = requestAt(address, 'DELETE', endpoint.request)
  try {
    const attempt = transcript.stats.attempts.length
    const headers = await askHeaders(request.headers, { attempt, error: undefined })
    // The page may be on its way out.
    const options = { ...request.options, keepalive: true }
    const { response } = await send({ ...request, options }, headers, new Scope().signal, plan.transport)
    release(response.body)
  } catch {
    // Nobody is left to be told.
  }
}

/** The same call at another address, without a body; if that is another server, without credentials. */
export function requestAt(url: string, method: string, request: PreparedRequest): PreparedRequest {
  const { headers, ...moved } = movedTo(url, request)
  const own = without(headers, (name) => name === 'content-type' || name === 'last-event-id')
  return { ...moved, url, method, headers: own, body: undefined, contentType: undefined }
}

/** The same request for what follows an event. */
export function after(position: Position | undefined, request: PreparedRequest): PreparedRequest {
  const id = headerText(position?.lastEventId ?? '')
  return id ? { ...request, added: { ...request.added, 'last-event-id': id } } : request
}

// [spec] The header holds the id's UTF-8 bytes, each of which `fetch` takes as one character. Control characters cannot
// be sent, and a server would not read a header that never ends.
export function headerText(id: string): string | undefined {
  const bytes = new TextEncoder().encode(id)
  if (bytes.length > MAX_HEADER) return undefined
  const text = String.fromCharCode(...bytes)
  return /^[\t\x20-\x7e\x80-\xff]*$/.test(text) ? text : undefined
}

const MAX_HEADER = 4_096

/** A request that goes to another address; if that is another server, without credentials. */
export function movedTo(url: string, request: PreparedRequest): PreparedRequest {
  if (isSameOrigin(url, request.url)) return request
  const { searchParams, ...options } = request.options
  const rest = withoutSearchKeys(searchParams)
  return {
    ...request,
    headers: withoutCredentials(request.headers),
    options: { ...options, ...(rest && { searchParams: rest }) },
  }
}
