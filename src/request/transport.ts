/** The only file that calls `fetch`: straight, or through ky, ours or the caller's. */
import { CallbackError, NetworkError, ProtocolError, StreamError } from '../errors/errors.ts'
import { engineCause } from '../errors/redact.ts'
import { hasCredential, secretsIn } from './headers.ts'
import type { HttpFunction, PreparedRequest } from './prepare.ts'
import { withSearch } from './url.ts'

// What we do ourselves, and better, because we know what the reader has seen.
const CARRY_ONLY = Object.freeze({ retry: 0, timeout: false, totalTimeout: false, throwHttpErrors: false })
const REFUSE_REDIRECT = Object.freeze({ redirect: 'error' })

/** What fetch got, with what must not show up in any error text. */
export interface Exchange {
  readonly response: Response
  readonly secrets: readonly string[]
}

/**
 * Sends one request and waits for its headers. Every status comes back; only a failed connection throws.
 *
 * @param given - the caller's headers for this attempt.
 * @param usual - what carries a request that brings no `http` of its own; without it, `fetch` itself does.
 */
export async function send(
  request: PreparedRequest,
  given: Headers,
  signal: AbortSignal,
  usual: HttpFunction | undefined,
): Promise<Exchange> {
  const { http, fetch: own, searchParams, ...options } = request.options
  const headers = complete(given, request)
  const secrets = secretsIn(headers)
  const { url, method, body } = request
  const guard = hasCredential(headers) ? REFUSE_REDIRECT : undefined
  const init = { ...guard, ...options, method, headers, body, signal } as RequestInit
  const named: typeof fetch = (input, rest) => fetchNamed(own ?? fetch, input, rest, secrets)
  const carry = http ?? usual
  try {
    if (!carry) return { response: await named(withSearch(url, searchParams), streamable(init)), secrets }
    const more = {
      // An instance of the caller's may bring a `fetch` of its own, which ours would replace.
      ...((own || !http) && { fetch: named }),
      ...(searchParams !== undefined && { searchParams }),
    }
    return { response: await carry(url, { ...init, ...CARRY_ONLY, ...more }), secrets }
  } catch (thrown) {
    throw failed(thrown, secrets, http)
  }
}

// Engines want it said that they need not read the answer while they send.
function streamable(init: RequestInit): RequestInit {
  return init.body instanceof ReadableStream ? ({ duplex: 'half', ...init } as RequestInit) : init
}

function complete(headers: Headers, { contentType, added }: PreparedRequest): Headers {
  if (!headers.has('accept')) headers.set('accept', 'text/event-stream')
  if (contentType && !headers.has('content-type')) headers.set('content-type', contentType)
  for (const [name, value] of Object.entries(added)) headers.set(name, value)
  return headers
}

function failed(thrown: unknown, secrets: readonly string[], http: HttpFunction | undefined): StreamError {
  if (thrown instanceof StreamError) return thrown
  // ky puts this name on what its `fetch` threw.
  if (thrown instanceof Error && thrown.name === 'NetworkError')
    return new NetworkError('connect', engineCause(thrown.cause, secrets))
  const cause = engineCause(thrown, secrets)
  return http
    ? new CallbackError('http', cause)
    : new ProtocolError('The request could not be made', { cause })
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
