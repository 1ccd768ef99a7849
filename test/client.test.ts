/** What replies of one client share, and how a call's own options go before it. The network is a function here. */
import { afterEach, describe, expect, test, vi } from 'vitest'
import type { StreamFailure } from '../src/errors/errors.ts'
import { type ClientOptions, createClient } from '../src/index.ts'
import type { StreamOptions } from '../src/options.ts'
import { scriptedFetch } from '../src/testing/index.ts'

const base = 'https://api.example.com/v1'

const JSON_TYPE = { 'content-type': 'application/json' }

/** Answers with these statuses, the last one from then on. */
function network(...statuses: readonly number[]) {
  const fetch = scriptedFetch(
    ...(statuses.length > 0 ? statuses : [200]).map((status) =>
      status === 200
        ? { events: [{ choices: [{ index: 0, delta: { content: 'Hi' } }] }, '[DONE]'] }
        : { status, headers: JSON_TYPE, body: '{}' },
    ),
  )
  return { fetch, requests: fetch.requests }
}

/** The one request that a call of a client makes. */
async function sent(defaults: ClientOptions, call: StreamOptions, input = `${base}/chat`): Promise<Request> {
  const { fetch, requests } = network()
  await createClient({ fetch, ...defaults })
    .stream(input, call)
    .answer()
  expect(requests).toHaveLength(1)
  return requests[0] as Request
}

async function failure(reply: { answer(): Promise<unknown> }): Promise<StreamFailure> {
  return reply.answer().then(
    () => expect.unreachable('the reply was expected to fail'),
    (error: StreamFailure) => error,
  )
}

afterEach(() => {
  vi.useRealTimers()
})

describe('a call', () => {
  test.each([
    ['/chat', `${base}/chat`],
    ['chat', `${base}/chat`],
    ['https://other.example/x', 'https://other.example/x'],
  ])('of %s goes to %s', async (input, url) => {
    expect((await sent({ baseUrl: base }, {}, input)).url).toBe(url)
    expect((await sent({ baseUrl: `${base}/` }, {}, input)).url).toBe(url)
  })

  test("takes the client's options where it has none of its own", async () => {
    const request = await sent({ method: 'PUT', credentials: 'omit' }, { json: { a: 1 } })
    expect([request.method, await request.text(), request.credentials]).toEqual(['PUT', '{"a":1}', 'omit'])
  })

  test("goes before the client's options, but undefined does not", async () => {
    const request = await sent(
      { method: 'PUT', credentials: 'include' },
      { json: { b: 2 }, method: undefined, credentials: 'omit' },
    )
    expect([request.method, await request.text(), request.credentials]).toEqual(['PUT', '{"b":2}', 'omit'])
  })

  test.each<[string, StreamOptions['headers'], StreamOptions['headers']]>([
    ['two objects', { 'x-a': '1', 'x-b': '1' }, { 'X-B': '2' }],
    ['two lists', [['x-a', '1']], [['x-b', '2']]],
    ['Headers and an object', new Headers({ 'x-a': '1', 'x-b': '1' }), { 'x-b': '2' }],
    ['a function and an object', () => ({ 'x-a': '1', 'x-b': '1' }), { 'x-b': '2' }],
    ['an object and a function', { 'x-a': '1', 'x-b': '1' }, async () => ({ 'x-b': '2' })],
    ['two functions', async () => ({ 'x-a': '1', 'x-b': '1' }), async () => new Headers({ 'x-b': '2' })],
  ])('has the headers of both, its own first: %s', async (_what, shared, own) => {
    const { headers } = await sent({ headers: shared }, { headers: own })
    expect([headers.get('x-a'), headers.get('x-b')]).toEqual(['1', '2'])
  })

  test.each([
    ['the client', { headers: { 'x-a': '1' } }, {}],
    ['the call', {}, { headers: { 'x-a': '1' } }],
    ['the client, and an undefined call', { headers: { 'x-a': '1' } }, { headers: undefined }],
  ])('has the headers of %s alone', async (_whose, defaults, call) => {
    expect((await sent(defaults, call)).headers.get('x-a')).toBe('1')
  })

  test('asks both headers functions before each attempt and tells them of the last', async () => {
    const { fetch } = network(503, 200)
    const [shared, own] = [vi.fn(async () => ({})), vi.fn(() => ({}))]
    await createClient({ fetch, headers: shared, retry: { baseMs: 0 } })
      .stream(base, { headers: own })
      .answer()
    for (const headers of [shared, own] as { mock: { calls: unknown[][] } }[])
      expect(headers.mock.calls).toEqual([
        [{ attempt: 1, error: undefined }],
        [{ attempt: 2, error: expect.objectContaining({ code: 'http', status: 503 }) }],
      ])
  })

  test('merges retry part by part', async () => {
    const { fetch, requests } = network(503)
    const ai = createClient({ fetch, breaker: false, retry: { limit: 1, baseMs: 0 } })
    await failure(ai.stream(base))
    expect(requests).toHaveLength(2)
    await failure(ai.stream(base, { retry: { statuses: [418] } }))
    await failure(ai.stream(base, { retry: false }))
    expect(requests).toHaveLength(4)
    await failure(ai.stream(base, { retry: { limit: 2 } }))
    expect(requests).toHaveLength(7)
  })

  test("may retry where the client's default is not to", async () => {
    const { fetch, requests } = network(503)
    const ai = createClient({ fetch, breaker: false, retry: false })
    await failure(ai.stream(base, { retry: { limit: 1, baseMs: 0 } }))
    expect(requests).toHaveLength(2)
  })

  test.each<[string, StreamOptions]>([
    ['names another clock', { timeouts: { totalMs: 90_000 } }],
    ['says undefined', { timeouts: { idleMs: undefined, connectMs: undefined } }],
    ['says nothing', {}],
  ])("keeps the client's timeouts when it %s", async (_what, call) => {
    vi.useFakeTimers()
    const never: typeof fetch = () => new Promise(() => {})
    const ai = createClient({ fetch: never, retry: false, timeouts: { connectMs: 70 } })
    const onError = vi.fn()
    const reply = ai.stream(base, { ...call, onError })
    await vi.advanceTimersByTimeAsync(70)
    reply.cancel()
    expect(onError).toHaveBeenCalledExactlyOnceWith(
      expect.objectContaining({ phase: 'connect', timeoutMs: 70 }),
    )
  })

  test("keeps the client's retry options when it says undefined", async () => {
    const { fetch, requests } = network(503)
    const ai = createClient({ fetch, breaker: false, retry: { limit: 0 } })
    await failure(ai.stream(base, { retry: { limit: undefined, baseMs: 0 } }))
    expect(requests).toHaveLength(1)
  })
})

describe('a client refuses', () => {
  test.each<[Record<string, unknown>, RegExp]>([
    [{ baseUrl: '/v1' }, /^baseUrl must be an http\(s\) URL.*; received "\/v1"$/],
    [{ baseUrl: 'ftp://a.example' }, /^baseUrl .*; received "ftp:\/\/a\.example"$/],
    [{ breaker: true }, /^breaker must be an object; received true$/],
    [{ breaker: { failures: -1 } }, /^breaker\.failures must be a number .*; received -1$/],
    [{ breaker: { threshold: 1 } }, /^breaker\.threshold is not an option; .*breaker\.failures/],
    [{ timeouts: { idleMs: '5' } }, /^timeouts\.idleMs .*; received "5"$/],
    [{ retry: { limit: -1 } }, /^retry\.limit .*; received -1$/],
    [
      { apiKeys: 1 },
      /^apiKeys is not an option \(apiKey\?\); known are baseUrl, breaker, maxConcurrent, json/,
    ],
    [{ onChunk: 'log' }, /^onChunk must be a function; received "log"$/],
  ])('%o at once', (options, message) => {
    expect(() => createClient(options as ClientOptions)).toThrow(TypeError)
    expect(() => createClient(options as ClientOptions)).toThrow(message)
  })

  test.each<[Record<string, unknown>, RegExp]>([
    [{ timeouts: 5 }, /^timeouts must be an object; received 5$/],
    [{ timeouts: { idle: 5 } }, /^timeouts\.idle is not an option/],
    [{ retry: true }, /^retry must be an object; received true$/],
    [{ baseUrl: base }, /^baseUrl is not an option/],
    [{ breaker: false }, /^breaker is not an option/],
    [{ headers: { 'x y': '1' } }, /^headers or apiKey hold what HTTP/],
  ])('a call with %o', (call, message) => {
    for (const shared of [{}, { headers: { 'x-a': '1' }, timeouts: { idleMs: 5 }, retry: { limit: 1 } }]) {
      const ai = createClient({ fetch: network().fetch, ...shared })
      expect(() => ai.stream(base, call as StreamOptions)).toThrow(message)
    }
  })
})

describe('health', () => {
  const shaky = { failures: 2, cooldownMs: 60_000 }
  const well = { state: 'closed', failures: 0, retryAt: undefined }

  test('is good before anything was asked', () => {
    const ai = createClient({ baseUrl: base })
    expect([ai.health(), ai.health('/chat'), ai.health('https://other.example')]).toEqual([well, well, well])
  })

  test('is kept for each server, not for each path, and the worst is told', async () => {
    const { fetch } = network(503)
    const ai = createClient({ fetch, baseUrl: base, retry: false, breaker: shaky })
    await failure(ai.stream('/a'))
    await failure(ai.stream('https://other.example/b'))
    expect(ai.health()).toMatchObject({ state: 'closed', failures: 1 })
    await failure(ai.stream('/c'))
    expect(ai.health('/anything')).toMatchObject({ state: 'open', failures: 2 })
    expect(ai.health('https://other.example')).toMatchObject({ state: 'closed', failures: 1 })
    expect(ai.health()).toMatchObject({ state: 'open', failures: 2 })
    expect(await failure(ai.stream('/d'))).toMatchObject({ code: 'circuit-open', attempts: 0 })
    expect(await failure(ai.stream('https://third.example'))).toMatchObject({
      code: 'http',
    })
  })

  test.each([false, { failures: 0 }] as const)('is always good with breaker: %o', async (breaker) => {
    const { fetch } = network(503)
    const ai = createClient({ fetch, retry: false, breaker })
    for (let i = 0; i < 9; i++) expect((await failure(ai.stream(base))).code).toBe('http')
    expect([ai.health(), ai.health(base)]).toEqual([well, well])
  })

  test('is not shared between clients', async () => {
    const { fetch } = network(503)
    const [one, two] = [1, 2].map(() => createClient({ fetch, retry: false, breaker: { failures: 1 } }))
    await failure(one?.stream(base) as { answer(): Promise<unknown> })
    expect([one?.health().state, two?.health().state]).toEqual(['open', 'closed'])
  })
})

describe('a callback of the client’s beside one of the call’s', () => {
  type Called = string[]
  const both = async (
    name: string,
    first: (...told: never[]) => unknown,
    second: (...told: never[]) => unknown,
    ...statuses: number[]
  ) => {
    const { fetch } = network(...statuses)
    const ai = createClient({ fetch, retry: { baseMs: 0, limit: 1 }, [name]: first })
    return ai
      .stream(base, { json: {}, [name]: second })
      .answer()
      .catch((error: StreamFailure) => error)
  }

  test.each([
    ['onChunk', [200]],
    ['onDelta', [200]],
    ['onEvent', [200]],
    ['onOpen', [200]],
    ['onRetry', [503, 200]],
    ['onError', [400]],
    ['onComplete', [200]],
  ])('is called first, and then the other: %s', async (name, statuses) => {
    const called: Called = []
    await both(
      name,
      () => void called.push('client'),
      () => void called.push('call'),
      ...statuses,
    )
    expect(called.slice(0, 2)).toEqual(['client', 'call'])
    expect(called.filter((each) => each === 'client')).toHaveLength(called.length / 2)
  })

  test('is waited for before the other is called', async () => {
    const called: Called = []
    const slow = async () => {
      await new Promise((resolve) => setTimeout(resolve, 5))
      called.push('client')
    }
    await both('onChunk', slow, () => void called.push('call'))
    expect(called).toEqual(['client', 'call'])
  })

  test('ends the reply when it throws', async () => {
    const other = vi.fn()
    const boom = () => {
      throw new Error('boom')
    }
    expect(await both('onChunk', boom, other)).toMatchObject({ code: 'callback', callback: 'onChunk' })
    expect(other).not.toHaveBeenCalled()
  })

  test('does not keep the last word from the other when it throws', async () => {
    const report = vi.spyOn(console, 'error').mockImplementation(() => {})
    const called = vi.fn()
    const boom = () => {
      throw new Error('boom')
    }
    expect(await both('onComplete', boom, called)).toMatchObject({ text: 'Hi' })
    expect(called).toHaveBeenCalledOnce()
    expect(report.mock.calls[0]?.[0]).toMatchObject({ message: 'boom' })
    report.mockRestore()
  })

  test('that is no function is refused at the call', () => {
    const ai = createClient({ fetch: network().fetch, onChunk: () => {} })
    const wrong = { onChunk: 'log' } as unknown as StreamOptions
    expect(() => ai.stream(base, wrong)).toThrow('onChunk must be a function; received "log"')
  })
})
