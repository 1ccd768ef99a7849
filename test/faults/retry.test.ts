/** Another attempt before output, on real sockets. */
import { describe, expect, test } from 'vitest'
import { createClient, type Retry, type StreamFailure, type StreamOptions, stream } from '../../src/index.ts'
import { begun, json, whole } from '../support/chat.ts'
import { useServer } from '../support/use-server.ts'

const server = useServer()
const unavailable = json(503, { error: { message: 'Overloaded', type: 'server_error' } })
const quick: StreamOptions = { json: { model: 'm' }, retry: { baseMs: 1 } }

async function failure(reply: { answer(): Promise<unknown> }): Promise<StreamFailure> {
  return reply.answer().then(
    () => expect.unreachable('the reply was expected to fail'),
    (error: StreamFailure) => error,
  )
}

describe('before output', () => {
  test('two 503s are passed over and the text comes once', async () => {
    server.play(unavailable, unavailable, whole('Hel', 'lo'))
    const retries: Retry[] = []
    const chunks: string[] = []
    const answer = await stream(server.url, {
      ...quick,
      onRetry: (retry) => void retries.push(retry),
      onChunk: (text) => void chunks.push(text),
    }).answer()
    expect(chunks).toEqual(['Hel', 'lo'])
    expect(answer.text).toBe('Hello')
    expect(answer.stats.attempts.map(({ status, error }) => [status, error])).toEqual([
      [503, 'http'],
      [503, 'http'],
      [200, undefined],
    ])
    expect(retries.map(({ attempt, reason }) => [attempt, reason])).toEqual([
      [2, 'the server answered 503'],
      [3, 'the server answered 503'],
    ])
    expect(retries[1]?.error).toMatchObject({ code: 'http', status: 503, attempts: 2, retryable: true })
  })

  test('the same body is sent each time', async () => {
    server.play(unavailable, whole('x'))
    const body = { messages: ['one'] }
    const reply = stream(server.url, { ...quick, json: body })
    body.messages.push('two')
    await reply.answer()
    expect(server.requests.map((request) => request.body)).toEqual(Array(2).fill('{"messages":["one"]}'))
    expect(server.requests[0]?.method).toBe('POST')
    expect(server.requests[0]?.headers['content-type']).toBe('application/json')
  })

  test.each([
    ['a 503', unavailable],
    ['a reset', { steps: [' ', 'RST' as const] }],
    ['nothing', { steps: ['END' as const] }],
    [
      'an in-band overload',
      begun([], 'data: {"error":{"type":"overloaded_error","message":"Busy"}}\n\n', 'END'),
    ],
  ])('a server that always gives %s is asked limit + 1 times', async (_name, script) => {
    server.play(script)
    const error = await failure(stream(server.url, { ...quick, retry: { baseMs: 1, limit: 3 } }))
    expect(server.requests).toHaveLength(4)
    expect(error).toMatchObject({ attempts: 4, retryable: true })
  })

  test.each([
    ['a 400', json(400, { error: { message: 'Bad' } })],
    ['a 401', json(401, { error: { message: 'No key' } })],
    ['a used-up quota', json(429, { error: { message: 'Pay', code: 'insufficient_quota' } })],
    ['a server that says x-should-retry: false', json(503, {}, { 'x-should-retry': 'false' })],
  ])('%s is not tried again', async (_name, script) => {
    server.play(script)
    const error = await failure(stream(server.url, quick))
    expect(server.requests).toHaveLength(1)
    expect(error.retryable).toBe(false)
  })

  test('Retry-After is a floor', async () => {
    server.play(json(429, {}, { 'retry-after-ms': '80', 'retry-after': '1' }), whole('x'))
    const delays: number[] = []
    const startedAt = performance.now()
    await stream(server.url, { ...quick, onRetry: ({ delayMs }) => void delays.push(delayMs) }).answer()
    // Counted from the response on, so of the 80 ms a busy machine has less left to wait; a timer may be 1 ms early.
    expect(performance.now() - startedAt).toBeGreaterThan(79)
    expect(delays[0]).toBeLessThan(82)
  })

  test('a Retry-After beyond the cap fails at once and the error carries it', async () => {
    server.play(json(429, { error: { message: 'Slow down' } }, { 'retry-after': '3600' }))
    const error = await failure(stream(server.url, quick))
    expect(error).toMatchObject({ code: 'http', status: 429, retryAfterMs: 3_600_000, attempts: 1 })
    expect(error.message).toContain('Slow down')
  })

  test('headers are asked for before each attempt and see what ended the last one', async () => {
    server.play(json(503, {}), whole('x'))
    const headers: NonNullable<StreamOptions['headers']> = async ({ attempt, error }) => ({
      'x-attempt': `${attempt} after ${error?.code ?? 'nothing'}`,
    })
    await stream(server.url, { ...quick, headers }).answer()
    expect(server.requests.map((request) => request.headers['x-attempt'])).toEqual([
      '1 after nothing',
      '2 after http',
    ])
  })

  test('a body that is a stream is sent once', async () => {
    server.play(unavailable)
    const body = new Blob(['{}']).stream()
    // Node wants `duplex` for a streamed body; ky sets it.
    const error = await failure(stream(server.url, { body, retry: { baseMs: 1 } }))
    expect(error).toMatchObject({ code: 'http', attempts: 1 })
    expect(server.requests).toHaveLength(1)
  })

  test('an attempt that would come after totalMs is not waited for', async () => {
    server.play(json(503, {}, { 'retry-after': '30' }))
    const error = await failure(stream(server.url, { ...quick, timeouts: { totalMs: 2_000 } }))
    expect(error).toMatchObject({ code: 'http', status: 503, attempts: 1 })
  })

  test('the clocks grow with each attempt', async () => {
    server.play({})
    const limits: number[] = []
    const timeouts = { connectMs: 30, growth: 2 }
    await failure(
      stream(server.url, {
        ...quick,
        timeouts,
        onRetry: ({ error }) => void (error.code === 'timeout' && limits.push(error.timeoutMs)),
      }),
    )
    expect(limits).toEqual([30, 60])
  })
})

describe('the breaker of a client', () => {
  test('opens after the failures it was given and then nothing is sent', async () => {
    server.play(unavailable)
    const ai = createClient({ retry: quick.retry, breaker: { failures: 4 } })
    await failure(ai.stream(server.url))
    expect(ai.health()).toMatchObject({ state: 'closed', failures: 3 })
    const error = await failure(ai.stream(server.url))
    expect(error).toMatchObject({ code: 'circuit-open', attempts: 1 })
    expect(error.cause).toMatchObject({ code: 'http', status: 503 })
    expect(ai.health()).toMatchObject({ state: 'open', failures: 4 })
    expect(ai.health().retryAt).toBeGreaterThan(Date.now())
    const refused = await failure(ai.stream(server.url))
    expect(refused).toMatchObject({ code: 'circuit-open', attempts: 0, retryable: false })
    expect(server.requests).toHaveLength(4)
  })

  test('hears of the end of the stream, not of its headers', async () => {
    server.play(begun(['Hel'], 'RST'))
    const ai = createClient({ retry: false, breaker: { failures: 2, cooldownMs: 60_000 } })
    await failure(ai.stream(server.url))
    await failure(ai.stream(server.url))
    expect(ai.health().state).toBe('open')
  })

  test('lets one probe through after the cool-down and closes when it succeeds', async () => {
    server.play(unavailable)
    const ai = createClient({ retry: false, breaker: { failures: 1, cooldownMs: 300 } })
    await failure(ai.stream(server.url))
    expect(ai.health().state).toBe('open')
    await expect.poll(() => ai.health().state).toBe('half-open')
    server.play(begun(['probe'], { wait: 30 }, ...(whole('x').steps ?? [])))
    const probe = ai.stream(server.url).text()
    // The second waits for the probe's first word, and no longer.
    server.play(begun(['probe'], { wait: 30 }, ...(whole('x').steps ?? [])), whole('second'))
    const second = ai.stream(server.url).text()
    expect(await Promise.all([probe, second])).toEqual(['probex', 'second'])
    expect(ai.health()).toEqual({ state: 'closed', failures: 0, retryAt: undefined })
  })

  test('does not count what the caller ends', async () => {
    server.play(begun(['Hel'], 'HANG'))
    const ai = createClient({ breaker: { failures: 1 } })
    for await (const _delta of ai.stream(server.url)) break
    expect(ai.health()).toMatchObject({ state: 'closed', failures: 0 })
  })
})
