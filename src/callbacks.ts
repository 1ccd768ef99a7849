/** The caller's functions: what they are told, and what happens when one of them throws. */
import { type AbortedError, CallbackError, type StreamFailure } from './errors/errors.ts'
import { report } from './errors/report.ts'
import type { Answer, Delta, EventRole, RewindDelta, ServerEvent } from './events.ts'
import type { Scope } from './scope.ts'
import type { Holder, Stall } from './time/deadlines.ts'

type Awaitable = void | PromiseLike<void>

/**
 * The caller's functions. One that returns a promise is awaited before the next piece is read: that is
 * back-pressure, and no clock runs meanwhile. One that throws ends the reply with `code: 'callback'`.
 */
export interface Callbacks {
  /** A piece of text, and the live answer so far. */
  readonly onChunk?: ((text: string, answer: Answer) => Awaitable) | undefined
  /** Every delta, `rewind` included. */
  readonly onDelta?: ((delta: Delta, answer: Answer) => Awaitable) | undefined
  /** Text was taken back; giving this callback is consent to a replay. */
  readonly onRewind?: ((rewind: RewindDelta, answer: Answer) => Awaitable) | undefined
  /** Every event as it stood on the wire, and what it was to the answer; told before the deltas of its read. */
  readonly onEvent?: ((event: ServerEvent, role: EventRole) => Awaitable) | undefined
  /** Headers of a stream have come. */
  readonly onOpen?: ((opened: Opened) => Awaitable) | undefined
  /** Nothing has come for `stallMs`; repeats, aborts nothing. */
  readonly onStall?: ((stall: Stall) => void) | undefined
  /** A comment line came: a sign of life, no progress. */
  readonly onKeepAlive?: ((keepAlive: { readonly text: string }) => Awaitable) | undefined
  /** An attempt failed and another one will be made. */
  readonly onRetry?: ((retry: Retry) => Awaitable) | undefined
  /** The client is busy (`maxConcurrent`); told at first and whenever the reply moves up. */
  readonly onQueued?: ((queued: Queued) => void) | undefined
  /** Something was not as it should be and was passed over. */
  readonly onWarning?: ((warning: Warning) => Awaitable) | undefined
  /** The reply failed; called once, instead of `onComplete`. */
  readonly onError?: ((error: Exclude<StreamFailure, AbortedError>) => void) | undefined
  /** The caller ended the reply; called once, instead of `onComplete`. `error.answer` is what had arrived. */
  readonly onAbort?: ((error: AbortedError) => void) | undefined
  /** The answer is whole; called once. */
  readonly onComplete?: ((answer: Answer) => void) | undefined
}

/** The response to one attempt. */
export interface Opened {
  readonly attempt: number
  readonly status: number
  readonly headers: Headers
}

/** Waiting for another reply of the client to end. */
export interface Queued {
  /** The place in the queue; 1 is the next one. */
  readonly place: number
}

/** Told before the wait for another attempt. */
export interface Retry {
  /** The number of the attempt to come: 2, 3 … */
  readonly attempt: number
  /**
   * Go on where the stream broke, ask anew, ask an endpoint that has not been asked yet, or (after a 401) ask the
   * same again with fresh headers.
   */
  readonly action: 'resume' | 'retry' | 'failover' | 'refresh'
  /** Who will be asked: the URL without user, password and query. */
  readonly url: string
  /** The wait before it, in ms; longer while there is no network, or while the page is being left. */
  readonly delayMs: number
  readonly error: StreamFailure
  /** Why, in a clause. */
  readonly reason: string
}

/** Something that was passed over. */
export interface Warning {
  /**
   * `malformed`: an event's data could not be understood. `after-finish`: the connection failed after the answer was
   * whole. `no-streaming`: the platform's `fetch` has no body to read, only its text (React Native); told once.
   */
  readonly code: 'malformed' | 'after-finish' | 'no-streaming'
  readonly message: string
}

/**
 * The caller's functions with their names on whatever they throw, and on what waits for them. Once the reply has been
 * called off none is called.
 */
export function guarded(callbacks: Callbacks, scope: Scope, holder: Holder): Callbacks {
  // The last words stand for themselves. Their owner may use his object again, with others in it, for the next call.
  const { onError, onAbort, onComplete } = callbacks
  const all: Record<string, unknown> = { onError, onAbort, onComplete }
  for (const name of GUARDED) {
    const given = callbacks[name as keyof Callbacks] as Callback<unknown, unknown> | undefined
    if (!given) continue
    const isAwaited = name !== 'onStall' && name !== 'onQueued'
    const own = guard(name, given, scope, isAwaited ? holder : { name })
    all[name] = isAwaited ? own : fromTimer(own, scope)
  }
  return all
}

/** Where two have given the same callback both are called, one after the other: whoever counts must not be left out. */
export function bothOf(first: Callbacks, second: Callbacks): Callbacks {
  const given = CALLBACK_NAMES.filter((name) => first[name] && typeof second[name] === 'function')
  return Object.fromEntries(
    given.map((name) => [name, chained(name, first[name] as Chained, second[name] as Chained)]),
  )
}

function chained(name: string, first: Chained, second: Chained): Chained {
  if (!GUARDED.includes(name))
    return (value) => {
      lastWord(first, value)
      return second(value)
    }
  return (value, more) => {
    const wait = first(value, more)
    return isThenable(wait) ? wait.then(() => second(value, more)) : second(value, more)
  }
}

type Chained = (value: unknown, more?: unknown) => unknown

const GUARDED: readonly string[] = [
  ...(['onChunk', 'onDelta', 'onRewind', 'onEvent', 'onOpen'] as const),
  ...(['onStall', 'onKeepAlive', 'onRetry', 'onQueued', 'onWarning'] as const),
] satisfies readonly (keyof Callbacks)[]

/** The names of all of them. */
export const CALLBACK_NAMES: readonly (keyof Callbacks)[] = [
  ...(GUARDED as readonly (keyof Callbacks)[]),
  ...(['onError', 'onAbort', 'onComplete'] as const),
]

type Callback<A, B> = (first: A, second: B) => Awaitable
type Guarded<A, B> = (first: A, second?: B) => Awaitable

// Two parameters spelled out, as many as any callback has: gathering `...args` would cost an array for every token.
function guard<A, B>(name: string, callback: Callback<A, B>, scope: Scope, holder: Holder): Guarded<A, B> {
  const fail = (thrown: unknown) => {
    throw new CallbackError(name, thrown)
  }
  return (first, second) => {
    if (scope.reason) return undefined
    try {
      const result: unknown = callback(first, second as B)
      // Arrow functions return whatever their expression is; only a promise means "wait".
      if (result === undefined || !isThenable(result)) return undefined
      holder.name = name
      return result.then(undefined, fail)
    } catch (thrown) {
      return fail(thrown)
    }
  }
}

/** For a callback that a timer calls, or another reply's end: there is no caller to throw to, so its failure ends the reply. */
function fromTimer<A>(callback: (first: A) => Awaitable, scope: Scope): (first: A) => void {
  return (first) => {
    Promise.resolve(first)
      .then((given) => callback(given))
      .catch((error: CallbackError) => scope.abort(error))
  }
}

/** The one call at the end. The verdict stands; what this callback throws is reported like any uncaught error. */
export function lastWord<T>(callback: ((value: T) => unknown) | undefined, value: T): void {
  if (!callback) return
  try {
    const result = callback(value)
    if (isThenable(result)) result.then(undefined, report)
  } catch (thrown) {
    report(thrown)
  }
}

function isThenable(value: unknown): value is PromiseLike<void> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function'
}
