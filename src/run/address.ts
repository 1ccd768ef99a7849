/**
 * An answer that has an address of its own (`Content-Location`): where a relay keeps the stream, to be read on by GET from
 * any of its ids, whoever asked for it and how. That costs nothing, so it needs nobody's word.
 */
import type { Position } from '../answer/cursor.ts'
import type { Endpoint } from '../request/endpoints.ts'
import { without, withoutCredentials } from '../request/headers.ts'
import type { PreparedRequest } from '../request/prepare.ts'
import { resolved } from '../request/redirect.ts'
import { isSameOrigin, withoutSearchKeys } from '../request/url.ts'
import type { Rest, Standing } from './run.ts'

/** What a request for the rest is answered with at the end. [spec] `EventSource` stops at it, too. */
export const NOTHING_LEFT = 204

/**
 * Where the stream of a response is to be had: at the address that it names, or where it came from if that is known for one.
 * An address of another origin is none, because nobody lets a server lead elsewhere.
 */
export function addressOf(
  { headers, url, status }: Response,
  request: PreparedRequest,
  known = '',
): string | undefined {
  if (status === NOTHING_LEFT) return undefined
  const base = url || request.url
  const named = headers.get('content-location') ?? (request.url === known && known)
  const address = named && resolved(named, base)
  return address && isSameOrigin(address, base) ? address : undefined
}

/** Who can be asked for an answer at an address with credentials: an endpoint of the same origin. */
export function homeOf(address: string, endpoints: readonly Endpoint[]): Endpoint | undefined {
  return endpoints.find(({ request }) => isSameOrigin(request.url, address))
}

/** The request for the rest of a stream at its address: after its last id, or all of it. */
export function restAt(
  { cursor }: Standing,
  request: PreparedRequest,
  position: Position | undefined,
): Rest | undefined {
  const address = cursor?.source
  return address && position
    ? { request: after(position, requestAt(address, 'GET', request)), position }
    : undefined
}

/** The same call at another address, without a body; if that is another server, without credentials. */
export function requestAt(url: string, method: string, request: PreparedRequest): PreparedRequest {
  const { headers, ...moved } = movedTo(url, request)
  const own = without(headers, (name) => name === 'content-type' || name === 'last-event-id')
  return { ...moved, url, method, headers: own, body: undefined, contentType: undefined }
}

/**
 * The same request for what follows an event; as it is, if no header can hold the event's id.
 *
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html#the-last-event-id-header
 */
export function after(position: Position | undefined, request: PreparedRequest): PreparedRequest {
  // [spec] The header holds the id's UTF-8 bytes, each of which `fetch` takes as one character. Control characters cannot
  // be sent, and a server would not read a header that never ends.
  const bytes = new TextEncoder().encode(position?.lastEventId)
  const id = bytes.length > MAX_HEADER ? '' : String.fromCharCode(...bytes)
  if (!/^[\t\x20-\x7e\x80-\xff]+$/.test(id)) return request
  return { ...request, added: { ...request.added, 'last-event-id': id } }
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
