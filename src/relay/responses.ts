/** How a stream begins: Traefik, Caddy and others hold the first kilobyte back. */
export const PADDING: string = `:${' '.repeat(2048)}\n\n`

/** What the relay says in its own name. */

const NOT_STORED = { 'cache-control': 'no-store, no-transform' }

/** Headers of a stream: nobody may keep, gather or compress it. */
export const STREAM_HEADERS: Readonly<Record<string, string>> = Object.freeze({
  ...NOT_STORED,
  'content-type': 'text/event-stream; charset=utf-8',
  'x-accel-buffering': 'no',
})

/** A request that is not served. */
export class Refusal extends Error {
  readonly status: number
  readonly code: string
  readonly headers: Readonly<Record<string, string>>
  constructor(status: number, code: string, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message)
    this.status = status
    this.code = code
    this.headers = headers
  }
}

/** Of an answer that is unknown, expired or somebody else's: nobody learns which. */
export function notFound(): Refusal {
  return new Refusal(404, 'not_found', 'There is no such answer')
}

/** @param seconds - when to come again. */
export function busy(status: 429 | 503, code: string, message: string, seconds: number): Refusal {
  return new Refusal(status, code, message, { 'retry-after': String(seconds) })
}

export function refused({ status, code, message, headers }: Refusal): Response {
  const type = status < 500 ? 'invalid_request_error' : 'server_error'
  return new Response(JSON.stringify({ error: { message, type, code } }), {
    status,
    headers: { ...NOT_STORED, 'content-type': 'application/json', ...headers },
  })
}

export function nothing(headers: Readonly<Record<string, string>> = {}, status = 204): Response {
  return new Response(null, { status, headers: { ...NOT_STORED, ...headers } })
}

/** Adds what a page elsewhere needs to be allowed to read a response. */
export function withCors(request: Request, given: Response, origins: readonly string[]): Response {
  const requestId = request.headers.get('x-request-id')
  const origin = request.headers.get('origin')
  const added: [string, string][] = []
  if (requestId && /^[\w.-]{1,128}$/.test(requestId)) added.push(['x-request-id', requestId])
  if (origins.length > 0) added.push(['vary', 'Origin'])
  if (origin && isAllowed(origin, origins)) {
    added.push(['access-control-allow-origin', origin])
    added.push(['access-control-expose-headers', EXPOSED])
    // With a star anybody may ask, but not in somebody's name.
    if (!origins.includes('*')) added.push(['access-control-allow-credentials', 'true'])
  }
  // A response that is an error of the network can have no headers.
  if (added.length === 0 || given.type === 'error') return given
  // The caller's own may be one whose headers cannot be changed.
  const response = new Response(given.body, given)
  for (const [name, value] of added) response.headers.append(name, value)
  return response
}

const EXPOSED = 'Content-Location, Retry-After, X-Request-Id, Holdfast-State'

/** What a page asks before it asks. */
export function preflight(request: Request): Response {
  const wanted = request.headers.get('access-control-request-headers') ?? ''
  const allowed = ['content-type', 'last-event-id', 'idempotency-key']
  return nothing({
    'access-control-allow-methods': 'GET, HEAD, POST, DELETE',
    'access-control-allow-headers': /^[\w\s,-]{1,1000}$/.test(wanted) ? wanted : allowed.join(', '),
    'access-control-max-age': '600',
  })
}

/**
 * Any page on the web can send a simple POST with this site's cookies, and spend somebody's money.
 *
 * @see https://www.w3.org/TR/fetch-metadata/
 */
export function refuseOtherSites(request: Request, origins: readonly string[]): void {
  const origin = request.headers.get('origin')
  const isElsewhere = request.headers.get('sec-fetch-site') === 'cross-site'
  if (isElsewhere && !isAllowed(origin ?? '', origins))
    throw new Refusal(403, 'origin_not_allowed', 'Pages of this origin may not ask (origins)')
}

function isAllowed(origin: string, origins: readonly string[]): boolean {
  return origins.includes(origin) || origins.includes('*')
}
