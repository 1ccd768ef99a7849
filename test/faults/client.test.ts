/** What the replies of one client share: places, a budget, a memory of failures. Real sockets. */
import { afterEach, describe, expect, test } from 'vitest'
import { createClient, type StateChange, type StreamFailure, stream } from '../../src/index.ts'
import { begun, json, whole } from '../support/chat.ts'
import type { Script } from '../support/fault-server.ts'
import { useServer } from '../support/use-server.ts'

const server = useServer()
const unavailable = json(503, {})
const failed = (error: StreamFailure) => error

afterEach(() => expect.poll(() => server.openSockets).toBe(0))

/** A promise, and the way to settle it. */
function gate() {
  let open = () => {}
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  return { opened, open }
}

describe('maxConcurrent', () => {
  test('lets further replies wait in order, and tells them their place', async () => {
    const { opened, open } = gate()
    server.play({ steps: [opened, ...(whole('a').steps ?? [])] }, whole('b'), whole('c'))
    const ai = createClient({ maxConcurrent: 1 })
    const places: string[] = []
    const replies = ['one', 'two', 'three'].map((name) =>
      ai.stream(server.url, { json: name, onQueued: ({ place }) => void places.push(`${name} ${place}`) }),
    )
    await expect.poll(() => places).toEqual(['two 1', 'three 2'])
    await expect.poll(() => server.requests.length).toBe(1)
    open()
    await Promise.all(replies.map((reply) => reply.answer()))
    expect(places).toEqual(['two 1', 'three 2', 'three 1'])
    expect(server.requests.map(({ body }) => body)).toEqual(['"one"', '"two"', '"three"'])
  })

  test('one that is aborted while it waits sends nothing and holds nobody up', async () => {
    const { opened, open } = gate()
    server.play({ steps: [opened, ...(whole('a').steps ?? [])] }, whole('c'))
    const ai = createClient({ maxConcurrent: 1 })
    const [one, two, three] = ['one', 'two', 'three'].map((json) => ai.stream(server.url, { json }))
    await expect.poll(() => server.requests.length).toBe(1)
    two?.cancel()
    expect(await two?.answer().catch(failed)).toMatchObject({ code: 'aborted', attempts: 0 })
    open()
    expect(await one?.text()).toBe('a')
    expect(await three?.text()).toBe('c')
    expect(server.requests.map(({ body }) => body)).toEqual(['"one"', '"three"'])
  })

  test('totalMs covers the wait', async () => {
    server.play({ steps: [': hi\n\n', 'HANG'] })
    const ai = createClient({ maxConcurrent: 1 })
    const one = ai.stream(server.url)
    const two = ai.stream(server.url, { timeouts: { totalMs: 40 } })
    expect(await two.answer().catch(failed)).toMatchObject({ code: 'timeout', phase: 'total', attempts: 0 })
    one.cancel()
    await one.answer().catch(() => {})
  })

  test.each<[string, Script[], object]>([
    ['an answer', [whole('a')], {}],
    ['a failure', [json(400, {})], {}],
    ['a cut', [begun(['a'], 'RST')], { onChunk: () => {} }],
    ['a timeout', [begun(['a'], 'HANG')], { timeouts: { idleMs: 30 }, onChunk: () => {} }],
    [
      'a callback that throws',
      [whole('a')],
      {
        onChunk: () => {
          throw new Error('boom')
        },
      },
    ],
  ])('%s frees the place', async (_what, scripts, options) => {
    server.play(...scripts, whole('next'))
    const ai = createClient({ maxConcurrent: 1 })
    const first = ai.stream(server.url, options).answer().catch(failed)
    const second = ai.stream(server.url)
    await first
    expect(await second.text()).toBe('next')
  })

  test('leaving a loop frees the place', async () => {
    server.play(begun(['a'], 'HANG'), whole('next'))
    const ai = createClient({ maxConcurrent: 1 })
    const first = ai.stream(server.url)
    const second = ai.stream(server.url)
    for await (const _delta of first) break
    expect(await second.text()).toBe('next')
  })

  test('an onQueued that throws ends its own reply only', async () => {
    const { opened, open } = gate()
    server.play({ steps: [opened, ...(whole('a').steps ?? [])] })
    const ai = createClient({ maxConcurrent: 1 })
    const one = ai.stream(server.url)
    const two = ai.stream(server.url, {
      onQueued: () => {
        throw new Error('boom')
      },
    })
    expect(await two.answer().catch(failed)).toMatchObject({ code: 'callback', callback: 'onQueued' })
    open()
    expect(await one.text()).toBe('a')
  })
})

describe('the budget', () => {
  test('is shared: when it is used up, every request is sent once', async () => {
    server.play(unavailable)
    const retry = { baseMs: 1, budget: { tokens: 3, perSuccess: 1 } }
    const ai = createClient({ breaker: false, retry })
    const attempts: number[] = []
    for (let i = 0; i < 4; i++)
      attempts.push(
        await ai
          .stream(server.url)
          .answer()
          .then(
            () => 0,
            ({ attempts }) => attempts,
          ),
      )
    expect(attempts).toEqual([3, 2, 1, 1])
  })

  test('bounds replies that fail together', async () => {
    server.play(unavailable)
    const ai = createClient({ breaker: false, retry: { limit: 1, baseMs: 20, budget: { tokens: 2 } } })
    await Promise.all(Array.from({ length: 10 }, () => ai.stream(server.url).answer().catch(failed)))
    expect(server.requests).toHaveLength(12)
  })

  test('is given back what an open circuit kept from being sent', async () => {
    server.play(unavailable)
    const ai = createClient({
      breaker: { failures: 1, key: (url) => url },
      retry: { limit: 1, baseMs: 1, budget: { tokens: 1, perSuccess: 0 } },
    })
    // Each first failure opens a circuit of its own, so that the attempt decided on is held back.
    const decided: string[] = []
    for (const path of ['one', 'two', 'three']) {
      const onRetry = () => void decided.push(path)
      const error = await ai.stream(`${server.url}/${path}`, { onRetry }).answer().catch(failed)
      expect(error).toMatchObject({ code: 'circuit-open', attempts: 1 })
    }
    expect(decided).toEqual(['one', 'two', 'three'])
    expect(server.requests).toHaveLength(3)
  })

  test('is filled by whole answers', async () => {
    const ai = createClient({ breaker: false, retry: { baseMs: 1, budget: { tokens: 1, perSuccess: 1 } } })
    server.play(unavailable, unavailable, whole('a'), unavailable, whole('b'))
    expect(await ai.stream(server.url).answer().catch(failed)).toMatchObject({ code: 'http', attempts: 2 })
    expect(await ai.stream(server.url).text()).toBe('a')
    expect(await ai.stream(server.url).text()).toBe('b')
  })

  test.each([
    ['false for the client', { budget: false as const }, {}],
    ['false for a call', { budget: { tokens: 0 } }, { retry: { budget: false as const } }],
    ['a call’s own', { budget: { tokens: 0 } }, { retry: { budget: { tokens: 9 } } }],
  ])('%s is obeyed', async (_what, budget, call) => {
    server.play(unavailable)
    const ai = createClient({ breaker: false, retry: { baseMs: 1, ...budget } })
    expect(await ai.stream(server.url, call).answer().catch(failed)).toMatchObject({ attempts: 3 })
  })
})

describe('the breakers', () => {
  test('tell of each change, by key', async () => {
    server.play(unavailable, unavailable, whole('a'))
    const changes: StateChange[] = []
    const ai = createClient({
      retry: false,
      breaker: {
        failures: 2,
        cooldownMs: 1,
        key: (url) => new URL(url).pathname,
        onStateChange: (change) => void changes.push(change),
      },
    })
    for (let i = 0; i < 2; i++) await ai.stream(server.url).answer().catch(failed)
    await new Promise((resolve) => setTimeout(resolve, 5))
    await ai.stream(server.url).answer()
    const key = '/v1/chat/completions'
    expect(changes).toEqual([
      { key, from: 'closed', to: 'open' },
      { key, from: 'open', to: 'half-open' },
      { key, from: 'half-open', to: 'closed' },
    ])
  })

  test('are kept over a page load', async () => {
    server.play(unavailable)
    const breaker = { failures: 1 }
    const before = createClient({ retry: false, breaker })
    await before.stream(server.url).answer().catch(failed)
    const saved = JSON.parse(JSON.stringify(before.saveBreakers()))
    const after = createClient({ retry: false, breaker: { ...breaker, saved } })
    expect(after.health(server.url)).toEqual(before.health(server.url))
    expect(await after.stream(server.url).answer().catch(failed)).toMatchObject({ code: 'circuit-open' })
    expect(server.requests).toHaveLength(1)
  })

  test.each([
    [{ breaker: { saved: { 'http://a': 'open' } } }, /^breaker\.saved .*"http:\/\/a" is "open"$/],
    [{ breaker: { saved: [] } }, undefined],
    [{ breaker: { key: 'origin' } }, /^breaker\.key must be a function; received "origin"$/],
    [{ breaker: { onStateChange: 1 } }, /^breaker\.onStateChange must be a function; received 1$/],
    [{ maxConcurrent: -1 }, /^maxConcurrent must be a number .*; received -1$/],
    [{ endpoints: [] }, /^endpoints must be a list of at least one endpoint; received an empty one$/],
  ])('%o', (options, message) => {
    const make = () => createClient(options as never)
    if (message) expect(make).toThrow(message)
    else expect(make).not.toThrow()
  })
})

describe('what a server asks for', () => {
  test.each<[string, Parameters<typeof json>]>([
    ['in its text', [429, { error: { message: 'Please try again in 70ms.' } }]],
    ['in RetryInfo', [429, { error: { details: [{ retryDelay: '0.07s' }] } }]],
    [
      'in a used-up rate limit',
      [429, {}, { 'x-ratelimit-remaining-tokens': '0', 'x-ratelimit-reset-tokens': '70ms' }],
    ],
  ])('%s is waited for', async (_what, refusal) => {
    server.play(json(...refusal), whole('a'))
    const delays: number[] = []
    const startedAt = performance.now()
    await stream(server.url, {
      retry: { jitter: 'none', baseMs: 1 },
      onRetry: ({ delayMs }) => void delays.push(delayMs),
    }).answer()
    // Counted from the response on, so of the 70 ms a busy machine has less left to wait; a timer may be 1 ms early.
    expect(performance.now() - startedAt).toBeGreaterThan(69)
    expect(Math.round(delays[0] ?? 0)).toBeLessThanOrEqual(71)
  })

  test('a 401 is answered once with fresh headers, at once, even without another retry', async () => {
    server.play(json(401, {}), json(401, {}))
    const seen: (string | undefined)[] = []
    const actions: string[] = []
    const error = await stream(server.url, {
      retry: { baseMs: 10_000 },
      headers: ({ error: before }) => {
        seen.push(before?.code)
        return { authorization: before ? 'Bearer fresh' : 'Bearer stale' }
      },
      onRetry: ({ action, delayMs }) => void actions.push(`${action} ${delayMs}`),
    })
      .answer()
      .catch(failed)
    expect(error).toMatchObject({ code: 'http', status: 401, attempts: 2 })
    expect(seen).toEqual([undefined, 'http'])
    expect(actions).toEqual(['refresh 0'])
    expect(server.requests.map(({ headers }) => headers.authorization)).toEqual([
      'Bearer stale',
      'Bearer fresh',
    ])
  })

  test('a 401 is final where the headers are always the same', async () => {
    server.play(json(401, {}))
    const headers = { authorization: 'Bearer x' }
    expect(await stream(server.url, { headers }).answer().catch(failed)).toMatchObject({ attempts: 1 })
  })

  test('an idempotency key stays the same for all attempts, and is another one for another reply', async () => {
    server.play(unavailable, whole('a'), whole('b'))
    for (let i = 0; i < 2; i++)
      await stream(server.url, { json: {}, idempotencyKey: true, retry: { baseMs: 1 } }).answer()
    const [one, two, three] = server.requests.map(({ headers }) => headers['idempotency-key'])
    expect(one).toMatch(/^[\w-]{20,}$/)
    expect(two).toBe(one)
    expect(three).not.toBe(one)
  })
})
