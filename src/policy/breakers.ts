import { checkKind, checkNumber, shown, withDefaults } from '../checks.ts'
import { withoutSecrets } from '../errors/redact.ts'
import { withoutKeys } from '../errors/secrets.ts'
import {
  Breaker,
  type BreakerOptions,
  breakerDefaults,
  type Health,
  isSavedBreaker,
  type ResolvedBreaker,
  type SavedBreaker,
  type StateChange,
} from './breaker.ts'

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

/** One breaker for each server a client asks. */
export class Breakers {
  readonly #options: ResolvedBreaker | undefined
  readonly #byKey = new Map<string, Breaker>()
  #keyOf: (url: string) => string = originOf
  #onChange: (change: StateChange) => void = () => {}

  /**
   * @param usualKey - which requests share a breaker, if the caller does not say.
   * @param onChange - told of every change.
   */
  constructor(
    given: ClientBreakerOptions | false | undefined,
    usualKey: (url: string) => string,
    onChange: (change: StateChange) => void,
  ) {
    if (given === false) return
    checkKind('breaker', given, 'object')
    const { key = usualKey, onStateChange, saved = {}, ...numbers } = given ?? {}
    checkKind('breaker.key', key, 'function')
    checkKind('breaker.onStateChange', onStateChange, 'function')
    const options = withDefaults('breaker', numbers, breakerDefaults)
    for (const [name, value] of Object.entries(options)) checkNumber(`breaker.${name}`, value)
    if (options.failures === 0) return
    this.#options = options
    // What keeps it may be kept over a page load, by a name that holds no key.
    this.#keyOf = (url) => key(withoutKeys(url))
    this.#onChange = onChange
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
    return new Breaker(options, saved, (from, to) => this.#onChange({ key, from, to }))
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
export function keyFor(endpoints: readonly string[]): (url: string) => string {
  const all = endpoints.map(withoutSecrets)
  const shared = all.filter((url) => all.some((other) => other !== url && originOf(other) === originOf(url)))
  // The longest first: `/v1` is the beginning of `/v1/eu`.
  shared.sort((a, b) => b.length - a.length)
  return (url) => shared.find((base) => url.startsWith(base)) ?? originOf(url)
}

function originOf(url: string): string {
  try {
    return new URL(url).origin
  } catch {
    return url
  }
}
