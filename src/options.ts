/** All options of a call: composed from those of the organs, resolved and validated once, at the call. */
import type { Callbacks } from './callbacks.ts'
import { checkKind, checkNames, checkNumber, checkOneOf, shown, withDefaults } from './checks.ts'
import type { Dialect, DialectFunction } from './dialects/dialect.ts'
import { openaiChat } from './dialects/openai-chat.ts'
import { textDialect } from './dialects/plain.ts'
import type { Breaker } from './policy/breaker.ts'
import { type Recovery, type ResolvedRetry, type RetryOptions, retryDefaults } from './policy/retry.ts'
import { patient, type ResolvedTimeouts, type Timeouts } from './time/deadlines.ts'
import { type TranscriptLimits, transcriptLimits } from './transcript.ts'
import { type SseLimits, sseLimits } from './wire/sse.ts'
import { checkedHeaders, type PreparedRequest, type RequestOptions, resolveUrl } from './wire/transport.ts'

/** Everything a call can be given; `undefined` means the default, `0` switches a clock or a bound off. */
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
  checkKind('options', options, 'object')
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
  if (typeof headers !== 'function') checkedHeaders(headers)
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
