import { type AttemptStats, nothing, type Stats } from '../events.ts'

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

/** What became of one attempt, while it is under way. */
export type AttemptRecord = Mutable<AttemptStats>

/** A reply's statistics while they grow. */
export type Measurements = Mutable<Omit<Stats, 'attempts'>> & { readonly attempts: AttemptRecord[] }

export function measurements(): Measurements {
  return { ...nothing.stats, attempts: [] }
}

/** A copy that stays as it is. */
export function snapshotOf(stats: Measurements): Stats {
  return { ...stats, attempts: stats.attempts.map((attempt) => ({ ...attempt })) }
}

/** The requests that were sent, or are about to be: an open circuit sends nothing. */
export function requestsIn({ attempts }: Stats): number {
  return attempts.filter(({ error }) => error !== 'circuit-open').length
}
