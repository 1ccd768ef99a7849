import { checkKind, checkNames, checkNumber, present, withDefaults } from './checks.ts'
import { OPTION_NAMES, resolve, resolveSettings, type StreamOptions } from './options.ts'
import {
  Breaker,
  type BreakerOptions,
  breakerDefaults,
  type Health,
  type ResolvedBreaker,
} from './policy/breaker.ts'
import { Reply } from './reply.ts'
import { checkedHeaders, resolveUrl } from './wire/transport.ts'

/** What all replies of a client share; a call's own options go before them. */
export interface ClientOptions extends StreamOptions {
  /** Goes before a relative URL, joined by one slash. */
  readonly baseUrl?: string | URL | undefined
  /**
   * One circuit breaker for each origin; `false` for none.
   * @defaultValue 5 failures within 300 000 ms open it for 30 000 ms
   */
  readonly breaker?: BreakerOptions | false | undefined
}

/** Shared defaults and a memory of how servers behave. */
export interface Client {
  /** Like the `stream()` of the package, with this client's defaults and breakers. */
  stream(input: string | URL, options?: StreamOptions): Reply
  /** The breaker of the server at `input`; without it, the worst of all the servers asked so far. */
  health(input?: string | URL): Health
}

/**
 * Makes a client.
 *
 * @throws TypeError for a bad URL or option, naming it and the value received.
 */
export function createClient(options: ClientOptions = {}): Client {
  const { baseUrl, breaker, ...defaults } = options
  checkNames('', options, ['baseUrl', 'breaker', ...OPTION_NAMES])
  if (baseUrl !== undefined) resolveUrl(baseUrl, undefined, 'baseUrl')
  resolveSettings(defaults)
  const breakers = new Breakers(breaker)
  return {
    stream: (input, call = {}) =>
      new Reply(resolve(input, merged(defaults, call), { baseUrl, breakerFor: (url) => breakers.for(url) })),
    health: (input) => (input === undefined ? breakers.worst() : breakers.health(resolveUrl(input, baseUrl))),
  }
}

/** One breaker for each server a client asks. */
class Breakers {
  readonly #options: ResolvedBreaker | undefined
  readonly #byOrigin = new Map<string, Breaker>()

  constructor(given: BreakerOptions | false | undefined) {
    if (given === false) return
    const options = withDefaults('breaker', given, breakerDefaults)
    for (const [name, value] of Object.entries(options)) checkNumber(`breaker.${name}`, value)
    if (options.failures > 0) this.#options = options
  }

  for(url: string): Breaker | undefined {
    if (!this.#options) return undefined
    const origin = originOf(url)
    const breaker = this.#byOrigin.get(origin) ?? new Breaker(this.#options)
    this.#byOrigin.set(origin, breaker)
    return breaker
  }

  health(url: string): Health {
    return this.#byOrigin.get(originOf(url))?.health() ?? HEALTHY
  }

  worst(): Health {
    const all = [...this.#byOrigin.values()].map((breaker) => breaker.health())
    const severity = ({ state, failures }: Health) => SEVERITY[state] + failures
    return all.sort((a, b) => severity(b) - severity(a))[0] ?? HEALTHY
  }
}

const HEALTHY: Health = Object.freeze({ state: 'closed', failures: 0, retryAt: undefined })

const SEVERITY: Readonly<Record<Health['state'], number>> = { open: 2e12, 'half-open': 1e12, closed: 0 }

function originOf(url: string): string {
  return URL.canParse(url) ? new URL(url).origin : url
}

/** The call's options over the client's; those that are made of parts are merged part by part. */
function merged(defaults: StreamOptions, call: StreamOptions): StreamOptions {
  checkKind('options', call, 'object')
  const timeouts = over(defaults.timeouts, call.timeouts)
  const retry = over(defaults.retry, call.retry)
  const headers = mergedHeaders(defaults.headers, call.headers)
  return { ...defaults, ...present(call), ...present({ timeouts, retry, headers }) }
}

function over<T>(defaults: T, call: T): T {
  if (call === undefined) return defaults
  // What is no object is for the checks to refuse.
  const areObjects =
    typeof defaults === 'object' && typeof call === 'object' && defaults !== null && call !== null
  return areObjects ? { ...defaults, ...present(call) } : call
}

type GivenHeaders = StreamOptions['headers']

function mergedHeaders(defaults: GivenHeaders, call: GivenHeaders): GivenHeaders {
  if (defaults === undefined || call === undefined) return call ?? defaults
  if (typeof defaults !== 'function' && typeof call !== 'function') return joined(defaults, call)
  return async (context) =>
    joined(
      typeof defaults === 'function' ? await defaults(context) : defaults,
      typeof call === 'function' ? await call(context) : call,
    )
}

function joined(defaults: HeadersInit, call: HeadersInit): Headers {
  const headers = checkedHeaders(defaults)
  checkedHeaders(call).forEach((value, name) => {
    headers.set(name, value)
  })
  return headers
}
