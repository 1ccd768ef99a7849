/** After thousands of replies on one signal nothing is left: no listener, no socket, no timer. */
import { getEventListeners } from 'node:events'
import { expect, test } from 'vitest'
import { createClient, type StreamOptions } from '../../src/index.ts'
import { DONE, json, text } from '../support/chat.ts'
import { useServer } from '../support/use-server.ts'

const server = useServer()

test('2,000 replies on one AbortSignal leave 0 listeners, 0 sockets and 0 timers', async () => {
  const { signal } = new AbortController()
  const timers = () => process.getActiveResourcesInfo().filter((resource) => resource === 'Timeout').length
  const before = timers()
  const ai = createClient({ method: 'POST', signal, retry: { baseMs: 0, limit: 1 }, breaker: false })
  // One of each way out: the end, an error, a retry, a break, a cancel, a throwing callback.
  const ways: readonly ((url: string) => Promise<unknown>)[] = [
    (url) => ai.stream(url).answer(),
    (url) => ai.stream(url, { retry: false, recovery: 'fail', onChunk: () => {} }).answer(),
    async (url) => {
      for await (const _delta of ai.stream(url)) break
    },
    (url) => {
      const reply = ai.stream(url)
      queueMicrotask(() => reply.cancel())
      return reply.answer()
    },
    (url) => ai.stream(url, { onChunk: thrower }).answer(),
    (url) => ai.stream(url, { onChunk: () => Promise.resolve() }).text(),
  ]
  const scripts = [
    { steps: [text('a') + DONE, 'HANG' as const] },
    { steps: [text('a'), 'END' as const] },
    json(503, { error: { message: 'Busy' } }),
    { steps: [text('a'), 'RST' as const] },
  ]
  let done = 0
  const worker = async (first: number) => {
    for (let i = first; i < 2_000; i += 8) {
      await ways[i % ways.length]?.(server.url).catch(() => {})
      done++
    }
  }
  // The scripts are dealt out to whichever request comes: every way out meets every fault.
  server.play(...Array.from({ length: 8_000 }, (_, i) => scripts[i % scripts.length] ?? {}))
  await Promise.all(Array.from({ length: 8 }, (_, i) => worker(i)))
  expect(done).toBe(2_000)
  // A whole answer parts from its connection in the background, and hears of the signal until then.
  await expect.poll(() => getEventListeners(signal, 'abort')).toHaveLength(0)
  await expect.poll(() => server.openSockets).toBe(0)
  await expect.poll(() => timers() - before, { interval: 10, timeout: 8_000 }).toBeLessThanOrEqual(0)
}, 60_000)

const thrower: NonNullable<StreamOptions['onChunk']> = () => {
  throw new Error('mine')
}
