/**
 * The only file with timers, dates and chance. Functions, not an injected object: a test's fake timers replace
 * the globals underneath, and nobody has to hand a clock through the spine.
 */

/** The longest delay an engine's timer takes, in ms (24.8 days); a longer one would fire at once. */
export const MAX_TIMER_MS = 2_147_483_647

/** Monotonic time in ms: for waits. */
export function now(): number {
  return performance.now()
}

/** Wall-clock time in ms since the epoch: for dates that servers send and people read. */
export function wallClock(): number {
  return Date.now()
}

/** A number from 0 up to 1: for jitter. */
export function chance(): number {
  return Math.random()
}

/** A name nobody else will come upon, as far as chance goes. */
export function uniqueName(): string {
  // Only secure contexts have `randomUUID`.
  if ('randomUUID' in crypto) return crypto.randomUUID()
  return Array.from({ length: 4 }, () => chance().toString(36).slice(2)).join('-')
}

/** Calls `action` once after `ms`; the function it returns calls it off. */
export function schedule(ms: number, action: () => void): () => void {
  const timer = setTimeout(action, Math.min(Math.ceil(ms), MAX_TIMER_MS))
  return () => clearTimeout(timer)
}

/** Settles after `ms`. */
export function elapsed(ms: number): Promise<void> {
  return new Promise((resolve) => void schedule(ms, resolve))
}

/** What a promise brings; `undefined` if that takes longer than `ms`. Nothing stays of the one that was slower. */
export function within<T>(ms: number, wait: Promise<T>): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    const off = schedule(ms, () => resolve(undefined))
    wait.then(resolve, reject).finally(off)
  })
}

/** Like {@link schedule}, but no process stays alive for it. */
export function scheduleLoosely(ms: number, action: () => void): () => void {
  const timer: unknown = setTimeout(action, Math.min(Math.ceil(ms), MAX_TIMER_MS))
  if (typeof timer === 'object') (timer as { unref?(): void }).unref?.()
  return () => clearTimeout(timer as number)
}
