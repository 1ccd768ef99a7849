/** How long to wait before the next attempt. */
export interface BackoffOptions {
  /**
   * The first wait's upper bound, in ms.
   * @defaultValue 500
   */
  readonly baseMs?: number | undefined
  /**
   * Multiplies the bound with each further attempt.
   * @defaultValue 2
   */
  readonly factor?: number | undefined
  /**
   * The bound's bound, in ms. `0`: none.
   * @defaultValue 8 000
   */
  readonly maxMs?: number | undefined
  /**
   * `'full'` draws evenly from 0 to the bound, so that clients which failed together do not come back together;
   * `'none'` waits the bound itself.
   * @defaultValue `'full'`
   */
  readonly jitter?: 'full' | 'none' | undefined
}

export type ResolvedBackoff = {
  readonly [K in keyof BackoffOptions]-?: Exclude<BackoffOptions[K], undefined>
}

export const backoffDefaults: ResolvedBackoff = Object.freeze({
  baseMs: 500,
  factor: 2,
  maxMs: 8_000,
  jitter: 'full',
})

/**
 * The wait after `failures` failed attempts (from 1), in ms.
 *
 * @param chance - a number from 0 up to 1.
 * @see https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
 */
export function backoffMs(failures: number, options: ResolvedBackoff, chance: number): number {
  // Without a base there is no bound to grow: nothing times infinity is not a number.
  if (options.baseMs === 0) return 0
  const bound = Math.min(
    options.maxMs || Number.MAX_SAFE_INTEGER,
    options.baseMs * (options.factor || 1) ** (failures - 1),
  )
  return options.jitter === 'full' ? bound * chance : bound
}
