/** The headers of a request: whose they are, what they hold, what of them must not show. */
import { CallbackError, type StreamFailure } from '../errors/errors.ts'

// By way of `RequestInit`: a Node project without the DOM's types does not know the name `HeadersInit`.
type Given = NonNullable<RequestInit['headers']>

/** Asked before each attempt: `attempt` counts from 1, `error` is what ended the one before. */
export type HeadersFunction = (context: HeadersContext) => Given | Promise<Given>

export interface HeadersContext {
  readonly attempt: number
  readonly error: StreamFailure | undefined
}

/** Headers as a caller may give them. */
export type GivenHeaders = Given | HeadersFunction | undefined

/** Header by header; a function is asked for each attempt, as it would be alone. */
export function headersOver(below: GivenHeaders, above: GivenHeaders): GivenHeaders {
  if (below === undefined || above === undefined) return above ?? below
  if (typeof below !== 'function' && typeof above !== 'function') return joined(below, above)
  return async (context) =>
    joined(
      typeof below === 'function' ? await below(context) : below,
      typeof above === 'function' ? await above(context) : above,
    )
}

function joined(below: HeadersInit, above: HeadersInit): Headers {
  const headers = checkedHeaders(below)
  checkedHeaders(above).forEach((value, name) => {
    headers.set(name, value)
  })
  return headers
}

/** Asks the caller's function, if the headers are one. */
export async function askHeaders(given: GivenHeaders, context: HeadersContext): Promise<Headers> {
  try {
    return checkedHeaders(typeof given === 'function' ? await given(context) : given)
  } catch (thrown) {
    throw new CallbackError('headers', thrown)
  }
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

/** Whether any of the headers is a credential. Measured: browsers send `x-api-key` on to wherever they are redirected. */
export function hasCredential(headers: Headers): boolean {
  return [...headers.keys()].some(isCredential)
}

function isCredential(name: string): boolean {
  return /auth|key|token|secret|cookie|session/i.test(name) && name !== 'idempotency-key'
}

/** The values that no text may show, the longest first, so that none leaves a tail of another. */
export function secretsIn(headers: Headers): string[] {
  const secrets: string[] = []
  headers.forEach((value, name) => {
    if (isCredential(name)) secrets.push(value, value.replace(/^(Bearer|Basic)\s+/i, ''))
  })
  // A very short one would redact ordinary words.
  return secrets.filter((secret) => secret.length >= 6).sort((a, b) => b.length - a.length)
}
