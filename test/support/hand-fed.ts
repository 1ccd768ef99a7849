import { vi } from 'vitest'
import type { Delta } from '../../src/events.ts'

/** An answer that a test writes by hand: any async iterable will do. */
export function handFed() {
  const queue: (Delta | 'end' | Error)[] = []
  let wake = () => {}
  async function* read(): AsyncGenerator<Delta> {
    for (;;) {
      const next = queue.shift()
      if (next === 'end') return
      if (next instanceof Error) throw next
      if (next) yield next
      else
        await new Promise<void>((resolve) => {
          wake = resolve
        })
    }
  }
  return {
    deltas: read(),
    /** Lets the sink take this, without a moment passing. */
    async give(...next: readonly (Delta | 'end' | Error)[]) {
      queue.push(...next)
      wake()
      await vi.advanceTimersByTimeAsync(0)
    },
  }
}
