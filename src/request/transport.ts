/**
 * The only file that imports ky, and the only one that knows `fetch`. Here ky builds the request and carries the
 * caller's hooks; retries and timeouts are switched off, because a timeout that ends at the headers and a retry
 * that does not know what the reader has seen are just what this library is there to replace.
 */
import ky, { isNetworkError, type KyInstance, type Options as KyOptions } from 'ky'
import { CallbackError, engineCause, NetworkError, ProtocolError, StreamError } from '../errors/errors.ts'

/** What is sent. Fields not listed here are those of `RequestInit` and go to `fetch` as they are. */
export interface RequestOptions
  extends Omit<RequestInit, 'body' | 'headers' | 'method' | 'signal' | 'window' | 'duplex'> {
  /** A body to be sent as JSON; serialised once, at the call. */
  readonly json?: unknown
  /** Any other body. A `ReadableStream` can be sent only once, so it is never retried. */
  readonly body?: BodyInit | null | undefined
  /** @defaultValue `POST` when there is a body, else `GET` */
  readonly method?: string | undefined
  /** Headers, or a function asked before each attempt, for tokens that expire. */
  readonly headers?: HeadersInit | HeadersFunction | undefined
  /** Added to those in the URL. */
  readonly searchParams?: SearchParams | undefined
  /** The caller's own ky instance: its hooks, prefix and headers apply; its retries and timeouts do not. */
  readonly http?: KyInstance | undefined
  /** Takes the place of the global `fetch`. */
  readonly fetch?: typeof fetch | undefined
  /**
   * Sends the same `Idempotency-Key` with every attempt, for servers that then do the work once: a random one
   * (`true`) or your own. Across origins the header has to be allowed by the server (CORS).
   * @defaultValue `false`
   */
  readonly idempotencyKey?: boolean | string | undefined
}

/** Query parameters; an `undefined` one is left out. */
export type SearchParams =
  | string
  | URLSearchParams
  | Readonly<Record<string, string | number | boolean | undefined>>

/** Asked before each attempt: `attempt` counts from 1, `error` is what ended the one before. */
export type HeadersFunction = (context: {
  readonly attempt: number
  readonly error: StreamError | undefined
}) => HeadersInit | Promise<HeadersInit>

/** A request that can be sent again and again. */
export interface PreparedRequest {
  readonly url: string
  readonly method: string
  readonly headers: HeadersInit | HeadersFunction | undefined
  readonly body: BodyInit | null | undefined
  /** Set by us when `json` made the body. */
  readonly contentType: string | undefined
  /** Headers of our own, whatever the caller gave. */
  readonly added: Readonly<Record<string, string>>
  readonly options: Pick<RequestOptions, 'searchParams' | 'http' | 'fetch'> & RequestInit
}

/** What fetch got, with what must not show up in any error text. */
export interface Exchange {
  readonly response: Response
  readonly secrets: readonly string[]
}

/**
 * The absolute URL of a request.
 *
 * @param baseUrl - goes before a relative `input`, joined by one slash: `https://api.example.com/v1` and
 *   `/chat/completions` make `https://api.example.com/v1/chat/completions`.
 * @param name - the option's name, for the message.
 * @throws TypeError when the two do not make an http(s) URL here (outside a page a relative one has no base).
 */
export function resolveUrl(input: string | URL, baseUrl?: string | URL, name = 'input'): string {
  const given = String(input)
  const joined = baseUrl === undefined || isAbsolute(given) ? given : joinedUrl(String(baseUrl), given)
  try {
    const { url } = new Request(joined)
    // Chromium lets `htps://` through and then fails as if the network were down. A relative URL is the page's own.
    if (!isAbsolute(joined) || /^https?:/i.test(url)) return url
  } catch {
    // Thrown below, with the value.
  }
  throw new TypeError(
    `${name} must be an http(s) URL, or a relative one where there is a page or a baseUrl; received ${JSON.stringify(withoutSecrets(joined))}`,
  )
}

/** Sends one request and waits for its headers. Every status comes back; only a failed connection throws. */
export async function send(
  request: PreparedRequest,
  context: {
    readonly attempt: number
    readonly error: StreamError | undefined
    readonly signal: AbortSignal
  },
): Promise<Exchange> {
  const headers = await headersFor(request, context)
  const secrets = secretsIn(headers)
  // Measured: browsers send `x-api-key` on to wherever they are redirected.
  const hasCredential = [...headers.keys()].some(isCredential)
  const { http, fetch: caller, ...init } = request.options
  const options = {
    ...(hasCredential && { redirect: 'error' }),
    ...init,
    method: request.method,
    headers,
    body: request.body,
    signal: context.signal,
    retry: 0,
    timeout: false,
    totalTimeout: false,
    throwHttpErrors: false,
  } as KyOptions
  // An instance of the caller's may bring a `fetch` of its own, which ours would replace.
  if (caller || !http) options.fetch = (input, rest) => fetchNamed(caller ?? fetch, input, rest, secrets)
  try {
    return { response: await (http ?? ky)(request.url, options), secrets }
  } catch (thrown) {
    if (thrown instanceof StreamError) throw thrown
    if (isNetworkError(thrown)) throw new NetworkError('connect', engineCause(thrown.cause, secrets))
    const cause = engineCause(thrown, secrets)
    throw http
      ? new CallbackError('http', cause)
      : new ProtocolError('The request could not be made', { cause })
  }
}

// Whatever `fetch` throws is the network's doing. Said here, where it is known: ky goes by a list of messages,
// and the next engine will have another one.
async function fetchNamed(
  target: typeof fetch,
  input: Parameters<typeof fetch>[0],
  init: RequestInit | undefined,
  secrets: readonly string[],
): Promise<Response> {
  try {
    return await target(input, init)
  } catch (thrown) {
    throw new NetworkError('connect', engineCause(thrown, secrets))
  }
}

async function headersFor(
  { headers: given, contentType, added }: PreparedRequest,
  { attempt, error }: { attempt: number; error: StreamError | undefined },
): Promise<Headers> {
  let headers: Headers
  try {
    headers = checkedHeaders(typeof given === 'function' ? await given({ attempt, error }) : given)
  } catch (thrown) {
    throw new CallbackError('headers', thrown)
  }
  if (!headers.has('accept')) headers.set('accept', 'text/event-stream')
  if (contentType && !headers.has('content-type')) headers.set('content-type', contentType)
  for (const [name, value] of Object.entries(added)) headers.set(name, value)
  return headers
}

/** @throws TypeError that shows no value: the engine's own quotes it, and it may be a key. */
export function checkedHeaders(given: HeadersInit | undefined): Headers {
  try {
    return new Headers(given)
  } catch {
    throw new TypeError(
      'headers holds a name or a value that HTTP does not allow (a line break, a non-Latin letter?)',
    )
  }
}

function isCredential(name: string): boolean {
  return /auth|key|token|secret|cookie|session/i.test(name) && name !== 'idempotency-key'
}

function secretsIn(headers: Headers): string[] {
  const secrets: string[] = []
  headers.forEach((value, name) => {
    if (isCredential(name)) secrets.push(value, value.replace(/^(Bearer|Basic)\s+/i, ''))
  })
  // The longest first, so that none leaves a tail of another; a very short one would redact ordinary words.
  return secrets.filter((secret) => secret.length >= 6).sort((a, b) => b.length - a.length)
}

/** One path after the other; a query of the base's (an API version) stays at the end. */
function joinedUrl(base: string, given: string): string {
  if (given === '') return base
  const [, path = '', query = ''] = /^([^?#]*)(.*)$/s.exec(base) ?? []
  const rest = given.includes('?') ? query.replace('?', '&') : query
  return `${path.replace(/\/+$/, '')}/${given.replace(/^\/+/, '')}${rest}`
}

/** Whether a URL names its server. */
export function isAbsolute(url: string | URL): boolean {
  return /^([a-z][a-z\d+.-]*:|\/\/)/i.test(String(url))
}

/** An address fit for a message: no user, no password, no query. */
export function withoutSecrets(url: string): string {
  if (/^https?:/i.test(url) && URL.canParse(url)) {
    const { origin, pathname } = new URL(url)
    return origin + pathname
  }
  // Not a URL, so nobody can say where its password ends: all before the last @ goes.
  return url.replace(/^((?:[a-z][a-z\d+.-]*:)?\/\/)?.*@/is, '$1').replace(/[?#].*$/s, '')
}
