/** The scripted fetch behaves like a network, and so do its faults. */
import { afterEach, describe, expect, test, vi } from 'vitest'
import { createClient, type Retry, type StreamFailure, stream } from '../../src/index.ts'
import { createRelay } from '../../src/relay/index.ts'
import { type FetchScript, scriptedFetch } from '../../src/testing/index.ts'

const url = 'https://api.example.com/v1'
const delta = (content: string) => ({ choices: [{ index: 0, delta: { content } }] })
const EVENTS = [delta('Grü'), delta('ße 😀'), '[DONE]']
const failed = (error: StreamFailure) => error

afterEach(() => vi.useRealTimers())

const ask = (...scripts: readonly FetchScript[]) =>
  stream(url, { fetch: scriptedFetch(...scripts), json: {}, retry: false, timeouts: { idleMs: 1_000 } })
    .answer()
    .catch(failed)

test('plays one script after another, the last one for all that follow, and keeps what it was asked', async () => {
  const fetch = scriptedFetch({ status: 503 }, { events: EVENTS })
  const texts = []
  for (let i = 0; i < 2; i++)
    texts.push(await stream(url, { fetch, json: { i }, retry: { baseMs: 0 } }).text())
  expect(texts).toEqual(['Grüße 😀', 'Grüße 😀'])
  expect(await Promise.all(fetch.requests.map((request) => request.json()))).toEqual([
    { i: 0 },
    { i: 0 },
    { i: 1 },
  ])
})

test.each([1, 2, 3, 7, 1_000])('cuts the body into pieces of %i bytes', async (pieceBytes) => {
  expect(await ask({ events: EVENTS, pieceBytes })).toMatchObject({ text: 'Grüße 😀' })
})

describe('ends', () => {
  test.each<[string, FetchScript, object]>([
    [
      'politely, too early',
      { events: EVENTS, cutAfterBytes: 70 },
      { code: 'truncated', answer: { text: 'Grü' } },
    ],
    ['by a reset', { events: EVENTS.slice(0, 1), end: 'reset' }, { code: 'network', phase: 'body' }],
    ['as a compressed response that broke off', { events: EVENTS, end: 'gzip-cut' }, { code: 'truncated' }],
    ['without a connection', { offline: true }, { code: 'network', phase: 'connect' }],
    ['without an event', {}, { code: 'truncated' }],
    ['without a body', { status: 204 }, { code: 'protocol' }],
    ['with a page', { headers: { 'content-type': 'text/html' }, body: '<p>' }, { code: 'protocol' }],
    ['with a refusal', { status: 400, body: '{"error":{"message":"No"}}' }, { code: 'http', status: 400 }],
  ])('%s', async (_how, script, outcome) => {
    expect(await ask(script)).toMatchObject(outcome)
  })

  test('not at all', async () => {
    vi.useFakeTimers()
    const reply = ask({ events: EVENTS.slice(0, 1), end: 'stall' })
    await vi.advanceTimersByTimeAsync(1_100)
    expect(await reply).toMatchObject({ code: 'timeout', phase: 'idle' })
  })
})

test('takes the time it is told to', async () => {
  vi.useFakeTimers()
  const reply = ask({ events: EVENTS, headersMs: 500, pieceMs: 300 })
  await vi.advanceTimersByTimeAsync(3_000)
  const { stats } = (await reply) as { stats: { headersMs: number; firstDeltaMs: number } }
  expect([stats.headersMs, stats.firstDeltaMs]).toEqual([500, 800])
})

test.each<[string, FetchScript]>([
  ['headers', { headersMs: 60_000 }],
  ['a piece', { events: EVENTS, pieceMs: 60_000 }],
  ['nothing', { end: 'stall' }],
])('obeys its signal while it waits for %s', async (_what, script) => {
  const controller = new AbortController()
  const fetch = scriptedFetch(script)
  const read = (async () => (await fetch(url, { signal: controller.signal })).text())()
  setTimeout(() => controller.abort(new Error('stop')), 5)
  await expect(read).rejects.toThrow('stop')
})

test('leaves no listener on its signal, however long the script and however it ends', async () => {
  const listeners = new Map<AbortSignal, number>()
  const count = (signal: AbortSignal, by: number) => listeners.set(signal, (listeners.get(signal) ?? 0) + by)
  const { addEventListener, removeEventListener } = AbortSignal.prototype
  vi.spyOn(AbortSignal.prototype, 'addEventListener').mockImplementation(function (
    this: AbortSignal,
    ...args
  ) {
    count(this, 1)
    addEventListener.apply(this, args as never)
  })
  vi.spyOn(AbortSignal.prototype, 'removeEventListener').mockImplementation(function (
    this: AbortSignal,
    ...args
  ) {
    count(this, -1)
    removeEventListener.apply(this, args as never)
  })
  const fetch = scriptedFetch(
    { events: Array.from({ length: 50 }, () => EVENTS[0]), pieceMs: 0.01, headersMs: 0.01 },
    { events: EVENTS, end: 'stall' },
  )
  await (await fetch(url)).text()
  const whole = fetch.requests[0]?.signal as AbortSignal
  expect(listeners.get(whole)).toBe(0)

  const controller = new AbortController()
  const stalled = (await fetch(url, { signal: controller.signal })).text()
  const other = fetch.requests[1]?.signal as AbortSignal
  await vi.waitFor(() => expect(listeners.get(other)).toBe(1))
  controller.abort(new Error('stop'))
  await expect(stalled).rejects.toThrow('stop')
  expect(listeners.get(other)).toBe(0)
})

describe('the wire of a relay', () => {
  const keptAt = '/v1/answers/a1'
  const kept: FetchScript = { keptAt, events: EVENTS }
  const quick = { json: {}, retry: { baseMs: 0 } }
  const asked = (requests: readonly Request[]) =>
    requests.map(({ method, url, headers }) =>
      [method, new URL(url).pathname, headers.get('last-event-id')].filter(Boolean).join(' '),
    )

  test.each<[string, FetchScript]>([
    ['a reset', { ...kept, cutAfterEvents: 1, end: 'reset' }],
    ['a polite end', { ...kept, cutAfterEvents: 1 }],
    ['half an event', { ...kept, cutAfterBytes: 80, end: 'reset' }],
  ])('is gone on with at its address after %s', async (_what, broken) => {
    const fetch = scriptedFetch(broken, kept)
    const heard: string[] = []
    const reply = stream(url, { fetch, ...quick, onChunk: (text) => void heard.push(text) })
    expect(await reply.text()).toBe('Grüße 😀')
    expect(heard).toEqual(['Grü', 'ße 😀'])
    expect(asked(fetch.requests)).toEqual(['POST /v1', `GET ${keptAt} 1`])
  })

  test('has a verdict of its own, which is not asked about', async () => {
    const lost = { error: { message: 'Gone', type: 'relay_error', code: 'lost', retryable: false } }
    const fetch = scriptedFetch({ keptAt, events: [EVENTS[0], lost] })
    const error = await stream(url, { fetch, ...quick })
      .answer()
      .catch(failed)
    expect(error).toMatchObject({ code: 'api', providerCode: 'lost', answer: { text: 'Grü' } })
    expect(fetch.requests).toHaveLength(1)
  })

  test('says that nothing is left', async () => {
    const fetch = scriptedFetch({ ...kept, events: EVENTS.slice(0, 2), end: 'reset' })
    const error = await stream(url, { fetch, ...quick, onChunk() {} })
      .answer()
      .catch(failed)
    expect(error).toMatchObject({ code: 'truncated', answer: { text: 'Grüße 😀' } })
    expect(asked(fetch.requests)).toEqual(['POST /v1', `GET ${keptAt} 2`])
  })

  test('says when to go on, and breaks more than once', async () => {
    const waits: number[] = []
    const broken: FetchScript = { ...kept, cutAfterEvents: 1, retryMs: 20, end: 'reset' }
    const options = { ...quick, onChunk() {}, onRetry: ({ delayMs }: Retry) => void waits.push(delayMs) }
    const fetch = scriptedFetch(broken, broken, kept)
    expect(await stream(url, { fetch, ...options }).text()).toBe('Grüße 😀')
    expect(asked(fetch.requests)).toEqual(['POST /v1', `GET ${keptAt} 1`, `GET ${keptAt} 2`])
    expect(waits.map((ms) => ms >= 20 && ms < 22)).toEqual([true, true])
  })

  test('is told to stop', async () => {
    const fetch = scriptedFetch({ ...kept, cutAfterEvents: 1, end: 'stall' })
    const reply = stream(url, { fetch, ...quick, onChunk: () => reply.stop() })
    expect(await reply.answer().catch(failed)).toMatchObject({ code: 'aborted', answer: { text: 'Grü' } })
    await vi.waitFor(() => expect(asked(fetch.requests)).toEqual(['POST /v1', `DELETE ${keptAt}`]))
  })

  test('is read from its start by a second tab', async () => {
    const fetch = scriptedFetch(kept)
    expect(await stream(`https://api.example.com${keptAt}`, { fetch }).text()).toBe('Grüße 😀')
    expect(asked(fetch.requests)).toEqual([`GET ${keptAt}`])
  })

  test('is that of the real one', async () => {
    const ai = createClient({ baseUrl: url, fetch: scriptedFetch({ events: EVENTS }) })
    const relay = createRelay({ ai })
    const post = { method: 'POST', body: '{}', headers: { 'content-type': 'application/json' } }
    const real = await relay.fetch(new Request('https://own.test/api/chat', post))
    const scripted = await scriptedFetch(kept)(url, post)
    const ours = /^(?:id|data): .*$/gm
    expect((await scripted.text()).match(ours)).toEqual((await real.text()).match(ours))
    expect(real.headers.get('content-location')).toMatch(/^\/api\/chat\/a/)
    expect(scripted.headers.get('content-location')).toBe(keptAt)
  })
})
