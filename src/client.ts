import { bothOf, lastWord } from './callbacks.ts'
import { checkKind, checkNames, checkNumber, over, present, shown } from './checks.ts'
import { OPTION_NAMES, resolve, resolveSettings, type StreamOptions } from './options.ts'
import type { Health } from './policy/breaker.ts'
import { Breakers, type ClientBreakerOptions, keyFor, type SavedBreakers } from './policy/breakers.ts'
import { Budget, type ResolvedBudget } from './policy/budget.ts'
import { Slots } from './policy/slots.ts'
import { type Entry, Reply } from './reply.ts'
import { headersOver } from './request/headers.ts'
import { checkedEndpoints, failover } from './request/several.ts'
import { resolveUrl } from './request/url.ts'
import { uniqueName } from './time/clock.ts'

/** What all replies of a client share; a call's own options go before them. */
export interface ClientOptions extends Omit<StreamOptions, 'json' | 'body' | 'from' | 'idempotencyKey'> {
  /**
   * A random `Idempotency-Key` for each call.
   * @defaultValue `false`
   */
  readonly idempotencyKey?: boolean | undefined
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
export type CreateClient = (options?: ClientOptions) => Client

/** The `createClient()` of an entry. */
export function createClientVia(entry: Entry): CreateClient {
  return (options = {}) => clientOf(entry, options)
}

function clientOf(entry: Entry, options: ClientOptions): Client {
  const { baseUrl, breaker, maxConcurrent = 0, ...defaults } = options
  checkNames('', options, CLIENT_NAMES)
  if (baseUrl !== undefined) resolveUrl(baseUrl, undefined, 'baseUrl')
  if (defaults.endpoints !== undefined) checkedEndpoints(defaults.endpoints, baseUrl)
  const { retry } = resolveSettings(defaults)
  const breakers = breakersFor(options)
  const budget = retry.budget ? newBudget(retry.budget) : undefined
  const slots = checkNumber('maxConcurrent', maxConcurrent) > 0 ? new Slots(maxConcurrent) : undefined
  const breakerFor = (url: string) => breakers.for(url)
  const shared = { ...entry, baseUrl, breakerFor, slots, failover, newBudget }
  const ask = (input: string | URL, call: StreamOptions, chat?: object) => {
    const ownsBudget = call.retry !== false && call.retry?.budget !== undefined
    const context = { ...shared, chat, ...(!ownsBudget && { budget }) }
    return new Reply(resolve(input, merged(defaults, call), context), entry)
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

// A body can be read once, and a checkpoint is of one answer.
const CLIENT_NAMES: readonly string[] = [
  ...['baseUrl', 'breaker', 'maxConcurrent'],
  ...OPTION_NAMES.filter((name) => name !== 'body' && name !== 'from'),
]

function breakersFor({ baseUrl, breaker, endpoints = [] }: ClientOptions): Breakers {
  const urls = endpoints.map(({ url }) => resolveUrl(url, baseUrl))
  const onStateChange = breaker ? breaker.onStateChange : undefined
  return new Breakers(breaker, keyFor(urls), (change) => lastWord(onStateChange, change))
}

/** What all replies of a client may spend on further attempts. */
export const newBudget = (options: ResolvedBudget): Budget => new Budget(options)

function refuseIsolation(): never {
  throw new TypeError('isolate needs a breaker; breaker is off')
}

/** The call's options over the client's; those that are made of parts are merged part by part, and both are told. */
function merged({ idempotencyKey: key, ...defaults }: StreamOptions, call: StreamOptions): StreamOptions {
  checkKind('options', call, 'object')
  // One key for all questions would make them one: a text is the beginning of many.
  const idempotencyKey = call.idempotencyKey ?? (typeof key === 'string' ? `${key}-${uniqueName()}` : key)
  const timeouts = over(defaults.timeouts, call.timeouts)
  const retry = over(defaults.retry, call.retry)
  const headers = headersOver(defaults.headers, call.headers)
  const parts = { timeouts, retry, headers, idempotencyKey, ...bothOf(defaults, call) }
  return { ...defaults, ...present(call), ...present(parts) }
}
