/** One request, checked as far as it can be before it is sent. */
import { checkKind, shown } from '../checks.ts'
import { uniqueName } from '../time/clock.ts'
import { checkedHeaders, type GivenHeaders } from './headers.ts'
import { resolveUrl, type SearchParams, withSearch } from './url.ts'

/** What is sent. Fields not listed here are those of `RequestInit` and go to `fetch` as they are. */
export interface RequestOptions
  extends Omit<RequestInit, 'body' | 'headers' | 'method' | 'signal' | 'window' | keyof RuntimeOptions>,
    RuntimeOptions {
  /** A body to be sent as JSON; serialised once, at the call. */
  readonly json?: unknown
  /** Any other body; a form as it is at the call. A stream can be sent only once, so it is never retried. */
  readonly body?: RequestInit['body'] | undefined
  /** @defaultValue `POST` when there is a body, else `GET` */
  readonly method?: string | undefined
  /** Headers, or a function asked before each attempt, for tokens that expire. */
  readonly headers?: GivenHeaders
  /** Added to those in the URL. */
  readonly searchParams?: SearchParams | undefined
  /**
   * The caller's own ky instance (2.x): its hooks, prefix, headers and `fetch` apply, and `ky.retry()` in a hook asks again;
   * its own retries and timeouts do not. Or a function that takes ky's options.
   */
  readonly http?: HttpFunction | undefined
  /** Takes the place of the global `fetch`. */
  readonly fetch?: typeof fetch | undefined
  /**
   * Sends the same `Idempotency-Key` with every attempt, for servers that then do the work once: a random one
   * (`true`) or your own. Across origins the header has to be allowed by the server (CORS).
   * @defaultValue `false`
   */
  readonly idempotencyKey?: boolean | string | undefined
}

/** What runtimes add to `RequestInit`: passed on as it is. */
export interface RuntimeOptions {
  /** Node's undici. */
  readonly dispatcher?: unknown
  /** Next.js. */
  readonly next?: unknown
  /** Cloudflare Workers. */
  readonly cf?: unknown
  /** Bun. */
  readonly proxy?: unknown
  /** Deno. */
  readonly client?: unknown
  /** For a body that is a stream, where the engine wants it said. */
  readonly duplex?: 'half' | undefined
}

/** What carries a request: a ky instance, or whatever takes its options. */
export type HttpFunction = (url: string, options: HttpOptions) => PromiseLike<Response>

/** ky's options; its own retries, timeouts and errors are off. */
export interface HttpOptions extends RequestInit {
  readonly searchParams?: SearchParams
  readonly fetch?: typeof fetch
  /** An instance has it from the hook, which leaves it what `ky.retry()` needs. */
  readonly retry?: 0
  readonly timeout: false
  readonly totalTimeout: false
  readonly throwHttpErrors: false
  readonly hooks?: { init: ((options: KyOptions) => void)[] }
}

/** What an instance has made of its own options and a call's, to be changed before it makes the request. */
export interface KyOptions {
  headers?: unknown
  retry?: unknown
  fetch?: typeof fetch
  redirect?: RequestInit['redirect']
  readonly body?: unknown
}

/** A request that can be sent again and again. */
export interface PreparedRequest {
  readonly url: string
  readonly method: string
  readonly headers: GivenHeaders
  readonly body: RequestInit['body']
  /** Set by us when `json` made the body. */
  readonly contentType: string | undefined
  /** Headers of our own, whatever the caller gave. */
  readonly added: Readonly<Record<string, string>>
  readonly options: Pick<RequestOptions, 'searchParams' | 'http' | 'fetch'> & RequestInit & RuntimeOptions
}

/**
 * Prepares a request.
 *
 * @throws TypeError naming the option and the value received.
 */
export function prepare(
  input: string | URL,
  options: RequestOptions,
  baseUrl: string | URL | undefined,
  added: PreparedRequest['added'],
): PreparedRequest {
  const { json, body, method, headers, http, fetch } = options
  if (!http && !fetch) checkPlatform('fetch')
  checkPlatform('Headers')
  checkPlatform('TextDecoder')
  const isJson = json !== undefined
  if (isJson && isGiven(body)) throw new TypeError('json and body cannot both be given; received both')
  checkKind('http', http, 'function')
  checkKind('fetch', fetch, 'function')
  checkKind('method', method, 'string')
  const hasBody = isJson || isGiven(body)
  if (hasBody && isBodiless(method))
    throw new TypeError(`method ${method} has no body; received ${isJson ? 'json' : 'body'}`)
  const present: Record<string, unknown> = {}
  for (const name of SENT_NAMES) if (isGiven(options[name])) present[name] = options[name]
  // These, headers and a form as they are now: their owner may use his object again.
  if (options.searchParams) present.searchParams = withSearch('', options.searchParams)
  return {
    // The caller's ky instance may have a prefix of its own: only it knows what a relative URL becomes.
    url: http && baseUrl === undefined ? String(input) : resolveUrl(input, baseUrl),
    method: method ?? (hasBody ? 'POST' : 'GET'),
    headers: typeof headers === 'function' ? headers : headers && checkedHeaders(headers),
    body: isJson ? serialised(json) : copied(body),
    contentType: isJson ? 'application/json' : undefined,
    added,
    options: present,
  }
}

/** Whether requests of this method carry nothing. */
export function isBodiless(method = ''): boolean {
  return /^(get|head)$/i.test(method)
}

/** Old platforms and test environments (Jest's jsdom) lack some of what every browser has. */
function checkPlatform(needed: string): void {
  if (!Reflect.get(globalThis, needed)) throw new TypeError(`This platform has no ${needed}: add a polyfill`)
}

/** Whether a body can be sent only once: a stream, also another window's, or what Node reads as one. */
export function isStream(body: unknown): boolean {
  const given = Object(body)
  return 'getReader' in given || Symbol.asyncIterator in given
}

/** A form as it is now; its class may be another window's. */
function copied(body: RequestInit['body']): RequestInit['body'] {
  const form: FormData = Object(body)
  // Some are told by their name alone (React Native's, npm's).
  if (!form.append || !form.forEach) return body
  const copy = new (form.constructor as typeof FormData)()
  form.forEach((value, name) => {
    copy.append(name, value as Blob)
  })
  return copy
}

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null
}

function serialised(json: unknown): string {
  try {
    const text = JSON.stringify(json)
    if (text !== undefined) return text
  } catch (thrown) {
    throw new TypeError(`json cannot be serialised: ${(thrown as Error).message}`)
  }
  throw new TypeError(`json must be a JSON value; received ${shown(json)}`)
}

/** The header that makes attempts one: the same for every attempt and every endpoint, that is its use. */
export function idempotency(key: unknown): Readonly<Record<string, string>> {
  if (key === undefined || key === false) return {}
  if (key === true) return { 'idempotency-key': uniqueName() }
  if (typeof key === 'string' && /^[\x21-\x7e]+$/.test(key)) return { 'idempotency-key': key }
  throw new TypeError(
    `idempotencyKey must be true, false or text without spaces; received ${typeof key === 'string' ? 'other text' : shown(key)}`,
  )
}

const SENT_NAMES = [
  ...(['searchParams', 'http', 'fetch', 'cache', 'credentials', 'integrity', 'keepalive'] as const),
  ...(['mode', 'priority', 'redirect', 'referrer', 'referrerPolicy'] as const),
  ...(['dispatcher', 'next', 'cf', 'proxy', 'client', 'duplex'] as const),
] as const satisfies readonly (keyof RequestOptions)[]

/** The names of what makes up a request. */
export const REQUEST_NAMES: readonly string[] = Object.freeze([
  ...['json', 'body', 'method', 'headers'],
  ...SENT_NAMES,
])
