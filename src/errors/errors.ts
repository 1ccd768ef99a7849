/**
 * The vocabulary of failure: a word (`code`) plus evidence. No error holds a request header or body; the partial
 * answer and the response body are there for code, but stay out of `toJSON()` and of what a console prints.
 */
import type { Answer } from '../events.ts'
import { type ProviderError, providerError } from './provider-error.ts'

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

/** The base of all errors a reply ends with. */
export abstract class StreamError extends Error {
  abstract readonly code: string
  /** Attempts made until this error was final. */
  readonly attempts: number = 0
  /** Whether the same request may well succeed later. */
  readonly retryable: boolean = false
  /** What had arrived. Not enumerable, so that no log prints a user's conversation by accident. */
  declare readonly answer: Answer | undefined

  constructor(message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    hide(this, 'answer', undefined)
  }

  /** The error without the answer, the response body, the cause and the stack: fit for a log. */
  toJSON(): Record<string, unknown> {
    return { ...(this as object), message: this.message }
  }
}

/** The caller's signal, `reply.cancel()` or a `break` ended the reply. `cause` is the signal's reason. */
export class AbortedError extends StreamError {
  override readonly name: string = 'AbortError'
  readonly code: 'aborted' = 'aborted'
  constructor(cause?: unknown) {
    super('The reply was aborted', cause)
  }
}

/** Which clock ran out. */
export type TimeoutPhase = 'connect' | 'first' | 'idle' | 'silence' | 'total'

/** A clock ran out; `phase` says which one, the message names its option. */
export class TimeoutError extends StreamError {
  override readonly name: string = 'TimeoutError'
  readonly code: 'timeout' = 'timeout'
  readonly phase: TimeoutPhase
  /** How long it had waited, in ms. */
  readonly timeoutMs: number
  constructor(phase: TimeoutPhase, timeoutMs: number) {
    super(`${TIMEOUT_TEXT[phase](Math.round(timeoutMs))} (timeouts.${phase}Ms)`)
    this.phase = phase
    this.timeoutMs = timeoutMs
  }
}

const TIMEOUT_TEXT: Readonly<Record<TimeoutPhase, (ms: number) => string>> = {
  connect: (ms) => `No response headers after ${ms} ms`,
  first: (ms) => `No delta ${ms} ms after the attempt began`,
  idle: (ms) => `No delta for ${ms} ms`,
  silence: (ms) => `Not a byte for ${ms} ms`,
  total: (ms) => `Not finished after ${ms} ms`,
}

/** The connection failed: before the headers (`phase: 'connect'`) or while the body was read (`'body'`). */
export class NetworkError extends StreamError {
  override readonly name: string = 'NetworkError'
  readonly code: 'network' = 'network'
  readonly phase: 'connect' | 'body'
  constructor(phase: 'connect' | 'body', cause?: unknown) {
    super(
      phase === 'connect'
        ? 'The request did not get through (offline, refused, DNS, TLS, CORS or a blocker; the engine does not say which)'
        : 'The connection broke while the answer was arriving',
      cause,
    )
    this.phase = phase
  }
}

/** What a response said about itself when it was not the stream asked for. */
export interface ResponseFacts {
  readonly status: number
  /** Who answered, without user, password and query. */
  readonly url: string
  /** The body, parsed if it was JSON, else its first 500 characters. */
  readonly body: unknown
  /** How long the server asked to wait, in ms. */
  readonly retryAfterMs: number | undefined
  /** The `x-request-id` header, for the provider's support. */
  readonly requestId: string | undefined
}

/** A status other than 2xx. */
export class HttpError extends StreamError implements ResponseFacts {
  override readonly name: string = 'HttpError'
  readonly code: 'http' = 'http'
  readonly status: number
  readonly url: string
  readonly retryAfterMs: number | undefined
  readonly requestId: string | undefined
  /** The server's own verdict (`x-should-retry`); `undefined` when it gave none. */
  readonly shouldRetry: boolean | undefined
  /** The provider's word for it, from the body. */
  readonly type: string | undefined
  readonly providerCode: string | undefined
  declare readonly body: unknown
  constructor(message: string, facts: ResponseFacts & { readonly shouldRetry: boolean | undefined }) {
    super(message)
    const named = providerError(facts.body)
    this.status = facts.status
    this.url = facts.url
    this.retryAfterMs = facts.retryAfterMs
    this.requestId = facts.requestId
    this.shouldRetry = facts.shouldRetry
    this.type = named?.type
    this.providerCode = named?.code
    hide(this, 'body', facts.body)
  }
}

/** The provider reported an error inside a response that began well. */
export class ApiError extends StreamError {
  override readonly name: string = 'ApiError'
  readonly code: 'api' = 'api'
  /** The provider's `error.type`. */
  readonly type: string | undefined
  /** The provider's `error.code`, as text. */
  readonly providerCode: string | undefined
  /** How long the provider asked to wait, in ms, if its text or its details said so. */
  readonly retryAfterMs: number | undefined
  constructor(error: ProviderError) {
    super(error.message ?? `The provider reported an error${error.type ? ` (${error.type})` : ''}`)
    this.type = error.type
    this.providerCode = error.code
    this.retryAfterMs = error.retryAfterMs
  }
}

/** The stream ended, politely, before the dialect's terminal marker: this is not the whole answer. */
export class TruncatedError extends StreamError {
  override readonly name: string = 'TruncatedError'
  readonly code: 'truncated' = 'truncated'
}

/** What came back is not a stream of this dialect: another content type, no body, or more than the limits allow. */
export class ProtocolError extends StreamError {
  override readonly name: string = 'ProtocolError'
  readonly code: 'protocol' = 'protocol'
  /** The response's status, where there was one. */
  readonly status: number | undefined
  declare readonly body: unknown
  constructor(message: string, facts: { status?: number; body?: unknown; cause?: unknown } = {}) {
    super(message, facts.cause)
    this.status = facts.status
    hide(this, 'body', facts.body)
  }
}

/** The breaker is open: no request was made. `cause` is the failure that was being retried, if any. */
export class CircuitOpenError extends StreamError {
  override readonly name: string = 'CircuitOpenError'
  readonly code: 'circuit-open' = 'circuit-open'
  /** When the next attempt is allowed: ms since the epoch; `undefined` while the server is isolated. */
  readonly retryAtMs: number | undefined
  constructor(retryAtMs: number | undefined, cause?: unknown) {
    super(
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
  override readonly name: string = 'CallbackError'
  readonly code: 'callback' = 'callback'
  readonly callback: string
  constructor(callback: string, cause: unknown) {
    super(`The caller's ${callback} threw`, cause)
    this.callback = callback
  }
}

/** What only the spine knows about an error. */
export interface Evidence {
  readonly attempts: number
  readonly retryable: boolean
  readonly answer: Answer
}

/** Adds the evidence. For the spine; not part of the public surface. */
export function withEvidence<E extends StreamError>(error: E, evidence: Evidence): E {
  Object.assign(error, { attempts: evidence.attempts, retryable: evidence.retryable })
  hide(error, 'answer', evidence.answer)
  return error
}

/** Takes known secrets out of an error's texts: providers like to quote the key they refused. */
export function scrubbed<E extends StreamError>(error: E, secrets: readonly string[]): E {
  error.message = redact(error.message, secrets)
  if (error.stack) error.stack = redact(error.stack, secrets)
  return error
}

/**
 * A copy of what an engine threw: name, message, code and the chain of causes. Whatever else hangs on it stays
 * out, because HTTP clients hang the request on it, with its headers.
 */
export function engineCause(thrown: unknown, secrets: readonly string[], depth = 3): unknown {
  if (!(thrown instanceof Error)) return typeof thrown === 'string' ? redact(thrown, secrets) : undefined
  const inner = depth > 0 ? engineCause(thrown.cause, secrets, depth - 1) : undefined
  const copy = new Error(redact(thrown.message, secrets), inner === undefined ? undefined : { cause: inner })
  copy.name = thrown.name
  copy.stack = redact(thrown.stack ?? '', secrets)
  const { code } = thrown as { code?: unknown }
  return typeof code === 'string' ? Object.assign(copy, { code }) : copy
}

/** Replaces every known secret in a text. */
export function redact(text: string, secrets: readonly string[]): string {
  return secrets.reduce((clean, secret) => clean.replaceAll(secret, '[redacted]'), text)
}

function hide(error: StreamError, key: string, value: unknown): void {
  Object.defineProperty(error, key, { value, writable: true, configurable: true, enumerable: false })
}
