/** Several servers that stand in for each other: who is asked, who answers, and what is said of it. Real sockets. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import {
  createClient,
  plain,
  type Retry,
  type StreamFailure,
  type StreamOptions,
  stream,
} from '../../src/index.ts'
import { begun, finish, json, text, whole } from '../support/chat.ts'
import { type FaultServer, startFaultServer } from '../support/fault-server.ts'

let [first, second, third] = [] as unknown as [FaultServer, FaultServer, FaultServer]
const all = () => [first, second, third]

beforeAll(async () => {
  ;[first, second, third] = await Promise.all([startFaultServer(), startFaultServer(), startFaultServer()])
})
beforeEach(() => {
  for (const server of all()) server.play(whole('unasked'))
})
afterEach(async () => {
  for (const server of all()) await expect.poll(() => server.openSockets).toBe(0)
})
afterAll(() => Promise.all(all().map((server) => server.close())))

const url = (server: FaultServer) => ({ url: server.url })
const counts = () => all().map((server) => server.requests.length)
const unavailable = json(503, { error: { message: 'busy' } })

async function asked(options: StreamOptions) {
  const retries: Retry[] = []
  const outcome = await stream('', {
    json: { model: 'm', messages: [] },
    retry: { baseMs: 1 },
    endpoints: all().map(url),
    onRetry: (retry) => void retries.push(retry),
    ...options,
  })
    .answer()
    .catch((error: StreamFailure) => error)
  return { outcome, retries }
}

describe('a failure moves on', () => {
  test('to the next endpoint, at once, and the statistics say who answered and why the others did not', async () => {
    first.play(unavailable)
    second.play(begun([], 'RST'))
    third.play(whole('Hello'))
    const { outcome, retries } = await asked({ retry: { baseMs: 5_000 } })
    expect(outcome).toMatchObject({ text: 'Hello' })
    expect(retries.map(({ action, delayMs, url }) => [action, delayMs, url])).toEqual([
      ['failover', 0, second.url],
      ['failover', 0, third.url],
    ])
    const attempts = [
      { url: first.url, status: 503, error: 'http', message: 'The server answered 503: busy' },
      { url: second.url, status: 200, error: 'network' },
      { url: third.url, status: 200, error: undefined, message: undefined },
    ]
    expect(outcome).toMatchObject({ stats: { attempts } })
  })

  test('and in a second round back to the first, after a wait', async () => {
    for (const server of all()) server.play(unavailable)
    first.play(unavailable, whole('Hello'))
    const { outcome, retries } = await asked({ retry: { baseMs: 1, limit: 3 } })
    expect(outcome).toMatchObject({ text: 'Hello' })
    expect(retries.map(({ action }) => action)).toEqual(['failover', 'failover', 'retry'])
    expect(counts()).toEqual([2, 1, 1])
  })

  test('within the limit, which counts all endpoints together', async () => {
    for (const server of all()) server.play(unavailable)
    const { outcome } = await asked({ retry: { baseMs: 1, limit: 1 } })
    expect(outcome).toMatchObject({ code: 'http', attempts: 2 })
    expect(counts()).toEqual([1, 1, 0])
  })

  test('past a Retry-After nobody has to wait for', async () => {
    first.play(json(429, {}, { 'retry-after': '3600' }))
    second.play(unavailable, whole('Hello'))
    const { outcome } = await asked({ endpoints: [first, second].map(url), retry: { baseMs: 1 } })
    // The first one asked to be left alone, so the second one is asked again.
    expect(outcome).toMatchObject({ text: 'Hello' })
    expect(counts()).toEqual([1, 2, 0])
  })

  test('when a quota is used up, which is never asked of the same server again', async () => {
    const quota = json(429, { error: { code: 'insufficient_quota', message: 'pay' } })
    first.play(quota)
    second.play(quota)
    const { outcome } = await asked({ endpoints: [first, second].map(url) })
    expect(outcome).toMatchObject({ code: 'http', status: 429, attempts: 2 })
    expect(counts()).toEqual([1, 1, 0])
  })

  test('not for a mistake of the caller’s', async () => {
    first.play(json(400, {}))
    expect((await asked({})).outcome).toMatchObject({ code: 'http', status: 400, attempts: 1 })
    expect(counts()).toEqual([1, 0, 0])
  })
})

describe('after output', () => {
  test('an answer is not mixed from two servers: nobody agreed, so it fails with what there was', async () => {
    first.play(begun(['The sea'], 'RST'))
    const { outcome } = await asked({ onChunk: () => {} })
    expect(outcome).toMatchObject({ code: 'network', answer: { text: 'The sea' } })
    expect(counts()).toEqual([1, 0, 0])
  })

  test('with consent the next server begins anew, and what differs is taken back', async () => {
    first.play(begun(['The sea'], 'RST'))
    second.play(whole('The tide'))
    const kept: string[] = []
    const { outcome } = await asked({ onChunk: () => {}, onRewind: (_, { text }) => void kept.push(text) })
    expect(outcome).toMatchObject({ text: 'The tide' })
    expect(kept).toEqual(['The '])
  })
})

describe('each endpoint', () => {
  test('has its own headers, body and dialect over those of the call', async () => {
    first.play(unavailable)
    second.play({ steps: ['data: Hello\n\ndata: [DONE]\n\n', 'END'] })
    const { outcome } = await asked({
      headers: { 'x-all': 'a', 'x-key': 'call' },
      endpoints: [
        { url: first.url, headers: { 'x-key': 'one' } },
        { url: second.url, headers: { 'x-key': 'two' }, json: { model: 'other' }, dialect: plain },
      ],
    })
    expect(outcome).toMatchObject({ text: 'Hello' })
    expect(first.requests[0]?.headers).toMatchObject({ 'x-all': 'a', 'x-key': 'one' })
    expect(second.requests[0]?.headers).toMatchObject({ 'x-all': 'a', 'x-key': 'two' })
    expect([first, second].map((server) => server.requests[0]?.body)).toEqual([
      '{"model":"m","messages":[]}',
      '{"model":"other","messages":[]}',
    ])
  })

  test('has a breaker of its own: an open circuit is passed over without a request', async () => {
    const ai = createClient({
      endpoints: [first, second].map(url),
      breaker: { failures: 1 },
      retry: { baseMs: 1 },
    })
    first.play(unavailable)
    second.play(whole('Hello'))
    for (const expected of [
      ['http', undefined],
      ['circuit-open', undefined],
    ]) {
      const answer = await ai.stream('', { json: {} }).answer()
      expect(answer.stats.attempts.map(({ error }) => error)).toEqual(expected)
    }
    expect(counts()).toEqual([1, 2, 0])
    expect([first, second].map((server) => ai.health(server.url).state)).toEqual(['open', 'closed'])
  })

  test('has one even where several share an origin', async () => {
    first.play(unavailable, whole('Hello'))
    const [one, two] = [`${first.url}/one`, `${first.url}/two`]
    const ai = createClient({ endpoints: [{ url: one }, { url: two }], breaker: { failures: 1 } })
    expect(await ai.stream('', { json: {} }).text()).toBe('Hello')
    expect(await ai.stream('', { json: {} }).text()).toBe('Hello')
    expect(first.requests.map(({ url }) => url.split('/').at(-1))).toEqual(['one', 'two', 'two'])
    expect([one, two].map((each) => ai.health(each).state)).toEqual(['open', 'closed'])
  })

  test('with all circuits open nothing is sent, and the last real failure goes along', async () => {
    const ai = createClient({
      endpoints: [first, second].map(url),
      breaker: { failures: 1 },
      retry: { baseMs: 1, limit: 5 },
    })
    for (const server of all()) server.play(unavailable)
    const ask = () =>
      ai
        .stream('', { json: {} })
        .answer()
        .catch((error: StreamFailure) => error)
    expect(await ask()).toMatchObject({
      code: 'circuit-open',
      attempts: 2,
      cause: { code: 'http', status: 503 },
    })
    expect(await ask()).toMatchObject({ code: 'circuit-open', attempts: 0 })
    expect(counts()).toEqual([1, 1, 0])
  })

  test('an isolated server is passed over until it is put back', async () => {
    const ai = createClient({ endpoints: [first, second].map(url) })
    first.play(whole('one'))
    second.play(whole('two'))
    const restore = ai.isolate(first.url)
    expect(await ai.stream('', { json: {} }).text()).toBe('two')
    expect(ai.health().state).toBe('isolated')
    restore()
    expect(await ai.stream('', { json: {} }).text()).toBe('one')
  })
})

test('a stream that ends without an end is no answer at any endpoint', async () => {
  for (const server of all()) server.play(begun(['half'], 'END'))
  third.play({ steps: [text('whole'), finish(), 'END'] })
  expect((await asked({})).outcome).toMatchObject({ text: 'whole' })
})
