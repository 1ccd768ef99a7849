import { lastWord } from './callbacks.ts'
import { checkKind, checkNames, checkNumber, present, shown, withDefaults } from './checks.ts'
import { OPTION_NAMES, resolve, resolveSettings, type StreamOptions } from './options.ts'
import {
  Breaker,
  type BreakerOptions,
  breakerDefaults,
  type Health,
  isSavedBreaker,
  type ResolvedBreaker,
  type SavedBreaker,
  type StateChange,
} from './policy/breaker.ts'
import { Budget } from './policy/budget.ts'
import { Slots } from './policy/slots.ts'
import { Reply } from './reply.ts'
import { checkedEndpoints, type EndpointOptions } from './request/endpoints.ts'
import { headersOver, over } from './request/merge.ts'
import { resolveUrl, withoutSecrets } from './request/transport.ts'

/** What all replies of a client share; a call's own options go before them. */
export interface ClientOptions extends StreamOptions {
  /** Goes before a relative URL, joined by one slash. */
  readonly baseUrl?: string | URL | undefined
  /**
   * One circuit breaker for each server; `false` for none.
   * @defaultValue 5 failures within 300 000 ms open it for 30 000 ms
   */
  readonly breaker?: ClientBreakerOptions | false | undefined
  /**
   * How many replies may run at once; further ones wait in the order they came. `0`: any number.
   * @defaultValue 0
   */
  readonly maxConcurrent?: number | undefined
}

export interface ClientBreakerOptions extends BreakerOptions {
  /**
   * Which requests share a breaker: those for which it returns the same text.
   * @defaultValue the URL's origin; the endpoint's URL where several of the client's endpoints share an origin
   */
  readonly key?: ((url: string) => string) | undefined
  readonly onStateChange?: ((change: StateChange) => void) | undefined
  /** What {@link Client.saveBreakers} gave, perhaps before the page was loaded anew. */
  readonly saved?: SavedBreakers | undefined
}

/** All of a client's breakers by their key, as JSON. */
export type SavedBreakers = Readonly<Record<string, SavedBreaker>>

/** Shared defaults and a memory of how servers behave. */
export interface Client {
  /** Like the `stream()` of the package, with this client's defaults and breakers. */
  stream(input: string | URL, options?: StreamOptions): Reply
  /**
   * Asks for a streamed chat: the dialect knows the path, the key's header and what makes the answer stream; `body` is
   * the provider's own, with its `model` and `messages`.
   *
   * @throws TypeError for a dialect that does not know how, and whatever {@link stream} throws.
   */
  chat(body: object, options?: StreamOptions): Reply
  /** The breaker of the server at `input`; without it, the worst of all the servers asked so far. */
  health(input?: string | URL): Health
  /** Sends nothing more to the server at `input` until the function it returns is called. */
  isolate(input: string | URL): () => void
  /** What the breakers know, as JSON, to be kept and given back with `breaker.saved`. */
  saveBreakers(): SavedBreakers
}

/**
 * Makes a client.
 *
 * @throws TypeError for a bad URL or option, naming it and the value received.
 */
export function createClient(options: ClientOptions = {}): Client {
  const { baseUrl, breaker, maxConcurrent = 0, ...defaults } = options
  checkNames('', options, ['baseUrl', 'breaker', 'maxConcurrent', ...OPTION_NAMES])
  if (baseUrl !== undefined) resolveUrl(baseUrl, undefined, 'baseUrl')
  if (defaults.endpoints !== undefined) checkedEndpoints(defaults.endpoints, baseUrl)
  const { retry } = resolveSettings(defaults)
  const breakers = new Breakers(breaker, keyFor(defaults.endpoints ?? [], baseUrl))
  const budget = retry.budget ? new Budget(retry.budget) : undefined
  const slots = checkNumber('maxConcurrent', maxConcurrent) > 0 ? new Slots(maxConcurrent) : undefined
  const shared = { baseUrl, breakerFor: (url: string) => breakers.for(url), slots }
  const ask = (input: string | URL, call: StreamOptions, chat?: object) => {
    const ownsBudget = call.retry !== false && call.retry?.budget !== undefined
    return new Reply(
      resolve(input, merged(defaults, call), { ...shared, chat, ...(!ownsBudget && { budget }) }),
    )
  }
  return {
    stream: (input, call = {}) => ask(input, call),
    chat(body, call = {}) {
      if (typeof body !== 'object' || body === null)
        throw new TypeError(`body must be an object, as the provider wants it; received ${shown(body)}`)
      return ask('', call, body)
    },
    health: (input) => (input === undefined ? breakers.worst() : breakers.health(resolveUrl(input, baseUrl))),
    isolate: (input) => breakers.for(resolveUrl(input, baseUrl))?.isolate() ?? refuseIsolation(),
    saveBreakers: () => breakers.save(),
  }
}

function refuseIsolation(): never {
  throw new TypeError('isolate needs a breaker; breaker is off')
}

/** One breaker for each server a client asks. */
class Breakers {
  readonly #options: ResolvedBreaker | undefined
  readonly #byKey = new Map<string, Breaker>()
  #keyOf: (url: string) => string = originOf
  #onChange: ((change: StateChange) => void) | undefined

  constructor(given: ClientBreakerOptions | false | undefined, usualKey: (url: string) => string) {
    if (given === false) return
    checkKind('breaker', given, 'object')
    const { key = usualKey, onStateChange, saved = {}, ...numbers } = given ?? {}
    checkKind('breaker.key', key, 'function')
    checkKind('breaker.onStateChange', onStateChange, 'function')
    const options = withDefaults('breaker', numbers, breakerDefaults)
    for (const [name, value] of Object.entries(options)) checkNumber(`breaker.${name}`, value)
    if (options.failures === 0) return
    this.#options = options
    this.#keyOf = key
    this.#onChange = onStateChange
    checkKind('breaker.saved', saved, 'object')
    for (const [name, state] of Object.entries(saved)) this.#byKey.set(name, this.#made(options, name, state))
  }

  for(url: string): Breaker | undefined {
    if (!this.#options) return undefined
    const key = this.#keyOf(url)
    const breaker = this.#byKey.get(key) ?? this.#made(this.#options, key)
    this.#byKey.set(key, breaker)
    return breaker
  }

  health(url: string): Health {
    return this.#byKey.get(this.#keyOf(url))?.health() ?? HEALTHY
  }

  worst(): Health {
    const all = [...this.#byKey.values()].map((breaker) => breaker.health())
    const severity = ({ state, failures }: Health) => SEVERITY[state] + failures
    return all.sort((a, b) => severity(b) - severity(a))[0] ?? HEALTHY
  }

  save(): SavedBreakers {
    return Object.fromEntries([...this.#byKey].map(([key, breaker]) => [key, breaker.save()]))
  }

  #made(options: ResolvedBreaker, key: string, saved?: SavedBreaker): Breaker {
    if (saved !== undefined && !isSavedBreaker(saved))
      throw new TypeError(
        `breaker.saved must be what saveBreakers() gave; ${JSON.stringify(key)} is ${shown(saved)}`,
      )
    return new Breaker(options, saved, (from, to) => lastWord(this.#onChange, { key, from, to }))
  }
}

const HEALTHY: Health = Object.freeze({ state: 'closed', failures: 0, retryAt: undefined })

const SEVERITY: Readonly<Record<Health['state'], number>> = {
  isolated: 3e12,
  open: 2e12,
  'half-open': 1e12,
  closed: 0,
}

/** One key for an origin, but for endpoints that share one: each of them is a server of its own. */
function keyFor(
  endpoints: readonly EndpointOptions[],
  baseUrl: string | URL | undefined,
): (url: string) => string {
  const all = endpoints.map(({ url }) => withoutSecrets(resolveUrl(url, baseUrl)))
  const shared = all.filter((url) => all.some((other) => other !== url && originOf(other) === originOf(url)))
  // The longest first: `/v1` is the beginning of `/v1/eu`.
  shared.sort((a, b) => b.length - a.length)
  return (url) => shared.find((base) => url.startsWith(base)) ?? originOf(url)
}

function originOf(url: string): string {
  return URL.canParse(url) ? new URL(url).origin : url
}

/** The call's options over the client's; those that are made of parts are merged part by part. */
function merged(defaults: StreamOptions, call: StreamOptions): StreamOptions {
  checkKind('options', call, 'object')
  const timeouts = over(defaults.timeouts, call.timeouts)
  const retry = over(defaults.retry, call.retry)
  const headers = headersOver(defaults.headers, call.headers)
  return { ...defaults, ...present(call), ...present({ timeouts, retry, headers }) }
}
