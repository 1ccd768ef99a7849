/**
 * The vocabulary of failure: a word (`code`) plus evidence. No request's header or body; answer and response body only for code, in no log.
 */
import { type Answer, nothing } from '../events.ts'
import type { HttpFacts, ProviderError, ResponseFacts } from './facts.ts'

/** What went wrong, in one word. */
export type ErrorCode = StreamFailure['code']

/** Every way a reply can fail; `code` tells them apart and narrows the type. */
export type StreamFailure =
  | AbortedError
  | TimeoutError
  | NetworkError
  | HttpError
  | ApiError
  | TruncatedError
  | ProtocolError
  | CircuitOpenError
  | CallbackError

// Not a class, but a mark: a page may hold two copies of this library, and one has to know the other's errors.
const MARK = Symbol.for('holdfast.error')

/**
 * Whether something is an error of a reply, whichever copy of the library made it; `code` then narrows it further.
 *
 * @example
 * ```ts
 * if (isStreamError(error) && error.code === 'http') console.log(error.status)
 * ```
 */
export function isStreamError(value: unknown): value is StreamFailure {
  return typeof value === 'object' && value !== null && MARK in value
}

/** The base of all errors a reply ends with. `instanceof` goes by {@link isStreamError} and narrows like it. */
export abstract class StreamError extends Error {
  /** The {@link ErrorCode} of all errors of a class; absent on the base. */
  static readonly code?: string
  declare readonly code: string
  /** Attempts made until this error was final. */
  readonly attempts: number = 0
  /** Whether the same request may well succeed later. */
  readonly retryable: boolean = false
  override readonly name: string = '' // Its own, or where a page has frozen `Error.prototype` none could be assigned.
  /** What had arrived. Not enumerable, so that no log prints a user's conversation by accident. */
  declare readonly answer: Answer

  constructor(name: string, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    Object.assign(this, { name, code: new.target.code })
    hide(this, 'answer', nothing)
  }

  static override [Symbol.hasInstance](value: unknown): value is StreamFailure {
    // biome-ignore lint/complexity/noThisInStatic: each class asks for itself.
    return isOfClass(this, value)
  }

  /** The error without the answer, the response body, the cause and the stack: fit for a log. */
  toJSON(): Record<string, unknown> {
    return { ...(this as object), message: this.message }
  }
}

hide(StreamError.prototype, MARK, true)

/** A class's `instanceof`, for the compiler; what it does is the base's. */
type Narrows<E> = (value: unknown) => value is E

/** The caller's signal, `reply.cancel()` or a `break` ended the reply. `cause` is the signal's reason. */
export class AbortedError extends StreamError {
  static override readonly code: 'aborted' = 'aborted'
  declare static [Symbol.hasInstance]: Narrows<AbortedError>
  declare readonly code: 'aborted'
  constructor(cause?: unknown) {
    super('AbortError', 'The reply was aborted', cause)
  }
}

/** Which clock ran out; `headers` and `resume`: a function of the caller's that had not settled. */
export type TimeoutPhase = 'connect' | 'first' | 'idle' | 'silence' | 'total' | 'headers' | 'resume'

/** A clock ran out; `phase` says which one, the message names its option. */
export class TimeoutError extends StreamError {
  static override readonly code: 'timeout' = 'timeout'
  declare static [Symbol.hasInstance]: Narrows<TimeoutError>
  declare readonly code: 'timeout'
  declare readonly phase: TimeoutPhase
  /** How long it had waited, in ms. */
  declare readonly timeoutMs: number
  /** @param what - what was waited for when the whole reply's time was up. */
  constructor(phase: TimeoutPhase, timeoutMs: number, what = '') {
    super('TimeoutError', TIMEOUT_TEXT[phase](Math.round(timeoutMs)) + (what && `: waiting for ${what}`))
    this.phase = phase
    this.timeoutMs = timeoutMs
  }
}

const TIMEOUT_TEXT: Readonly<Record<TimeoutPhase, (ms: number) => string>> = {
  // Without settings of one's own nginx keeps them until the answer is whole: who waits cannot tell that from a dead server.
  connect: (ms) =>
    `No response headers after ${ms} ms (timeouts.connectMs), or a proxy keeps them (nginx: proxy_buffering off)`,
  first: (ms) => `No delta ${ms} ms after the attempt began (timeouts.firstMs)`,
  idle: (ms) => `No delta for ${ms} ms (timeouts.idleMs)`,
  silence: (ms) => `Not a byte for ${ms} ms (timeouts.silenceMs)`,
  total: (ms) => `Not finished after ${ms} ms (timeouts.totalMs)`,
  headers: (ms) => `The caller's headers had not settled after ${ms} ms (timeouts.connectMs)`,
  resume: (ms) => `The caller's resume had not settled after ${ms} ms (timeouts.connectMs)`,
}

/** The connection failed: before the headers (`phase: 'connect'`) or while the body was read (`'body'`). */
export class NetworkError extends StreamError {
  static override readonly code: 'network' = 'network'
  declare static [Symbol.hasInstance]: Narrows<NetworkError>
  declare readonly code: 'network'
  declare readonly phase: 'connect' | 'body'
  constructor(phase: 'connect' | 'body', cause?: unknown) {
    super(
      'NetworkError',
      phase === 'connect'
        ? 'The request did not get through (offline, refused, DNS, TLS, CORS, CSP, a blocker; see the console or the cause)'
        : 'The connection broke while the answer was arriving',
      cause,
    )
    this.phase = phase
  }
}

/** A status other than 2xx. */
export class HttpError extends StreamError implements ResponseFacts {
  static override readonly code: 'http' = 'http'
  declare static [Symbol.hasInstance]: Narrows<HttpError>
  declare readonly code: 'http'
  declare readonly status: number
  declare readonly url: string
  declare readonly retryAfterMs: number | undefined
  declare readonly requestId: string | undefined
  /** The server's own verdict (`x-should-retry`); `undefined` when it gave none. */
  declare readonly shouldRetry: boolean | undefined
  /** The provider's word for it, from the body. */
  declare readonly type: string | undefined
  declare readonly providerCode: string | undefined
  declare readonly body: unknown
  constructor(message: string, { body, named, ...facts }: HttpFacts) {
    super('HttpError', message)
    Object.assign(this, facts, { type: named?.type, providerCode: named?.code })
    hide(this, 'body', body)
  }
}

/** The provider reported an error inside a response that began well. */
export class ApiError extends StreamError {
  static override readonly code: 'api' = 'api'
  declare static [Symbol.hasInstance]: Narrows<ApiError>
  declare readonly code: 'api'
  /** The provider's `error.type`. */
  declare readonly type: string | undefined
  /** The provider's `error.code`, as text. */
  declare readonly providerCode: string | undefined
  /** How long the provider asked to wait, in ms, if its text or its details said so. */
  declare readonly retryAfterMs: number | undefined
  /** Whether the error said `retryable: false`: whoever wrote it has tried already. Nothing is asked again then. */
  declare readonly isFinal: boolean
  constructor(error: ProviderError) {
    super(
      'ApiError',
      error.message ?? `The provider reported an error${error.type ? ` (${error.type})` : ''}`,
    )
    this.type = error.type
    this.providerCode = error.code
    this.retryAfterMs = error.retryAfterMs
    this.isFinal = !!error.isFinal
  }
}

/** The stream ended, politely, before the dialect's terminal marker: this is not the whole answer. */
export class TruncatedError extends StreamError {
  static override readonly code: 'truncated' = 'truncated'
  declare static [Symbol.hasInstance]: Narrows<TruncatedError>
  declare readonly code: 'truncated'
  /**
   * Whether it may have been the whole answer after all: nothing in this language tells. Such an answer is not asked for
   * again, because the next one would end in the same way.
   */
  declare readonly mayBeWhole: boolean
  constructor(message: string, mayBeWhole = false) {
    super('TruncatedError', message)
    this.mayBeWhole = mayBeWhole
  }
}

/** What came back is not a stream of this dialect: another content type, no body, or more than the limits allow. */
export class ProtocolError extends StreamError {
  static override readonly code: 'protocol' = 'protocol'
  declare static [Symbol.hasInstance]: Narrows<ProtocolError>
  declare readonly code: 'protocol'
  /** The response's status, where there was one. */
  declare readonly status: number | undefined
  declare readonly body: unknown
  constructor(message: string, facts: { status?: number; body?: unknown; cause?: unknown } = {}) {
    super('ProtocolError', message, facts.cause)
    this.status = facts.status
    hide(this, 'body', facts.body)
  }
}

/** The breaker is open: no request was made. `cause` is the failure that was being retried, if any. */
export class CircuitOpenError extends StreamError {
  static override readonly code: 'circuit-open' = 'circuit-open'
  declare static [Symbol.hasInstance]: Narrows<CircuitOpenError>
  declare readonly code: 'circuit-open'
  /** When the next attempt is allowed: ms since the epoch; `undefined` while the server is isolated. */
  declare readonly retryAtMs: number | undefined
  constructor(retryAtMs: number | undefined, cause?: unknown) {
    super(
      'CircuitOpenError',
      retryAtMs === undefined
        ? 'Not sent: the circuit is held open (isolate)'
        : `Not sent: the circuit is open after repeated failures, until ${new Date(retryAtMs).toISOString()}`,
      cause,
    )
    this.retryAtMs = retryAtMs
  }
}

/** A function of the caller's threw; `callback` names the option, `cause` is what it threw. */
export class CallbackError extends StreamError {
  static override readonly code: 'callback' = 'callback'
  declare static [Symbol.hasInstance]: Narrows<CallbackError>
  declare readonly code: 'callback'
  declare readonly callback: string
  constructor(callback: string, cause: unknown) {
    super('CallbackError', `The caller's ${callback} threw`, cause)
    this.callback = callback
  }
}

function isOfClass(asked: typeof StreamError, value: unknown): value is StreamFailure {
  if (!isStreamError(value) || asked === StreamError) return isStreamError(value)
  // A class that somebody has derived from ours goes by its prototype, as usual.
  if (!Object.hasOwn(asked, 'code')) return Function.prototype[Symbol.hasInstance].call(asked, value)
  return asked.code === value.code
}

/** What is there for code, but for no log. */
export function hide(error: object, key: string | symbol, value: unknown): void {
  Object.defineProperty(error, key, { value, writable: true, configurable: true, enumerable: false })
}
