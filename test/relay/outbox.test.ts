/** What an answer costs its store: few writes, none of them late. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { Log } from '../../src/relay/log.ts'
import { memoryStore } from '../../src/relay/memory-store.ts'
import { Outbox } from '../../src/relay/outbox.ts'

const frame = (text: string) => `data: ${text}\n\n`

beforeEach(() => vi.useFakeTimers())
afterEach(() => vi.useRealTimers())

/** An answer, and how many events each write to its store brought, and after how many ms. */
async function outbox(gatherMs: number) {
  const inner = memoryStore()
  const startedAt = Date.now()
  const writes: { events: number; ms: number }[] = []
  const wrote = (frames: readonly string[]) =>
    void writes.push({ events: frames.length, ms: Date.now() - startedAt })
  const store = {
    ...inner,
    gatherMs,
    open: inner.open.bind(inner),
    async append(id: string, first: number, frames: readonly string[]) {
      wrote(frames)
      return inner.append(id, first, frames)
    },
    async end(...args: Parameters<typeof inner.end>) {
      wrote(args[3])
      return inner.end(...args)
    },
  }
  inner.start({ keepMs: 1000, leaseMs: 1000, onStop() {}, onWarning() {} })
  const log = new Log()
  const answer = { id: 'a', owner: '' }
  const box = new Outbox(store, answer, log, 1000, { onEnded() {}, onWarning() {} })
  await box.open()
  const over = box.run(true)
  await vi.advanceTimersByTimeAsync(0)
  return {
    writes,
    async say(frames: readonly string[], everyMs: number) {
      for (const each of frames) {
        log.add([each])
        box.tell()
        await vi.advanceTimersByTimeAsync(everyMs)
      }
    },
    end() {
      log.end('done')
      box.tell()
      return over
    },
  }
}

const WORDS = Array.from({ length: 100 }, (_, at) => frame(`w${at}`))

describe('a log that is written over a network', () => {
  test.each([
    // Words a second, one answer: a slow model, the usual one, a fast one.
    { everyMs: 75, most: 0.3 },
    { everyMs: 20, most: 0.15 },
    { everyMs: 5, most: 0.13 },
  ])('takes fewer than $most commands an event, at one every $everyMs ms', async ({ everyMs, most }) => {
    const { say, end, writes } = await outbox(50)
    await say(WORDS, everyMs)
    await end()
    expect(writes.reduce((sum, { events }) => sum + events, 0)).toBe(WORDS.length)
    expect(writes.length / WORDS.length).toBeLessThan(most)
  })

  test('a lone event waits for 250 ms', async () => {
    const { say, writes } = await outbox(50)
    await say([frame('alone')], 2000)
    expect(writes).toEqual([{ events: 1, ms: 250 }])
  })

  test('much is written at once, and so is the end', async () => {
    const { say, end, writes } = await outbox(50)
    await say([frame('x'.repeat(5000))], 10)
    expect(writes).toEqual([{ events: 1, ms: 0 }])
    await say([frame('last')], 10)
    await end()
    expect(writes.slice(1)).toEqual([{ events: 1, ms: 20 }])
  })
})

test('a log in memory is written as it comes', async () => {
  const { say, writes } = await outbox(0)
  await say(WORDS.slice(0, 5), 100)
  expect(writes.map(({ events }) => events)).toEqual([1, 1, 1, 1, 1])
})
