/** All options of a call: composed from those of the organs, resolved and validated once, at the call. */
import type { Dialect, DialectFunction } from './dialects/dialect.ts'
import { openaiChat } from './dialects/openai-chat.ts'
import { textDialect } from './dialects/plain.ts'
import type { StreamFailure } from './errors.ts'
import type { Answer, Delta, RewindDelta, ServerEvent } from './events.ts'
import type { Breaker } from './policy/breaker.ts'
import { type Recovery, type ResolvedRetry, type RetryOptions, retryDefaults } from './policy/retry.ts'
import { MAX_TIMER_MS } from './time/clock.ts'
import { patient, type ResolvedTimeouts, type Stall, type Timeouts } from './time/deadlines.ts'
import { type TranscriptLimits, transcriptLimits } from './transcript.ts'
import { type SseLimits, sseLimits } from './wire/sse.ts'
import { type PreparedRequest, type RequestOptions, resolveUrl } from './wire/transport.ts'

type Awaitable = void | PromiseLike<void>

/**
 * The caller's functions. One that returns a promise is awaited before the next piece is read: that is
 * back-pressure, and no clock runs meanwhile. One that throws ends the reply with `code: 'callback'`.
 */
export interface Callbacks {
  /** A piece of text, and the live answer so far. */
  readonly onChunk?: ((text: string, answer: Answer) => Awaitable) | undefined
  /** Every delta, `rewind` included. */
  readonly onDelta?: ((delta: Delta, answer: Answer) => Awaitable) | undefined
  /** Text was taken back; giving this callback is consent to a replay. */
  readonly onRewind?: ((rewind: RewindDelta, answer: Answer) => Awaitable) | undefined
  /** Every event as it stood on the wire. */
  readonly onEvent?: ((event: ServerEvent) => Awaitable) | undefined
  /** Headers of a stream have come. */
  readonly onOpen?: ((opened: Opened) => Awaitable) | undefined
  /** Nothing has come for `stallMs`; repeats, aborts nothing. */
  readonly onStall?: ((stall: Stall) => void) | undefined
  /** A comment line came: a sign of life, no progress. */
  readonly onKeepAlive?: ((keepAlive: { readonly text: string }) => Awaitable) | undefined
  /** An attempt failed and another one will be made. */
  readonly onRetry?: ((retry: Retry) => Awaitable) | undefined
  /** Something was not as it should be and was passed over. */
  readonly onWarning?: ((warning: Warning) => Awaitable) | undefined
  /** The reply failed; called once, instead of `onComplete`. */
  readonly onError?: ((error: StreamFailure) => void) | undefined
  /** The caller ended the reply; called once, instead of `onComplete`. `error.answer` is what had arrived. */
  readonly onAbort?: ((error: StreamFailure) => void) | undefined
  /** The answer is whole; called once. */
  readonly onComplete?: ((answer: Answer) => void) | undefined
}

/** The response to one attempt. */
export interface Opened {
  readonly attempt: number
  readonly status: number
  readonly headers: Headers
}

/** Told before the wait for another attempt. */
export interface Retry {
  /** The number of the attempt to come: 2, 3 … */
  readonly attempt: number
  readonly delayMs: number
  readonly error: StreamFailure
  /** Why, in a clause. */
  readonly reason: string
}

/** Something that was passed over. */
export interface Warning {
  /** `malformed`: an event's data could not be understood. `after-finish`: the connection failed after the answer was whole. */
  readonly code: 'malformed' | 'after-finish'
  readonly message: string
}

/** Everything a call can be given; `undefined` means the default, `0` switches a number off. */
export interface StreamOptions extends RequestOptions, SseLimits, TranscriptLimits, Callbacks {
  /** The caller's abort. */
  readonly signal?: AbortSignal | undefined
  /**
   * What the events mean: a value from `holdfast/dialects`, or a function that finds the text in an event.
   * @defaultValue `openaiChat`
   */
  readonly dialect?: Dialect | DialectFunction | undefined
  /** @defaultValue {@link patient} */
  readonly timeouts?: Timeouts | undefined
  /**
   * No delta for this long calls `onStall`, in ms.
   * @defaultValue 15 000
   */
  readonly stallMs?: number | undefined
  /** `false` means no further attempt. */
  readonly retry?: RetryOptions | false | undefined
  /**
   * After output has been handed out: `'replay'` asks again and, where the new answer differs, takes text back with
   * a `rewind` delta; `'fail'` never does. `'auto'` replays if the caller agreed to it (an `onRewind` callback,
   * `render()`) or has seen nothing yet (only awaits `answer()` or `text()`).
   * @defaultValue `'auto'`
   */
  readonly recovery?: Recovery | undefined
}

/** The defaults that belong to no organ. */
export const streamDefaults: { readonly stallMs: number; readonly recovery: Recovery } = Object.freeze({
  stallMs: 15_000,
  recovery: 'auto',
})

/** A call, checked and complete. */
export interface Plan {
  readonly request: PreparedRequest
  readonly signal: AbortSignal | undefined
  readonly dialect: Dialect
  readonly timeouts: ResolvedTimeouts
  readonly stallMs: number
  readonly retry: ResolvedRetry
  readonly recovery: Recovery
  readonly maxEventBytes: number
  readonly maxAnswerChars: number
  readonly callbacks: Callbacks
  readonly breaker: Breaker | undefined
}

/** What a client adds to a call. */
export interface ClientContext {
  readonly baseUrl?: string | URL | undefined
  /** The breaker for a server, by its URL. */
  readonly breakerFor?: ((url: string) => Breaker | undefined) | undefined
}

/**
 * Checks everything that can be checked before the first byte is sent.
 *
 * @throws TypeError naming the option and the value received.
 */
export function resolve(input: string | URL, options: StreamOptions, client: ClientContext = {}): Plan {
  const settings = resolveSettings(options)
  const request = prepare(input, options, client.baseUrl)
  return { ...settings, request, breaker: client.breakerFor?.(request.url) }
}

/** Checks all but what makes up the request; a client does so with its defaults. */
export function resolveSettings(options: StreamOptions): Omit<Plan, 'request' | 'breaker'> {
  checkNames('', options, OPTION_NAMES)
  for (const name of CALLBACK_NAMES) checkKind(name, options[name], 'function')
  const timeouts = withDefaults('timeouts', options.timeouts, patient)
  for (const [name, value] of Object.entries(timeouts)) checkNumber(`timeouts.${name}`, value)
  return {
    signal: checkedSignal(options.signal),
    dialect: checkedDialect(options.dialect),
    timeouts,
    stallMs: checkNumber('stallMs', options.stallMs ?? streamDefaults.stallMs),
    retry: options.retry === false ? { ...retryDefaults, limit: 0 } : checkedRetry(options.retry),
    recovery: checkOneOf('recovery', options.recovery ?? streamDefaults.recovery, ['auto', 'replay', 'fail']),
    maxEventBytes: checkNumber('maxEventBytes', options.maxEventBytes ?? sseLimits.maxEventBytes),
    maxAnswerChars: checkNumber('maxAnswerChars', options.maxAnswerChars ?? transcriptLimits.maxAnswerChars),
    callbacks: options,
  }
}

/** Fills what is absent or `undefined` and refuses names it does not know. */
export function withDefaults<T extends object>(
  name: string,
  given: { readonly [K in keyof T]?: T[K] | undefined } | undefined,
  defaults: T,
): T {
  checkKind(name, given, 'object')
  checkNames(`${name}.`, given ?? {}, Object.keys(defaults))
  const present = Object.entries(given ?? {}).filter(([, value]) => value !== undefined)
  return { ...defaults, ...Object.fromEntries(present) }
}

/** @throws TypeError unless `value` is a number from 0 to the longest timer an engine has. */
export function checkNumber(name: string, value: unknown): number {
  if (typeof value === 'number' && value >= 0 && value <= MAX_TIMER_MS) return value
  throw new TypeError(`${name} must be a number from 0 to ${MAX_TIMER_MS}; received ${shown(value)}`)
}

/** @throws TypeError for a name that is none of `known`: a misspelt option would silently do nothing. */
export function checkNames(prefix: string, given: object, known: readonly string[]): void {
  for (const name of Object.keys(given))
    if (!known.includes(name))
      throw new TypeError(
        `${prefix}${name} is not an option; known are ${known.map((each) => prefix + each).join(', ')}`,
      )
}

function prepare(
  input: string | URL,
  options: StreamOptions,
  baseUrl: string | URL | undefined,
): PreparedRequest {
  const { json, body, method, headers, searchParams, http, fetch } = options
  if (json !== undefined && body !== undefined && body !== null)
    throw new TypeError('json and body cannot both be given; received both')
  checkKind('http', http, 'function')
  checkKind('fetch', fetch, 'function')
  checkKind('method', method, 'string')
  if (typeof headers !== 'function') checkHeaders(headers)
  if (typeof input !== 'string' && !(input instanceof URL))
    throw new TypeError(`input must be a string or a URL; received ${shown(input)}`)
  const present = Object.fromEntries(
    FETCH_OPTION_NAMES.map((name) => [name, options[name]] as const).filter(isGiven),
  )
  return {
    // The caller's ky instance may have a prefix of its own: only it knows what a relative URL becomes.
    url: http && baseUrl === undefined ? String(input) : resolveUrl(input, baseUrl),
    method: method ?? (json !== undefined || isGiven(['', body]) ? 'POST' : 'GET'),
    headers,
    body: json === undefined ? body : serialised(json),
    contentType: json === undefined ? undefined : 'application/json',
    options: {
      ...present,
      ...(searchParams !== undefined && { searchParams }),
      ...(http && { http }),
      ...(fetch && { fetch }),
    },
  }
}

function isGiven([, value]: readonly [string, unknown]): boolean {
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

function checkHeaders(headers: HeadersInit | undefined): void {
  try {
    new Headers(headers)
  } catch {
    // The engine's message quotes the value, and the value may be a key.
    throw new TypeError(
      'headers holds a name or a value that HTTP does not allow (a line break, a non-Latin letter?)',
    )
  }
}

function checkedRetry(given: RetryOptions | undefined): ResolvedRetry {
  const retry = withDefaults('retry', given as Partial<ResolvedRetry> | undefined, retryDefaults)
  for (const name of ['limit', 'baseMs', 'factor', 'maxMs', 'maxRetryAfterMs'] as const)
    checkNumber(`retry.${name}`, retry[name])
  if (!Number.isInteger(retry.limit))
    throw new TypeError(`retry.limit must be a whole number; received ${shown(retry.limit)}`)
  checkOneOf('retry.jitter', retry.jitter, ['full', 'none'])
  checkKind('retry.shouldRetry', retry.shouldRetry, 'function')
  if (!Array.isArray(retry.statuses) || !retry.statuses.every(Number.isInteger))
    throw new TypeError(`retry.statuses must be a list of HTTP statuses; received ${shown(retry.statuses)}`)
  return retry
}

function checkedSignal(signal: unknown): AbortSignal | undefined {
  if (signal === undefined || signal === null) return undefined
  // By shape, not by class: a signal may come from another realm or a polyfill.
  if (typeof signal === 'object' && 'aborted' in signal && 'addEventListener' in signal)
    return signal as AbortSignal
  throw new TypeError(`signal must be an AbortSignal; received ${shown(signal)}`)
}

function checkedDialect(dialect: Dialect | DialectFunction | undefined): Dialect {
  if (dialect === undefined) return openaiChat
  if (typeof dialect === 'function') return textDialect(dialect.name || 'custom', dialect)
  if (typeof dialect === 'object' && typeof dialect?.open === 'function') return dialect
  throw new TypeError(`dialect must be one from holdfast/dialects or a function; received ${shown(dialect)}`)
}

function checkOneOf<T extends string>(name: string, value: T, allowed: readonly T[]): T {
  if (allowed.includes(value)) return value
  throw new TypeError(
    `${name} must be ${allowed.map((each) => `'${each}'`).join(', ')}; received ${shown(value)}`,
  )
}

function checkKind(name: string, value: unknown, kind: 'function' | 'object' | 'string'): void {
  const fits = value === undefined || (typeof value === kind && value !== null)
  if (!fits)
    throw new TypeError(`${name} must be ${kind === 'object' ? 'an' : 'a'} ${kind}; received ${shown(value)}`)
}

/** A value as a message may show it: short, and of objects only the kind, for they may hold keys or prompts. */
function shown(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value)
  if (value === null || typeof value !== 'object')
    return typeof value === 'function' ? 'a function' : String(value)
  return Array.isArray(value) ? 'an array' : `an object (${value.constructor?.name ?? 'no prototype'})`
}

const CALLBACK_NAMES = [
  'onChunk',
  'onDelta',
  'onRewind',
  'onEvent',
  'onOpen',
  'onStall',
  'onKeepAlive',
  'onRetry',
  'onWarning',
  'onError',
  'onAbort',
  'onComplete',
] as const satisfies readonly (keyof Callbacks)[]

const FETCH_OPTION_NAMES = [
  'cache',
  'credentials',
  'integrity',
  'keepalive',
  'mode',
  'priority',
  'redirect',
  'referrer',
  'referrerPolicy',
] as const satisfies readonly (keyof RequestInit)[]

/** Every name a call may use. */
export const OPTION_NAMES: readonly string[] = Object.freeze([
  ...['json', 'body', 'method', 'headers', 'searchParams', 'http', 'fetch', 'signal', 'dialect', 'timeouts'],
  ...['stallMs', 'retry', 'recovery', 'maxEventBytes', 'maxAnswerChars'],
  ...FETCH_OPTION_NAMES,
  ...CALLBACK_NAMES,
])
