/** A `fetch` that heals streams, for whoever takes one: an SDK, a chat's transport. */
import { checkKind, checkNumber } from '../checks.ts'
import type { Dialect } from '../dialects/dialect.ts'
import type { StreamOptions } from '../options.ts'
import type { ClientBreakerOptions } from '../policy/breakers.ts'
import type { RetryOptions } from '../policy/retry.ts'
import { checkedDialect } from '../request/endpoints.ts'
import { isAbsolute, resolveUrl } from '../request/url.ts'
import { type Asked, askedFor } from './asked.ts'
import { type Answering, Call, type CallContext } from './call.ts'
import { watched } from './watched.ts'

type NotHere =
  | 'body'
  | 'from'
  | 'http'
  | 'idempotencyKey'
  | 'json'
  | 'method'
  | 'onRewind'
  | 'recovery'
  | 'searchParams'
  | 'signal'

/** How a healing `fetch` heals: the options of a client, but for what makes up a request. */
export interface FetchOptions extends Omit<StreamOptions, NotHere> {
  /** Goes before a relative URL, joined by one slash. */
  readonly baseUrl?: string | URL | undefined
  /**
   * One circuit breaker for each server; `false` for none.
   * @defaultValue 5 failures within 300 000 ms open it for 30 000 ms
   */
  readonly breaker?: ClientBreakerOptions | false | undefined
  /**
   * How many calls may run at once; further ones wait in the order they came. `0`: any number.
   * @defaultValue 0
   */
  readonly maxConcurrent?: number | undefined
  /**
   * A random `Idempotency-Key` for each call, the same for all its attempts.
   * @defaultValue `false`
   */
  readonly idempotencyKey?: boolean | undefined
  /**
   * `'resume'` goes on with `Last-Event-ID` even after a POST that was answered without a `Content-Location`; `'fail'` never.
   * @defaultValue `'auto'`
   */
  readonly recovery?: 'auto' | 'resume' | 'fail' | undefined
  /**
   * How long events that come before the first content are held back, so that another attempt stays free, in ms. An event
   * that nobody understands is held back by nothing.
   * @defaultValue 2 000
   */
  readonly holdMs?: number | undefined
}

/** A client, as far as it is needed here. */
interface Asking {
  stream(input: string | URL, options: StreamOptions): Answering
}

/**
 * Makes a `fetch` with the clocks, retries, breaker and budget of one client: give it to an SDK.
 *
 * Before the first content a request that fails is sent again, or elsewhere. After it a stream goes on where it broke, if the
 * server keeps it; what cannot be healed is an error of the body, a {@link StreamFailure}. All else is what `fetch` gives: the
 * server's bytes, status and headers, a refusal as the `Response` it is. One that was asked for again has
 * `x-should-retry: false`, which SDKs obey; set their `maxRetries: 0`.
 *
 * @throws TypeError for a bad option, naming it and the value received.
 * @example
 * ```ts
 * const openai = new OpenAI({ fetch: createFetch(), maxRetries: 0 })
 * ```
 */
export type CreateFetch = (options?: FetchOptions) => typeof fetch

/**
 * The `createFetch()` of an entry.
 *
 * @param clientOf - makes the client that asks.
 * @param usual - what is spoken where no dialect is given.
 */
export function createFetchVia(clientOf: (options: object) => Asking, usual: Dialect): CreateFetch {
  return (options = {}) => {
    const { holdMs = HOLD_MS, fetch: own, ...healing } = options
    checkNumber('holdMs', holdMs)
    checkKind('fetch', own, 'function')
    for (const name of NOT_HERE)
      if (name in healing) throw new TypeError(`${name} is not an option of createFetch()`)
    if ((healing.recovery as string) === 'replay')
      throw new TypeError("recovery: 'replay' takes text back, which no reader of bytes can")
    const askerFor = askersOf(clientOf, healing, usual)
    return async (input, init) => {
      const carry = own ?? fetch
      const asked = await askedFor(input, init)
      // `data:`, `blob:`, a file: there is nothing to heal.
      if (isAbsolute(asked.url) && !/^(https?:)?\/\//i.test(asked.url)) return carry(input, init)
      const { shouldRetry } = healing.retry || NO_RETRY
      const refusesRedirects = redirectOf(asked, healing) === 'error'
      return new Call({ asked, carry, holdMs, refusesRedirects, shouldRetry, ask: askerFor(asked) }).start()
    }
  }
}

const HOLD_MS = 2_000
const NO_RETRY: RetryOptions = {}
const NOT_HERE: readonly NotHere[] = [
  ...(['body', 'from', 'http', 'json', 'method', 'onRewind', 'searchParams', 'signal'] as const),
]

/** Who asks for a call: where servers stand in for each other, only for what is under the first of them. */
function askersOf(
  clientOf: (options: object) => Asking,
  healing: FetchOptions,
  usual: Dialect,
): (asked: Asked) => CallContext['ask'] {
  const { endpoints, ...alone } = healing
  const client = clientOf(healing)
  const elsewhere = endpoints ? clientOf(alone) : client
  const spoken = checkedDialect(healing.dialect ?? usual)
  return (asked) => {
    const first = endpoints?.[0] && resolveUrl(endpoints[0].url, healing.baseUrl)
    const path = first && pathUnder(first, asked.url)
    return (watch, hooks) => {
      const all = { ...hooks, ...requestOf(asked, healing), dialect: watched(spoken, watch) }
      if (!endpoints || path === undefined) return elsewhere.stream(asked.url, all)
      const others = endpoints.map(({ dialect, ...each }) => ({
        ...{ ...each, fetch: hooks.fetch },
        ...(dialect && { dialect: watched(checkedDialect(dialect), watch) }),
      }))
      return client.stream(path, { ...all, ...jsonFor(asked, endpoints), endpoints: others })
    }
  }
}

function requestOf(asked: Asked, healing: FetchOptions): StreamOptions {
  const { method, headers, body } = asked
  const own = { method, headers, body, redirect: redirectOf(asked, healing) }
  return healing.retry === false ? { ...own, retry: false } : own
}

function redirectOf({ rest }: Asked, { redirect = 'follow' }: FetchOptions): RequestRedirect {
  return (rest.redirect as RequestRedirect | undefined) ?? redirect
}

/** An endpoint may lay JSON over that of the call. */
function jsonFor({ json }: Asked, endpoints: NonNullable<FetchOptions['endpoints']>): StreamOptions {
  if (json === undefined || endpoints.every((each) => each.json === undefined)) return {}
  return { json: JSON.parse(json), body: undefined }
}

function pathUnder(base: string, url: string): string | undefined {
  const [root = ''] = base.split(/[?#]/)
  const folder = root.replace(/\/*$/, '/')
  return url.startsWith(folder) ? url.slice(folder.length) : undefined
}
