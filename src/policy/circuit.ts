/** The states of a breaker: what the clock makes of them, how they look, and how they are kept. */
import { wallClock } from '../time/clock.ts'

/** A breaker's state, for a page that wants to show it. */
export interface Health {
  /** `isolated`: the caller has taken the server out of service; only the caller puts it back. */
  readonly state: 'closed' | 'open' | 'half-open' | 'isolated'
  /** Failures that count at the moment. */
  readonly failures: number
  /** When the next attempt is allowed, in ms since the epoch; `undefined` while attempts are allowed, or isolated. */
  readonly retryAt: number | undefined
}

/** A breaker's memory as JSON, to be kept over a page load. The times are ms since the epoch. */
export type SavedBreaker =
  | { readonly state: 'closed'; readonly failedAt: readonly number[] }
  | { readonly state: 'open'; readonly until: number; readonly failures: number }
  | { readonly state: 'isolated' }

export type State =
  | { readonly name: 'closed'; readonly failedAt: readonly number[] }
  | { readonly name: 'open'; readonly until: number; readonly failures: number }
  | HalfOpen
  | { readonly name: 'isolated' }

/** The cool-down is over. */
export interface HalfOpen {
  readonly name: 'half-open'
  readonly failures: number
  /** The serial number of the one attempt under way, if there is one. */
  readonly probe: number | undefined
  /** Those who wait for its verdict, in the order they came: each looks again how things stand. */
  readonly waiting: (() => void)[]
}

export const CLOSED: State = /* @__PURE__ */ Object.freeze({ name: 'closed', failedAt: [] })

/** What the clock has made of a state. There is no timer: a breaker that nobody asks costs nothing. */
export function aged(state: State, windowMs: number): State {
  const time = wallClock()
  switch (state.name) {
    case 'closed':
      return {
        name: 'closed',
        failedAt: state.failedAt.filter((failedAt) => !windowMs || failedAt > time - windowMs),
      }
    case 'open':
      if (time < state.until) return state
      return { name: 'half-open', failures: state.failures, probe: undefined, waiting: [] }
    case 'half-open':
    case 'isolated':
      return state
  }
}

/** A state as others may see it. */
export function shown(state: State): Health {
  switch (state.name) {
    case 'closed':
      return { state: 'closed', failures: state.failedAt.length, retryAt: undefined }
    case 'open':
      return { state: 'open', failures: state.failures, retryAt: state.until }
    case 'half-open':
      return { state: 'half-open', failures: state.failures, retryAt: undefined }
    case 'isolated':
      return { state: 'isolated', failures: 0, retryAt: undefined }
  }
}

/** A state as JSON, without a probe and those who wait for it. */
export function savedFrom(state: State): SavedBreaker {
  switch (state.name) {
    case 'closed':
      return { state: 'closed', failedAt: [...state.failedAt] }
    case 'open':
      return { state: 'open', until: state.until, failures: state.failures }
    case 'half-open':
      return { state: 'open', until: wallClock(), failures: state.failures }
    case 'isolated':
      return { state: 'isolated' }
  }
}

/** The state that was saved, with at most one whole cool-down to come. */
export function restored(saved: SavedBreaker, cooldownMs: number): State {
  switch (saved.state) {
    case 'closed':
      return { name: 'closed', failedAt: saved.failedAt }
    case 'open':
      // The clock may have been set back, or the storage written to.
      return {
        name: 'open',
        until: Math.min(saved.until, wallClock() + cooldownMs),
        failures: saved.failures,
      }
    case 'isolated':
      return { name: 'isolated' }
  }
}

/** Whether a value is what `Breaker.save` gave: it may come from a storage that others write to. */
export function isSavedBreaker(value: unknown): value is SavedBreaker {
  if (typeof value !== 'object' || value === null) return false
  const { state, failedAt, until, failures } = value as Readonly<Record<string, unknown>>
  switch (state) {
    case 'closed':
      return Array.isArray(failedAt) && failedAt.every(Number.isFinite)
    case 'open':
      return Number.isFinite(until) && Number.isFinite(failures)
    default:
      return state === 'isolated'
  }
}
