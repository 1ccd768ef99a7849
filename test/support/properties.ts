/** How property tests are run: how often, and without a clock in the verdict. */
import { onTestFinished } from 'vitest'

const FACTOR = Number(process.env.HOLDFAST_RUNS ?? 1)
/** What a failure printed, as JSON: `{"seed": …, "path": "…"}` plays it again. */
const AGAIN: object = JSON.parse(process.env.HOLDFAST_AGAIN ?? '{}')

/** So many runs by default, multiplied by `HOLDFAST_RUNS`. */
export function runs(count: number): { readonly numRuns: number } {
  return { numRuns: Math.ceil(count * FACTOR), ...AGAIN }
}

/** The time a property may take, in ms. */
export const PATIENCE_MS: number = 30_000 * Math.max(1, FACTOR)

/** One turn of the event loop: whatever waits for microtasks alone has happened. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

/** What a promise brings; an error if it takes more timers than anything here needs. Counted, not timed. */
export async function soon<T>(promise: Promise<T>, what: string): Promise<T> {
  let isSettled = false
  const settled = promise.finally(() => {
    isSettled = true
  })
  settled.catch(() => {})
  for (let timers = 0; !isSettled; timers++) {
    if (timers > 2_000) throw new Error(`${what} hangs`)
    await new Promise((resolve) => setTimeout(resolve, 0))
  }
  return settled
}

/** The rejections that nobody handled since the last call. */
export function watchRejections(): () => unknown[] {
  const seen: unknown[] = []
  const note = (reason: unknown) => void seen.push(reason)
  // In the place of the runner's own, which would end the run at the first one and name no scene.
  const others = process.listeners('unhandledRejection')
  process.removeAllListeners('unhandledRejection').on('unhandledRejection', note)
  onTestFinished(() => {
    process.removeAllListeners('unhandledRejection')
    for (const other of others) process.on('unhandledRejection', other)
  })
  return () => seen.splice(0)
}
