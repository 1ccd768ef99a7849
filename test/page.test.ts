// @vitest-environment happy-dom
/** A whole reply in a page that is put away, falls asleep or loses its network. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { type StreamOptions, stream } from '../src/index.ts'
import { type FetchScript, scriptedFetch } from '../src/testing/index.ts'
import { page } from './support/page.ts'

const text = (content: string) => ({ choices: [{ index: 0, delta: { content } }] })
const WHOLE: FetchScript = {
  events: [
    text('The sea '),
    text('holds.'),
    { choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] },
    '[DONE]',
  ],
}
const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms)

beforeEach(() => {
  vi.useFakeTimers()
  page.reset()
})
afterEach(() => {
  page.reset()
  vi.useRealTimers()
})

const URL = 'https://api.example.com/v1/chat/completions'

function asked(scripts: readonly FetchScript[], options: StreamOptions = {}, url = URL) {
  const fetch = scriptedFetch(...scripts)
  const told = { retries: 0, stalls: [] as string[] }
  const reply = stream(url, {
    fetch,
    json: {},
    onRetry: () => {
      told.retries++
    },
    onStall: ({ phase }) => {
      told.stalls.push(phase)
    },
    ...options,
  })
  const answer = reply.answer()
  answer.catch(() => {})
  return { answer, fetch, told }
}

describe('a frozen clock that jumps ten minutes', () => {
  test('is no timeout: bytes that queued up are read, and nothing is sent again', async () => {
    const { answer, fetch, told } = asked([{ ...WHOLE, pieceMs: 290_000 }])
    await pass(575_000)
    page.freeze(600_000)
    await pass(600_000)
    expect((await answer).text).toBe('The sea holds.')
    expect(fetch.requests).toHaveLength(1)
    expect(told.retries).toBe(0)
  })

  test('and a dead socket: the next attempt is on its way within ten seconds of waking', async () => {
    const { answer, fetch } = asked([{ events: [text('The ')], end: 'stall' }, WHOLE])
    await pass(290_000)
    page.freeze(600_000)
    page.tell('pageshow')
    await pass(10_000)
    expect(fetch.requests).toHaveLength(2)
    expect((await answer).text).toBe('The sea holds.')
  })

  test('where even the monotonic clock slept: the same', async () => {
    const { answer, fetch } = asked([{ events: [text('The ')], end: 'stall' }, WHOLE])
    await pass(20_000)
    page.sleep(600_000)
    page.tell('online')
    await pass(10_000)
    expect(fetch.requests).toHaveLength(2)
    expect((await answer).text).toBe('The sea holds.')
  })
})

describe('a hidden tab', () => {
  test('gets its answer, and with it nothing else', async () => {
    const { answer, fetch } = asked([{ ...WHOLE, pieceMs: 10_000 }])
    await pass(5_000)
    page.hide()
    await pass(60_000)
    expect((await answer).text).toBe('The sea holds.')
    page.show()
    await pass(600_000)
    expect(fetch.requests).toHaveLength(1)
  })

  test('whose stream has died hears of it there, too', async () => {
    const { answer, fetch } = asked([{ events: [text('The ')], end: 'stall' }, WHOLE])
    await pass(5_000)
    page.hide()
    await pass(320_000)
    expect((await answer).text).toBe('The sea holds.')
    expect(fetch.requests).toHaveLength(2)
  })
})

describe('a network that goes and comes back', () => {
  test('is waited for, and asked once', async () => {
    const broken: FetchScript = { events: [text('The ')], pieceMs: 50, end: 'reset' }
    const { answer, fetch, told } = asked([broken, WHOLE], { stallMs: 15_000 })
    await pass(60)
    page.goOffline()
    await pass(120_000)
    expect(fetch.requests).toHaveLength(1)
    expect(told).toMatchObject({ retries: 1, stalls: expect.arrayContaining(['offline']) })
    page.goOnline()
    await pass(10)
    expect((await answer).text).toBe('The sea holds.')
    expect(fetch.requests).toHaveLength(2)
  })

  test.each<[string, FetchScript, string]>([
    ['a server that has answered 503', { status: 503, body: '{}' }, URL],
    ['a server that reported trouble', { events: [{ error: { message: 'Overloaded' } }] }, URL],
    ['a server whose stream broke', { events: [text('The ')], end: 'reset' }, URL],
    ['a server on this machine', { offline: true }, 'http://localhost:11434/api/chat'],
    ['a server on this machine', { offline: true }, 'http://model.localhost/api/chat'],
    ['a server on this machine', { offline: true }, 'http://127.0.0.1:8080/'],
    ['a server on this machine', { offline: true }, 'http://[::1]/'],
  ])('is not needed for %s, whatever the browser says', async (_who, script, url) => {
    page.goOffline()
    const { answer, fetch } = asked([script, WHOLE], {}, url)
    await pass(1_000)
    expect(fetch.requests).toHaveLength(2)
    expect((await answer).text).toBe('The sea holds.')
  })

  test('is needed for another server than the one that answered', async () => {
    page.goOffline()
    const endpoints = [{ url: URL }, { url: 'https://localhost.example.com' }]
    const { fetch } = asked([{ status: 503, body: '{}' }, WHOLE], { endpoints }, '')
    await pass(60_000)
    expect(fetch.requests).toHaveLength(1)
  })

  test('is waited for at the start as well', async () => {
    page.goOffline()
    const { answer, fetch } = asked([{ offline: true }, WHOLE])
    await pass(60_000)
    expect(fetch.requests).toHaveLength(1)
    page.goOnline()
    await pass(10)
    expect((await answer).text).toBe('The sea holds.')
  })

  test('is not waited for longer than totalMs', async () => {
    page.goOffline()
    const { answer } = asked([{ offline: true }, WHOLE], { timeouts: { totalMs: 30_000 } })
    await pass(40_000)
    await expect(answer).rejects.toMatchObject({ code: 'timeout', phase: 'total' })
  })

  test('is not waited for by a caller who has left', async () => {
    page.goOffline()
    const stopped = new AbortController()
    const { answer, fetch } = asked([{ offline: true }, WHOLE], { signal: stopped.signal })
    await pass(5_000)
    stopped.abort()
    await expect(answer).rejects.toMatchObject({ code: 'aborted' })
    page.goOnline()
    await pass(60_000)
    expect(fetch.requests).toHaveLength(1)
    expect(vi.getTimerCount()).toBe(0)
  })
})
