/** The only file that calls `fetch`: straight, or through ky, ours or the caller's. */
import { CallbackError, NetworkError, ProtocolError, StreamError } from '../errors/errors.ts'
import { engineCause } from '../errors/redact.ts'
import { inOrder, secretsIn } from '../errors/secrets.ts'
import { complete, hasCredential } from './headers.ts'
import { finishing, isKy } from './own-ky.ts'
import { type HttpFunction, isStream, type PreparedRequest } from './prepare.ts'
import { withSearch } from './url.ts'

// What we do ourselves, and better, because we know what the reader has seen.
const CARRY_ONLY = Object.freeze({ timeout: false, totalTimeout: false, throwHttpErrors: false })
const ONCE = Object.freeze({ retry: 0 })
// Not `error`: workerd does not know it, and nobody could tell it from a lost connection.
const FOLLOW_NOTHING = Object.freeze({ redirect: 'manual' })

/** What fetch got, with what must not show up in any error text. */
export interface Exchange {
  readonly response: Response
  readonly secrets: readonly string[]
}

/** What becomes known of a request while it is sent. */
interface Watch {
  readonly secrets: Set<string>
  /** What the last `fetch` threw. */
  lost: { readonly thrown: unknown } | undefined
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
  signal: AbortSignal | undefined,
  usual: HttpFunction | undefined,
): Promise<Exchange> {
  const { http, fetch: own, searchParams, ...options } = request.options
  const { url, method, body } = request
  const isOwnKy = http && isKy(http)
  const headers = isOwnKy ? given : complete(given, request)
  const watch: Watch = {
    secrets: new Set(secretsIn(headers, withSearch(url, searchParams))),
    lost: undefined,
  }
  const guard = !isOwnKy && hasCredential(headers) ? FOLLOW_NOTHING : undefined
  const init = { ...guard, ...options, method, headers, body, signal } as RequestInit
  const carried = watched(watch, own ?? fetch)
  const search = searchParams !== undefined && { searchParams }
  const more = { ...init, ...CARRY_ONLY, ...(!isOwnKy && ONCE), ...search }
  try {
    const sent = http
      ? // An instance of the caller's may bring a `fetch` of its own, which ours would replace.
        http(url, {
          ...more,
          ...(own && { fetch: carried }),
          hooks: finishing(request, (its) => watched(watch, its ?? fetch)),
        })
      : usual && typeof Request === 'function' // ky cannot do without it.
        ? usual(url, { ...more, fetch: carried })
        : carried(withSearch(url, searchParams), streamable(init))
    return { response: await sent, secrets: inOrder(watch.secrets) }
  } catch (thrown) {
    throw failed(thrown, watch, http)
  }
}

// Engines want it said that they need not read the answer while they send.
function streamable(init: RequestInit): RequestInit {
  return isStream(init.body) ? ({ duplex: 'half', ...init } as RequestInit) : init
}

/** A `fetch` of which is known what it was really asked, and whether it failed. */
function watched(watch: Watch, target: typeof fetch): typeof fetch {
  return async (input, init) => {
    watch.lost = undefined
    // Hooks of the caller's may have added to it.
    if (typeof input === 'object' && 'headers' in input)
      for (const secret of secretsIn(input.headers, input.url)) watch.secrets.add(secret)
    try {
      return await target(input, init)
    } catch (thrown) {
      watch.lost = { thrown }
      throw thrown
    }
  }
}

// Whatever `fetch` throws is the network's doing. ky goes by a list of messages, and the next engine will have another one.
function failed(thrown: unknown, { secrets, lost }: Watch, http: HttpFunction | undefined): StreamError {
  if (thrown instanceof StreamError) return thrown
  const known = inOrder(secrets)
  if (lost) return new NetworkError('connect', engineCause(lost.thrown, known))
  // A function that calls an instance of its own, with a name that ky gives.
  if (thrown instanceof Error && thrown.name === 'NetworkError')
    return new NetworkError('connect', engineCause(thrown.cause, known))
  const cause = engineCause(thrown, known)
  return http
    ? new CallbackError('http', cause)
    : new ProtocolError('The request could not be made', { cause })
}
