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
// Not `error`, though it be wanted: workerd does not know it, and nobody could tell it from a lost connection.
const FOLLOW_NOTHING = Object.freeze({ redirect: 'manual' })

/** What fetch got, with what must not show up in any error text. */
export interface Exchange {
  readonly response: Response
  readonly secrets: readonly string[]
}

/** What becomes known of a request while it is sent. */
interface Watch {
  /** What was really asked, with what hooks of the caller's have added. */
  readonly asked: Pick<Request, 'headers' | 'url'>[]
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
  const watch: Watch = { asked: [], lost: undefined }
  const { redirect } = options
  const isGuarded = redirect ? redirect === 'error' : !isOwnKy && hasCredential(headers)
  // Of a stream engines want it said that they need not read the answer while they send.
  const half = isStream(body) && { duplex: 'half' }
  const what = { ...half, ...options, method, headers, body, signal }
  const init = { ...what, ...(isGuarded && FOLLOW_NOTHING) } as RequestInit
  const carried = watched(watch, own ?? fetch)
  const more = { ...init, ...CARRY_ONLY, ...(!isOwnKy && ONCE), ...(searchParams && { searchParams }) }
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
        : carried(withSearch(url, searchParams), init)
    return { response: await sent, secrets: secretsOf(headers, request, watch) }
  } catch (thrown) {
    throw failed(thrown, secretsOf(headers, request, watch), watch, http)
  }
}

/** Looked for when the request is on its way: nothing can quote them before. */
function secretsOf(headers: Headers, { url, options }: PreparedRequest, { asked }: Watch): readonly string[] {
  const all = [{ headers, url: withSearch(url, options.searchParams) }, ...asked]
  return inOrder(new Set(all.flatMap((each) => secretsIn(each.headers, each.url))))
}

/** A `fetch` of which is known what it was really asked, and whether it failed. */
function watched(watch: Watch, target: typeof fetch): typeof fetch {
  return async (input, init) => {
    watch.lost = undefined
    if (typeof input === 'object' && 'headers' in input)
      watch.asked.push({ headers: input.headers, url: input.url })
    try {
      return await target(input, init)
    } catch (thrown) {
      watch.lost = { thrown }
      throw thrown
    }
  }
}

// What Node says of the request itself: a `content-length` or `keep-alive` that was handed on from another request.
const REFUSED = /^UND_ERR_(INV|NOT|REQ)/

// What else `fetch` throws is the network's doing. ky goes by a list of messages, and the next engine will have another one.
function failed(
  thrown: unknown,
  known: readonly string[],
  { lost }: Watch,
  http: HttpFunction | undefined,
): StreamError {
  if (thrown instanceof StreamError) return thrown
  const cause = engineCause(lost ? lost.thrown : thrown, known) as Fault | undefined
  const why = cause?.cause ?? cause
  // Of a function that calls an instance of its own, the name that ky gives.
  if (lost ? !REFUSED.test(`${why?.code}`) : cause?.name === 'NetworkError')
    return new NetworkError('connect', lost ? cause : cause?.cause)
  return http && !lost
    ? new CallbackError('http', cause)
    : new ProtocolError(`The request could not be made: ${why?.message}`, { cause })
}

type Fault = Error & { readonly code?: string; readonly cause?: Fault }
