import { checkKind, checkNames, checkNumber, present, shown } from '../checks.ts'
import type { Client } from '../client.ts'
import type { Usage } from '../events.ts'
import { memoryStore } from './memory-store.ts'
import type { Ending, Store } from './store.ts'

type Awaitable<T> = T | PromiseLike<T>

/** What a relay is made of. Times are in ms; `0` switches a clock or a bound off, but for `abandonMs` and `keepMs`. */
export interface RelayOptions {
  /** Who asks the provider: one breaker and one budget for everybody, and the key. */
  readonly ai: Client
  /**
   * What the provider is asked when a page sends `body`; a `Response` is sent back instead.
   * @defaultValue the page's body as it is
   */
  readonly ask?: ((body: Body, context: AskContext) => Awaitable<object | Response>) | undefined
  /**
   * Who is asking, for every request. `undefined`: nobody who may, `401`; a `Response` is sent back instead. Nobody sees
   * another one's answers. Without this function an answer's id is its secret.
   */
  readonly authorize?: ((request: Request) => Awaitable<string | undefined | null | Response>) | undefined
  /** @defaultValue `memoryStore()` */
  readonly store?: Store | undefined
  /** The path as the page sees it, where a proxy rewrites paths. @defaultValue the path that was asked */
  readonly publicPath?: string | undefined
  /** Pages elsewhere that may ask, such as `https://app.example.com`; `['*']`: all. @defaultValue none */
  readonly origins?: readonly string[] | undefined
  /** How often a reader is sent a sign of life. @defaultValue 15 000 */
  readonly heartbeatMs?: number | undefined
  /** How long an answer is kept after its end. @defaultValue 900 000 */
  readonly keepMs?: number | undefined
  /** How long an answer that nobody reads goes on. `0`: not at all; `Infinity`: to its end. @defaultValue 60 000 */
  readonly abandonMs?: number | undefined
  /** How long a producer that is not heard of counts as alive. @defaultValue 5 000 */
  readonly leaseMs?: number | undefined
  /** Sends a reader away after this time, to come again, for platforms that cap a response. @defaultValue 0 */
  readonly rotateMs?: number | undefined
  /** @defaultValue 10 485 760 */
  readonly maxBodyBytes?: number | undefined
  /** @defaultValue 16 777 216 */
  readonly maxAnswerBytes?: number | undefined
  /** Answers of one owner at a time; without `authorize`, of all. @defaultValue 100; without `authorize` 20 000 */
  readonly maxRunning?: number | undefined
  /** Readers of one answer at a time, in one process. @defaultValue 2 000 */
  readonly maxReaders?: number | undefined
  /** For platforms that end the work when the response has been sent; `relay.fetch(request, { waitUntil })` does the same. */
  readonly waitUntil?: ((work: Promise<unknown>) => void) | undefined
  /** An answer has ended: for bills and metrics. */
  readonly onAnswer?: ((summary: AnswerSummary) => void) | undefined
  /** Something was passed over. @defaultValue `console.warn` */
  readonly onWarning?: ((message: string) => void) | undefined
}

/** What a page has sent: a JSON object. */
export type Body = Readonly<Record<string, unknown>>

export interface AskContext {
  /** What `authorize` gave; `''` without it. */
  readonly owner: string
  readonly request: Request
}

/** How an answer went. No text, header or key is in it. */
export interface AnswerSummary {
  readonly id: string
  readonly owner: string
  readonly state: Ending
  /** Why it is not whole: the `code` its readers were told. */
  readonly code: string | undefined
  readonly usage: Usage | undefined
  /** Time to first token, in ms. */
  readonly firstDeltaMs: number | undefined
  readonly totalMs: number | undefined
  /** Requests to providers. */
  readonly attempts: number
  /** The most readers at a time, in this process. */
  readonly readers: number
  /**
   * The same by OpenTelemetry's names for generative AI.
   *
   * @see https://opentelemetry.io/docs/specs/semconv/gen-ai/gen-ai-spans/
   */
  readonly attributes: Readonly<Record<string, string | number | readonly string[]>>
}

type NumberName =
  | `${'heartbeat' | 'keep' | 'abandon' | 'lease' | 'rotate'}Ms`
  | `max${'BodyBytes' | 'AnswerBytes' | 'Running' | 'Readers'}`

export const relayDefaults: Readonly<Record<NumberName, number>> = Object.freeze({
  heartbeatMs: 15_000,
  keepMs: 900_000,
  abandonMs: 60_000,
  leaseMs: 5000,
  rotateMs: 0,
  maxBodyBytes: 10_485_760,
  maxAnswerBytes: 16_777_216,
  maxRunning: 100,
  maxReaders: 2000,
})

const FUNCTIONS = ['ask', 'authorize', 'waitUntil', 'onAnswer', 'onWarning'] as const
const NAMES: readonly string[] = [
  ...['ai', 'store', 'publicPath', 'origins'],
  ...FUNCTIONS,
  ...Object.keys(relayDefaults),
]
// It is renewed three times in its time.
const SHORTEST_LEASE_MS = 100
// Without owners a bound on each is one on all of them.
const MOST_RUNNING = 20_000

/** The options of a relay, checked and complete. */
export type ResolvedRelay = Omit<RelayOptions, NumberName | 'store' | 'origins' | 'onWarning'> & {
  readonly [K in NumberName]: number
} & { readonly store: Store; readonly origins: readonly string[]; onWarning(message: string): void }

type Given = { readonly [K in keyof RelayOptions]: NonNullable<RelayOptions[K]> }

/** @throws TypeError for a bad option, naming it and the value received. */
export function resolveRelay(options: RelayOptions): ResolvedRelay {
  checkKind('options', options, 'object')
  checkNames('', options, NAMES)
  if (typeof options.ai?.chat !== 'function')
    throw new TypeError(`ai must be a client, as createClient() makes it; received ${shown(options.ai)}`)
  for (const name of FUNCTIONS) checkKind(name, options[name], 'function')
  checkKind('publicPath', options.publicPath, 'string')
  checkKind('store', options.store, 'object')
  const maxRunning = options.authorize ? relayDefaults.maxRunning : MOST_RUNNING
  const given = { ...relayDefaults, maxRunning, ...(present(options) as Given) }
  for (const name of Object.keys(relayDefaults) as NumberName[]) {
    const isForEver = name === 'abandonMs' && given[name] === Number.POSITIVE_INFINITY
    if (!isForEver) checkNumber(name, given[name])
  }
  if (given.leaseMs < SHORTEST_LEASE_MS)
    throw new TypeError(`leaseMs must be at least ${SHORTEST_LEASE_MS}; received ${given.leaseMs}`)
  return {
    ...given,
    ai: options.ai,
    onWarning: options.onWarning ?? ((message) => console.warn(`holdfast/relay: ${message}`)),
    store: options.store ?? memoryStore(),
    origins: checkedOrigins(options.origins ?? []),
  }
}

function checkedOrigins(origins: readonly string[]): readonly string[] {
  const isOrigin = (each: unknown): boolean => {
    if (each === '*') return true
    try {
      return typeof each === 'string' && new URL(each).origin === each
    } catch {
      return false
    }
  }
  const bad = Array.isArray(origins) ? origins.find((each) => !isOrigin(each)) : origins
  if (bad === undefined) return origins
  throw new TypeError(
    `origins must list origins such as https://app.example.com, without a path; received ${shown(bad)}`,
  )
}
