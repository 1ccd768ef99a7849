/** Who can be asked, and how: one server, or several that can stand in for each other. */
import { shown } from '../checks.ts'
import { functionDialect } from '../dialects/by-function.ts'
import type { ChatRequest, Dialect, DialectFunction } from '../dialects/dialect.ts'
import { withoutSecrets } from '../errors/redact.ts'
import type { Breaker } from '../policy/breaker.ts'
import type { Rotating } from '../policy/failover.ts'
import { isPage } from '../time/page.ts'
import { headersOver } from './headers.ts'
import { idempotency, type PreparedRequest, prepare, type RequestOptions } from './prepare.ts'
import { isUrl } from './url.ts'

/** A key, and where it may be. */
export interface KeyOptions {
  /** The provider's key; the dialect knows which header it goes into. In a page it throws: see `allowKeyInBrowser`. */
  readonly apiKey?: string | undefined
  /**
   * A key in a page belongs to everyone who opens it. `true` says that you know: a local model, a key of the user's own.
   * @defaultValue `false`
   */
  readonly allowKeyInBrowser?: boolean | undefined
}

/** One of several servers. What it leaves out is the call's. */
export interface EndpointOptions extends Omit<RequestOptions, 'idempotencyKey'>, KeyOptions {
  /** Goes before the call's `input`, joined by one slash; an empty `input` means this URL itself. */
  readonly url: string | URL
  /** What the events of this server mean. */
  readonly dialect?: Dialect | DialectFunction | undefined
}

/** A server, ready to be asked. */
export interface Endpoint {
  /** Its URL without user, password and query: how it is called in statistics. */
  readonly url: string
  readonly request: PreparedRequest
  readonly dialect: Dialect
  readonly breaker: Breaker | undefined
}

/** The options that say who is asked for what. */
export interface CallOptions extends RequestOptions, KeyOptions {
  /**
   * What the events mean: a value from `holdfast/dialects`, or a function that finds the text in an event.
   * @defaultValue `auto`, which finds out by the first event
   */
  readonly dialect?: Dialect | DialectFunction | undefined
  /**
   * Servers that can stand in for each other: a failure worth another attempt, an open circuit or a used-up quota
   * moves on to the next one, at once. `headers` are merged with the call's and `json` is laid over the call's key
   * by key (another provider calls its model differently).
   */
  readonly endpoints?: readonly EndpointOptions[] | undefined
}

type Added = PreparedRequest['added']

/** Servers that can stand in for each other: their requests, and who is next. */
export interface Failover extends Rotating {
  resolve(
    input: string | URL,
    options: CallOptions,
    added: Added,
    surroundings: Surroundings,
  ): readonly Endpoint[]
}

/** What a client adds to a call's address. */
export interface Surroundings {
  /** The provider's body of a chat; the dialect makes the request of it. */
  readonly chat?: object | undefined
  readonly baseUrl?: string | URL | undefined
  /** What the entry of the package takes where no dialect is given. */
  readonly dialect?: Dialect | undefined
  /** What makes a dialect of a function; without it nobody looks for lines of a text that were lost. */
  readonly ofFunction?: typeof functionDialect | undefined
  /** What there is for a call that lists its `endpoints`; without it such a list is refused. */
  readonly failover?: Failover | undefined
  /** The breaker for a server, by its URL. */
  readonly breakerFor?: ((url: string) => Breaker | undefined) | undefined
}

/**
 * Prepares a request for each server.
 *
 * @throws TypeError naming the option and the value received.
 */
export function resolveEndpoints(
  input: string | URL,
  options: CallOptions,
  surroundings: Surroundings,
): readonly Endpoint[] {
  if (!isUrl(input)) throw new TypeError(`input must be a string or a URL; received ${shown(input)}`)
  const added = options.idempotencyKey === undefined ? NOTHING : idempotency(options.idempotencyKey)
  if (options.endpoints === undefined) return [endpointOf(input, options, added, surroundings)]
  const { failover } = surroundings
  if (failover) return failover.resolve(input, options, added, surroundings)
  throw new TypeError('endpoints needs a client in holdfast/core, or streamVia()')
}

const NOTHING: Added = Object.freeze({})

/** One server. */
export function endpointOf(
  input: string | URL,
  options: CallOptions,
  added: Added,
  { baseUrl, breakerFor, chat, dialect: usual, ofFunction }: Surroundings,
): Endpoint {
  const dialect = checkedDialect(options.dialect ?? usual, 'dialect', ofFunction)
  const base = String(baseUrl ?? '')
  const asked = chat ? chatRequest(dialect, chat, base) : { path: input, json: options.json }
  const { apiKey, headers: given } = options
  const headers = apiKey === undefined ? given : headersOver(keyHeaders(dialect, options, base), given)
  const request = prepare(asked.path, { ...options, json: asked.json, headers }, baseUrl, added)
  return { url: withoutSecrets(request.url), request, dialect, breaker: breakerFor?.(request.url) }
}

function chatRequest(dialect: Dialect, body: object, baseUrl: string): ChatRequest {
  if (dialect.chat) return dialect.chat(body, baseUrl)
  throw new TypeError(`chat() does not know how ${dialect.name} is asked; ask by stream(path, { json })`)
}

function keyHeaders(
  dialect: Dialect,
  { apiKey, allowKeyInBrowser = false }: KeyOptions,
  baseUrl: string,
): HeadersInit | undefined {
  if (typeof apiKey !== 'string' || apiKey === '')
    throw new TypeError(
      `apiKey must be a text that is not empty; received ${apiKey === '' ? 'an empty one' : typeof apiKey}`,
    )
  if (isPage() && !allowKeyInBrowser)
    throw new TypeError(
      'apiKey in a page belongs to everyone who opens it: keep it on a server of yours, or set allowKeyInBrowser: true',
    )
  return dialect.auth?.(apiKey, baseUrl) ?? { authorization: `Bearer ${apiKey}` }
}

/** @throws TypeError unless this can read events. */
export function checkedDialect(
  dialect: Dialect | DialectFunction | undefined,
  name = 'dialect',
  ofFunction: typeof functionDialect = functionDialect,
): Dialect {
  if (typeof dialect === 'function') return ofFunction(dialect.name || 'custom', dialect)
  if (typeof dialect === 'object' && typeof dialect?.open === 'function') return dialect
  throw new TypeError(`${name} must be one from holdfast/dialects or a function; received ${shown(dialect)}`)
}

/** The names of what goes with a key. */
export const KEY_NAMES: readonly string[] = Object.freeze(['apiKey', 'allowKeyInBrowser'])
