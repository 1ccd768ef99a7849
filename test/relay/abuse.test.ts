/** What a relay is sent by those who mean no good, or mean well and err. */
import { connect } from 'node:net'
import { describe, expect, test, vi } from 'vitest'
import { createClient } from '../../src/index.ts'
import { createRelay, memoryStore, type RelayOptions } from '../../src/relay/index.ts'
import { scriptedFetch } from '../../src/testing/index.ts'
import { QUESTION, startRelay } from '../support/relay.ts'

const hello = (turn: { say(...words: string[]): { finish(): void } }) => turn.say('Hello').finish()

describe('a question that is none', () => {
  test.each([
    ['no JSON', 'Hi', 400, 'bad_json'],
    ['nothing', '', 400, 'bad_json'],
    ['a text', '"Hi"', 400, 'bad_body'],
    ['a list', '[{}]', 400, 'bad_body'],
    ['null', 'null', 400, 'bad_body'],
    ['half of it', '{"model":', 400, 'bad_json'],
    ['too much', JSON.stringify({ text: 'x'.repeat(2000) }), 413, 'body_too_large'],
  ])('because it is %s', async (_what, body, status, code) => {
    const { url, model } = await startRelay({ script: hello, maxBodyBytes: 1000 })
    const response = await fetch(url, { method: 'POST', body })
    expect([response.status, response.headers.get('content-type')]).toEqual([status, 'application/json'])
    expect((await response.json()).error).toEqual({
      code,
      type: 'invalid_request_error',
      message: expect.any(String),
    })
    expect(model.turns.length).toBe(0)
  })

  test('because it is too much, and does not say so before', async () => {
    const relay = createRelay({ ai: createClient({ baseUrl: 'http://model.test' }), maxBodyBytes: 1000 })
    let sent = 0
    const body = new ReadableStream({
      pull(controller) {
        sent += 100
        controller.enqueue(new Uint8Array(100).fill(32))
      },
    })
    const request = new Request('http://relay.test/', { method: 'POST', body, duplex: 'half' } as RequestInit)
    expect((await relay.fetch(request)).status).toBe(413)
    expect(sent).toBeLessThan(2000)
  })

  test.each([
    ['{"text":"x"}', 200],
    [JSON.stringify({ text: 'x'.repeat(2000) }), 413],
  ])('or is one, though the engine does not show its body (Firefox)', async (body, status) => {
    const ai = createClient({ baseUrl: 'http://model.test', fetch: scriptedFetch({ events: ['[DONE]'] }) })
    const relay = createRelay({ ai, maxBodyBytes: 1000 })
    const request = new Request('http://relay.test/', { method: 'POST', body })
    Object.defineProperty(request, 'body', { value: undefined })
    expect((await relay.fetch(request)).status).toBe(status)
  })

  test.each([
    ['says nothing of its length', {}],
    ['says its length', { 'content-length': '40' }],
  ])('because it never ends, and %s', async (_what, headers) => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const relay = createRelay({ ai: createClient({ baseUrl: 'http://model.test' }) })
    const body = new ReadableStream({
      start: (controller) => controller.enqueue(new TextEncoder().encode('{')),
    })
    const init = { method: 'POST', headers, body, duplex: 'half' } as RequestInit
    const request = new Request('http://relay.test/', init)
    const responding = relay.fetch(request)
    await vi.advanceTimersByTimeAsync(10_001)
    expect((await responding).status).toBe(408)
    vi.useRealTimers()
  })
})

describe('an id of an odd kind', () => {
  test.each([
    'a',
    '..',
    `a${'0'.repeat(21)}`,
    `a${'0'.repeat(23)}`,
    `b${'0'.repeat(22)}`,
    `a${'0'.repeat(22)}`,
    `a${'%30'.repeat(22)}`,
    `A${'0'.repeat(22)}`,
    encodeURIComponent(`a${'0'.repeat(21)}\n`),
    '__proto__',
    'constructor',
    'x'.repeat(5000),
  ])('%j is the same 404', async (id) => {
    const { url } = await startRelay()
    for (const method of ['GET', 'DELETE', 'HEAD']) {
      const response = await fetch(`${url}/${id}`, { method })
      expect(response.status).toBe(404)
      if (method !== 'HEAD')
        expect(await response.text()).toBe(
          '{"error":{"message":"There is no such answer","type":"invalid_request_error","code":"not_found"}}',
        )
    }
  })
})

describe('a cursor', () => {
  test.each(['-1', '1.5', 'x', '1e3', '0x1', ' ', '９', '1'.repeat(16), '1,2', 'NaN', "' OR 1=1"])(
    'that is %j is 400',
    async (cursor) => {
      const { ask, at } = await startRelay({ script: hello })
      const response = await ask()
      await response.text()
      const given = await fetch(`${at(response)}?after=${encodeURIComponent(cursor)}`)
      expect([given.status, (await given.json()).error.code]).toEqual([400, 'bad_cursor'])
    },
  )

  test('that is empty is none', async () => {
    const { ask, at } = await startRelay({ script: hello })
    const response = await ask()
    const whole = await response.text()
    expect(await (await fetch(`${at(response)}?after=`)).text()).toContain(whole.slice(-100))
  })
})

describe('a key', () => {
  test.each(['', 'k'.repeat(256), 'ä', '\u007f'])('that is %j is 400', async (key) => {
    const relay = createRelay({ ai: createClient({ baseUrl: 'http://model.test' }) })
    const headers = { get: (name: string) => (name === 'idempotency-key' ? key : null) }
    const request = new Request('http://relay.test/', { method: 'POST', body: JSON.stringify(QUESTION) })
    Object.defineProperty(request, 'headers', { value: headers })
    expect((await relay.fetch(request)).status).toBe(400)
  })
})

describe('a method that is none', () => {
  test.each([
    ['PUT', '', 'GET, HEAD, POST, DELETE, OPTIONS'],
    ['PATCH', '/a0000000000000000000000', 'GET, HEAD, POST, DELETE, OPTIONS'],
    ['POST', '/a0000000000000000000000', 'GET, HEAD, DELETE, OPTIONS'],
    ['GET', '/a0000000000000000000000/stop', 'POST'],
  ])('%s %s is 405', async (method, path, allow) => {
    const { url } = await startRelay()
    const response = await fetch(url + path, { method })
    expect([response.status, response.headers.get('allow')]).toEqual([405, allow])
  })
})

describe('what is the house’s own fault', () => {
  test.each([
    ['ask', { ask: () => Promise.reject(new Error('own')) }],
    ['authorize', { authorize: () => Promise.reject(new Error('own')) }],
    ['authorize', { authorize: () => 42 as never }],
  ])('in %s is 500, without its words', async (_what, options) => {
    const told = vi.spyOn(console, 'error').mockImplementation(() => {})
    const { ask, model } = await startRelay(options)
    const response = await ask()
    expect([response.status, await response.json()]).toEqual([
      500,
      { error: { code: 'internal', type: 'server_error', message: 'The relay has failed' } },
    ])
    expect([told.mock.calls.length, model.turns.length]).toEqual([1, 0])
    told.mockRestore()
  })

  test('in onAnswer is told, and hurts nobody', async () => {
    const told = vi.spyOn(console, 'error').mockImplementation(() => {})
    const { ask } = await startRelay({
      script: hello,
      onAnswer() {
        throw new Error('own')
      },
    })
    expect(await (await ask()).text()).toContain(': holdfast done')
    expect(told).toHaveBeenCalledTimes(1)
    told.mockRestore()
  })

  test('in the body that the provider is sent is the answer’s end', async () => {
    const { ask } = await startRelay({ ask: () => ({ model: 1n }) })
    expect(await (await ask()).text()).toMatch(/"code":"\w+","retryable":false/)
  })
})

describe('too much', () => {
  test('of an answer ends it', async () => {
    const { ask } = await startRelay({
      maxAnswerBytes: 3000,
      script: (turn) => turn.say(...Array(100).fill('x'.repeat(100))).finish(),
    })
    const text = await (await ask()).text()
    expect(text).toContain('"code":"too_large","retryable":false')
    expect(text).toContain(': holdfast error')
  })

  test('of readers is refused, and those who are there stay', async () => {
    const { ask, at, model } = await startRelay({ maxReaders: 2 })
    const first = await ask()
    await model.turn(0)
    const second = await fetch(at(first))
    const third = await fetch(at(first))
    expect([third.status, third.headers.get('retry-after')]).toEqual([429, '5'])
    hello(await model.turn(0))
    for (const each of [first, second]) expect(await each.text()).toContain(': holdfast done')
  })

  test('of slow uploads and half requests leaves nothing behind', async () => {
    const { url, ask } = await startRelay({ script: hello })
    const { port } = new URL(url)
    for (let at = 0; at < 20; at++)
      connect(Number(port), '127.0.0.1', function (this: import('node:net').Socket) {
        this.write('POST /answers HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\n{"a"')
        setTimeout(() => this.destroy(), 20)
      }).on('error', () => {})
    await new Promise((resolve) => setTimeout(resolve, 100))
    expect(await (await ask()).text()).toContain(': holdfast done')
  })
})

describe('nobody', () => {
  test('who has gone without a word is waited for: the answer is abandoned, though its body was never read', async () => {
    const ended: string[] = []
    const { relay, model } = await startRelay({ abandonMs: 20, onAnswer: ({ state }) => ended.push(state) })
    const leaving = new AbortController()
    const init = { method: 'POST', body: JSON.stringify(QUESTION), signal: leaving.signal }
    await relay.fetch(new Request('http://relay.test/', init))
    const turn = await model.turn(0)
    leaving.abort()
    await turn.closed
    await expect.poll(() => ended).toEqual(['stopped'])
  })

  test('who has gone while the answer was asked for is waited for, too', async () => {
    const ended: string[] = []
    const leaving = new AbortController()
    const { relay } = await startRelay({
      abandonMs: 20,
      onAnswer: ({ state }) => ended.push(state),
      ask: () => {
        leaving.abort()
        return QUESTION
      },
    })
    const body = JSON.stringify(QUESTION)
    await relay.fetch(new Request('http://relay.test/', { method: 'POST', body, signal: leaving.signal }))
    await expect.poll(() => ended).toEqual(['stopped'])
  })

  test('is waited for by a relay that drains, once the question has been refused', async () => {
    let go = (): void => {}
    const asking = new Promise<object>((resolve) => {
      go = () => resolve(QUESTION)
    })
    const { ask, relay } = await startRelay({ script: hello, ask: () => asking })
    const asked = ask()
    await new Promise((resolve) => setTimeout(resolve, 50))
    const begun = performance.now()
    const drained = relay.drain({ graceMs: 30_000 })
    go()
    expect((await asked).status).toBe(503)
    await drained
    expect(performance.now() - begun).toBeLessThan(10_000)
  })

  test('is asked once the relay drains, though the question came before', async () => {
    let go = (): void => {}
    const asking = new Promise<object>((resolve) => {
      go = () => resolve(QUESTION)
    })
    const { ask, relay, model } = await startRelay({ script: hello, ask: () => asking })
    const asked = ask()
    await new Promise((resolve) => setTimeout(resolve, 50))
    const drained = relay.drain({ graceMs: 0 })
    go()
    expect((await asked).status).toBe(503)
    await drained
    expect(model.turns.length).toBe(0)
    expect((await ask()).status).toBe(503)
  })

  test('who asks the same twice is refused with half a Response', async () => {
    const { ask } = await startRelay({ ask: () => new Response('no', { status: 418 }) })
    const twins = [1, 2].map(() => ask({ headers: { 'idempotency-key': 'k'.repeat(22) } }))
    for (const each of await Promise.all(twins)) expect([each.status, await each.text()]).toEqual([418, 'no'])
  })
})

describe('0', () => {
  test('is no bound, and no clock', async () => {
    const off = {
      maxBodyBytes: 0,
      maxAnswerBytes: 0,
      maxRunning: 0,
      maxReaders: 0,
      heartbeatMs: 0,
      rotateMs: 0,
    }
    const store = memoryStore({ maxBytes: 0, maxAnswers: 0 })
    const { ask } = await startRelay({ script: hello, ...off, store })
    expect(await (await ask()).text()).toContain(': holdfast done')
  })

  test('of keepMs keeps nothing', async () => {
    const { ask, at } = await startRelay({ script: hello, keepMs: 0 })
    const asked = await ask()
    expect(await asked.text()).toContain(': holdfast done')
    await expect.poll(async () => (await fetch(at(asked))).status).toBe(404)
  })
})

describe('an option', () => {
  const ai = createClient({ baseUrl: 'http://model.test' })
  test.each([
    [{ ai: undefined as never }, 'ai must be a client, as createClient() makes it; received undefined'],
    [{ heartbeatMs: -1 }, 'heartbeatMs must be a number from 0 to 2147483647; received -1'],
    [{ keepMs: '5' as never }, 'keepMs must be a number from 0 to 2147483647; received "5"'],
    [{ leaseMs: 50 }, 'leaseMs must be at least 100; received 50'],
    [{ keepms: 5 } as never, 'keepms is not an option (keepMs?); known are ai, '],
    [
      { origins: ['app.example.com'] },
      'origins must list origins such as https://app.example.com, without a path; received "app.example.com"',
    ],
    [{ origins: 'https://a.example' as never }, 'origins must list origins'],
    [{ ask: 'x' as never }, 'ask must be a function; received "x"'],
    [{ store: 'redis' as never }, 'store must be an object; received "redis"'],
  ] as [Partial<RelayOptions>, string][])('%j is refused in words', (options, message) => {
    expect(() => createRelay({ ai, ...options })).toThrow(message)
  })

  test('abandonMs may be Infinity', () => {
    createRelay({ ai, abandonMs: Number.POSITIVE_INFINITY })
  })
})
