/** The headers of a request: whose they are, what they hold, which of them are credentials. */
import { CallbackError, type StreamFailure } from '../errors/errors.ts'
import { isCredential } from '../errors/secrets.ts'

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
      'headers or apiKey hold what HTTP does not allow (a line break, a non-Latin letter, a …?)',
    )
  }
}

/** Says what the caller has not, and what every attempt says alike. */
export function complete(headers: Headers, { contentType, added }: Usual): Headers {
  if (!headers.has('accept')) headers.set('accept', 'text/event-stream')
  if (contentType && !headers.has('content-type')) headers.set('content-type', contentType)
  for (const [name, value] of Object.entries(added)) headers.set(name, value)
  return headers
}

interface Usual {
  readonly contentType: string | undefined
  readonly added: Readonly<Record<string, string>>
}

/** Whether any of the headers is a credential. Measured: browsers send `x-api-key` on to wherever they are redirected. */
export function hasCredential(headers: Headers): boolean {
  return [...headers.keys()].some(isCredential)
}

/** The headers without those that are credentials. */
export function withoutCredentials(given: GivenHeaders): GivenHeaders {
  return without(given, isCredential)
}

/** The headers without some of them; of a function, what it returns. */
export function without(given: GivenHeaders, isUnwanted: (name: string) => boolean): GivenHeaders {
  const left = (all: Given) => new Headers([...checkedHeaders(all)].filter(([name]) => !isUnwanted(name)))
  if (typeof given === 'function') return async (context) => left(await given(context))
  return given && left(given)
}
