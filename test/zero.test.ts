/** `0` switches an option off, whatever it bounds. */
import { describe, expect, test } from 'vitest'
import { type ClientOptions, createClient, type StreamFailure, type StreamOptions } from '../src/index.ts'
import { type FetchScript, scriptedFetch } from '../src/testing/index.ts'

const delta = (content: string) => ({ choices: [{ index: 0, delta: { content } }] })
const BUSY: FetchScript = { status: 503, body: '{}' }
const WHOLE: FetchScript = { events: [delta('Hi'), '[DONE]'] }
const busyFor = (seconds: string): FetchScript => ({ ...BUSY, headers: { 'retry-after': seconds } })

/** What became of so many replies in a row. */
async function asked(
  count: number,
  scripts: readonly FetchScript[],
  options: StreamOptions,
  shared: ClientOptions = {},
) {
  const fetch = scriptedFetch(...scripts)
  const ai = createClient({ fetch, baseUrl: 'https://api.example.com', breaker: false, ...shared })
  const outcomes: string[] = []
  for (let at = 0; at < count; at++)
    outcomes.push(
      await ai
        .stream('', { json: {}, ...options })
        .text()
        .catch((error: StreamFailure) => error.code),
    )
  return { outcomes, requests: fetch.requests.length, health: ai.health() }
}

describe('0 means', () => {
  test('with retry.limit: no further attempt', async () => {
    expect(await asked(1, [BUSY], { retry: { limit: 0 } })).toMatchObject({ requests: 1 })
  })

  test('with retry.baseMs: no wait', async () => {
    const waits: number[] = []
    const onRetry = ({ delayMs }: { delayMs: number }) => void waits.push(delayMs)
    const options = { retry: { baseMs: 0 }, onRetry }
    expect(await asked(1, [BUSY, BUSY, WHOLE], options)).toMatchObject({ outcomes: ['Hi'] })
    expect(waits).toEqual([0, 0])
  })

  test('with retry.budget.tokens: no bound', async () => {
    const retry = { baseMs: 0, limit: 3, budget: { tokens: 0 } }
    expect(await asked(5, [BUSY], { retry })).toMatchObject({ requests: 20 })
    expect(await asked(5, [BUSY], {}, { retry })).toMatchObject({ requests: 20 })
  })

  test('with retry.maxRetryAfterMs: however long the server asks for', async () => {
    const scripts = [busyFor('0.01'), WHOLE]
    expect(await asked(1, scripts, { retry: { baseMs: 0, maxRetryAfterMs: 0 } })).toMatchObject({
      outcomes: ['Hi'],
    })
    expect(await asked(1, scripts, { retry: { baseMs: 0, maxRetryAfterMs: 1 } })).toMatchObject({
      outcomes: ['http'],
    })
  })

  test('with breaker.windowMs: failures count however old they are', async () => {
    const breaker = { windowMs: 0, failures: 3 }
    expect(await asked(4, [BUSY], { retry: false }, { breaker })).toMatchObject({
      requests: 3,
      outcomes: ['http', 'http', 'http', 'circuit-open'],
      health: { state: 'open' },
    })
  })

  test('with breaker.failures: a circuit that never opens', async () => {
    const breaker = { failures: 0 }
    expect(await asked(9, [BUSY], { retry: false }, { breaker })).toMatchObject({ requests: 9 })
  })

  test('with breaker.cooldownMs: a probe at once', async () => {
    const breaker = { failures: 1, cooldownMs: 0 }
    expect(await asked(3, [BUSY], { retry: false }, { breaker })).toMatchObject({ requests: 3 })
  })

  test('with maxEventBytes and maxAnswerChars: any size', async () => {
    const long = 'x'.repeat(100_000)
    const bounds = { maxEventBytes: 0, maxAnswerChars: 0 }
    expect(await asked(1, [{ events: [delta(long), '[DONE]'] }], bounds)).toMatchObject({ outcomes: [long] })
    const [chunk] = delta(long).choices
    const body = JSON.stringify({ choices: [{ ...chunk, finish_reason: 'stop' }] })
    const headers = { 'content-type': 'application/json' }
    expect(await asked(1, [{ body, headers }], bounds)).toMatchObject({ outcomes: [long] })
  })

  test('with maxConcurrent: any number at once', async () => {
    const fetch = scriptedFetch({ ...WHOLE, headersMs: 5 })
    const ai = createClient({ fetch, baseUrl: 'https://api.example.com', maxConcurrent: 0 })
    const texts = Array.from({ length: 20 }, () => ai.stream('', { json: {} }).text())
    expect(new Set(await Promise.all(texts))).toEqual(new Set(['Hi']))
  })
})

test('fresh headers after a 401 are no further attempt: retry: false does not keep them away', async () => {
  const given: number[] = []
  const headers = ({ attempt }: { attempt: number }) => {
    given.push(attempt)
    return { authorization: `Bearer token-${attempt}` }
  }
  const refused: FetchScript = { status: 401, body: '{}' }
  expect(await asked(1, [refused, WHOLE], { retry: false, headers })).toMatchObject({
    outcomes: ['Hi'],
    requests: 2,
  })
  expect(await asked(1, [refused], { retry: false, headers })).toMatchObject({
    outcomes: ['http'],
    requests: 2,
  })
  expect(await asked(1, [refused, BUSY], { retry: false, headers })).toMatchObject({ requests: 2 })
  expect(given).toEqual([1, 2, 1, 2, 1, 2])
})

test.each([
  ['json', 'GET', { json: {} }],
  ['body', 'head', { body: 'x' }],
])('%s with method %s is refused at the call', (name, method, options) => {
  const ai = createClient({ fetch: scriptedFetch(WHOLE) })
  const call = () => ai.stream('https://api.example.com', { ...options, method })
  expect(call).toThrow(`method ${method} has no body; received ${name}`)
})
