/** A call's options: checked once, at the call, with the name and the value in the message and no secret. */
import ky from 'ky'
import { describe, expect, test } from 'vitest'
import type { Checkpoint } from '../src/answer/checkpoint.ts'
import { auto } from '../src/dialects/auto.ts'
import { type Context, OPTION_NAMES, resolve as resolveFor, type StreamOptions } from '../src/options.ts'
import { retryDefaults } from '../src/policy/retry.ts'
import type { Endpoint } from '../src/request/endpoints.ts'
import { patient } from '../src/time/timeouts.ts'
import { everything } from './support/everything.ts'

const url = 'https://api.example.com/chat'

const resolve = (input: string | URL, options: StreamOptions, more: Partial<Context> = {}) =>
  resolveFor(input, options, { ...everything, ...more })

/** What JavaScript callers write. */
function refusal(options: Record<string, unknown>, input: unknown = url): string {
  try {
    resolve(input as string, options as StreamOptions)
  } catch (error) {
    expect(error).toBeInstanceOf(TypeError)
    return (error as TypeError).message
  }
  return expect.unreachable('the options were expected to be refused')
}

/** The one server there is without `endpoints`. */
function endpoint(...call: Parameters<typeof resolve>): Endpoint {
  const { endpoints } = resolve(...call)
  expect(endpoints).toHaveLength(1)
  return endpoints[0] as Endpoint
}

const CALLBACKS = OPTION_NAMES.filter((name) => /^on[A-Z]/.test(name))
const CLOCKS = ['connectMs', 'firstMs', 'idleMs', 'silenceMs', 'totalMs', 'growth']

describe('nothing given', () => {
  test('means the defaults', () => {
    const request = { url, method: 'GET', headers: undefined, body: undefined, contentType: undefined }
    expect(endpoint(url, {})).toMatchObject({ url, request, dialect: auto, breaker: undefined })
    expect(resolve(url, {})).toMatchObject({
      ...{ signal: undefined, timeouts: patient, stallMs: 15_000, retry: retryDefaults },
      ...{ recovery: 'auto', maxEventBytes: 16_777_216, maxAnswerChars: 67_108_864 },
    })
  })

  test('is what undefined means, for every option', () => {
    const all = Object.fromEntries(OPTION_NAMES.map((name) => [name, undefined]))
    const { callbacks: _given, ...plan } = resolve(url, all as StreamOptions)
    const { callbacks: _none, ...expected } = resolve(url, {})
    expect(plan).toEqual(expected)
  })

  test('is what undefined means inside timeouts and retry', () => {
    const plan = resolve(url, { timeouts: { idleMs: undefined }, retry: { limit: undefined } })
    expect([plan.timeouts, plan.retry]).toEqual([patient, retryDefaults])
  })
})

describe('a value given', () => {
  test('goes before its default, and 0 is one', () => {
    const { timeouts, retry, stallMs, maxEventBytes } = resolve(url, {
      timeouts: { idleMs: 0, growth: 2 },
      retry: { limit: 0, baseMs: 1, jitter: 'none' },
      ...{ stallMs: 0, maxEventBytes: 0 },
    })
    expect(timeouts).toEqual({ ...patient, idleMs: 0, growth: 2 })
    expect(retry).toEqual({ ...retryDefaults, limit: 0, baseMs: 1, jitter: 'none' })
    expect([stallMs, maxEventBytes]).toEqual([0, 0])
  })

  test('retry: false means no further attempt', () => {
    expect(resolve(url, { retry: false }).retry.limit).toBe(0)
  })

  test('retry.budget may be given in part, and false is none', () => {
    expect(resolve(url, { retry: { budget: { tokens: 3 } } }).budget?.tokens).toBe(3)
    expect(resolve(url, { retry: { budget: { perSuccess: 1 } } }).budget?.tokens).toBe(10)
    expect(resolve(url, { retry: { budget: undefined } }).budget?.tokens).toBe(10)
    expect(resolve(url, { retry: { budget: false } }).budget).toBeUndefined()
  })

  test('from is taken as it is', () => {
    const from: Checkpoint = { version: 1, url, text: 'The', reasoning: '', toolCalls: [] }
    expect(resolve(url, { from }).from).toBe(from)
  })

  test('a function is a dialect, under its own name', () => {
    const words = () => 'x'
    expect(endpoint(url, { dialect: words }).dialect.name).toBe('words')
    expect(
      endpoint(url, {
        dialect: (
          () => () =>
            'x'
        )(),
      }).dialect.name,
    ).toBe('custom')
  })

  test('a signal is known by its shape: it may come from another realm', () => {
    const signal = {
      aborted: false,
      addEventListener() {},
      removeEventListener() {},
    } as unknown as AbortSignal
    expect(resolve(url, { signal }).signal).toBe(signal)
  })
})

describe('retry.limit', () => {
  const limitOf = (count: number, retry?: StreamOptions['retry']) => {
    const endpoints = Array.from({ length: count }, (_, n) => ({ url: `https://n${n}.example` }))
    return resolve('', { endpoints, retry }).retry.limit
  }

  test.each([
    [1, 2],
    [3, 2],
    [4, 3],
    [9, 8],
  ])('lets each of %i endpoints be asked: %i', (count, limit) => {
    expect(limitOf(count)).toBe(limit)
    expect(limitOf(count, { limit: undefined, baseMs: 1 })).toBe(limit)
    expect(retryDefaults.limit).toBe(2)
  })

  test.each<[StreamOptions['retry'], number]>([
    [{ limit: 1 }, 1],
    [{ limit: 0 }, 0],
    [false, 0],
  ])('stays where it was given: %o', (retry, limit) => {
    expect(limitOf(9, retry)).toBe(limit)
  })
})

describe('a request', () => {
  test.each<[string, StreamOptions, object]>([
    ['with nothing to send is a GET', {}, { method: 'GET', body: undefined }],
    [
      'with json is a POST',
      { json: { a: 1 } },
      { method: 'POST', body: '{"a":1}', contentType: 'application/json' },
    ],
    ['with json of null is a POST', { json: null }, { method: 'POST', body: 'null' }],
    ['with a body is a POST', { body: 'x' }, { method: 'POST', body: 'x', contentType: undefined }],
    ['with a body of null is a GET', { body: null }, { method: 'GET', body: null }],
    ['has the method it was given', { json: 1, method: 'PUT' }, { method: 'PUT' }],
  ])('%s', (_sentence, options, expected) => {
    expect(endpoint(url, options).request).toMatchObject(expected)
  })

  test('keeps its json as it was at the call', () => {
    const json = { messages: ['one'] }
    const { request } = endpoint(url, { json })
    json.messages.push('two')
    expect(request.body).toBe('{"messages":["one"]}')
  })

  test('hands fetch its own options, and ours to nobody', () => {
    const fetch = async () => new Response()
    const { options } = endpoint(url, { credentials: 'include', mode: 'cors', fetch, stallMs: 5 }).request
    expect(options).toEqual({ credentials: 'include', mode: 'cors', fetch })
  })

  test("leaves a relative URL to the caller's ky instance, which may have a prefix", () => {
    expect(endpoint('chat', { http: ky }).request.url).toBe('chat')
    expect(endpoint('chat', { http: ky }, { baseUrl: 'https://a.example' }).request.url).toBe(
      'https://a.example/chat',
    )
  })
})

describe('is refused, by name and value:', () => {
  test.each<[string, Record<string, unknown>, RegExp]>([
    [
      'an unknown name',
      { onChunks: () => {} },
      /^onChunks is not an option \(onChunk\?\); known are json, body, /,
    ],
    ['timeouts of another kind', { timeouts: 5 }, /^timeouts must be an object; received 5$/],
    ['no timeouts', { timeouts: null }, /^timeouts must be an object; received null$/],
    [
      'an unknown clock',
      { timeouts: { idle: 5 } },
      /^timeouts\.idle is not an option \(idleMs\?\); .*timeouts\.idleMs/,
    ],
    ['a negative stallMs', { stallMs: -1 }, /^stallMs must be a number from 0 .*; received -1$/],
    ['a stallMs that is text', { stallMs: '5' }, /^stallMs must be a number .*; received "5"$/],
    ['a maxEventBytes without end', { maxEventBytes: Infinity }, /^maxEventBytes .*; received Infinity$/],
    ['a maxAnswerChars that is none', { maxAnswerChars: Number.NaN }, /^maxAnswerChars .*; received NaN$/],
    ['retry: true', { retry: true }, /^retry must be an object; received true$/],
    ['retry: null', { retry: null }, /^retry must be an object; received null$/],
    ['an unknown retry option', { retry: { max: 1 } }, /^retry\.max is not an option; .*retry\.limit/],
    ['half a retry', { retry: { limit: 1.5 } }, /^retry\.limit must be a whole number; received 1\.5$/],
    [
      'an unknown jitter',
      { retry: { jitter: 'half' } },
      /^retry\.jitter must be 'full', 'none'; received "half"$/,
    ],
    [
      'a shouldRetry that is none',
      { retry: { shouldRetry: true } },
      /^retry\.shouldRetry .*; received true$/,
    ],
    ['statuses that are none', { retry: { statuses: 503 } }, /^retry\.statuses .*; received 503$/],
    ['statuses that are text', { retry: { statuses: ['503'] } }, /^retry\.statuses .*; received an array$/],
    ['retry.budget: true', { retry: { budget: true } }, /^retry\.budget must be an object; received true$/],
    ['a budget of null', { retry: { budget: null } }, /^retry\.budget must be an object; received null$/],
    [
      'an unknown name in it',
      { retry: { budget: { ratio: 1 } } },
      /^retry\.budget\.ratio is not an option; /,
    ],
    ['no such tokens', { retry: { budget: { tokens: -1 } } }, /^retry\.budget\.tokens must .*; received -1$/],
    [
      'tokens in text',
      { retry: { budget: { tokens: '9' } } },
      /^retry\.budget\.tokens must .*; received "9"$/,
    ],
    [
      'no perSuccess',
      { retry: { budget: { perSuccess: NaN } } },
      /^retry\.budget\.perSuccess .*; received NaN$/,
    ],
    [
      'a from that is JSON',
      { from: '{}' },
      /^from must be what reply\.checkpoint\(\) gave, .*; this is no object$/,
    ],
    ['a from of another kind', { from: { text: 'x' } }, /^from must be .*; this has no known version$/],
    ['a from cut short', { from: { version: 1, url } }, /^from must be .*; this has no text$/],
    ['a resume that is none', { resume: '/rest' }, /^resume must be a function; received "\/rest"$/],
    [
      'an unknown recovery',
      { recovery: 'again' },
      /^recovery must be 'auto', 'resume', 'replay', 'fail'; received "again"$/,
    ],
    ['a controller for a signal', { signal: new AbortController() }, /^signal .* \(AbortController\)$/],
    ['a dialect by its name', { dialect: 'openai' }, /^dialect must be one .*; received "openai"$/],
    ['a dialect that is none', { dialect: { name: 'x' } }, /^dialect .*; received an object \(Object\)$/],
    ['a method that is no text', { method: 5 }, /^method must be a string; received 5$/],
    ['http that is no ky', { http: 'https://a.example' }, /^http must be a function; received "https/],
    ['fetch that is no function', { fetch: {} }, /^fetch must be a function; received an object \(Object\)$/],
    ['json and body', { json: 1, body: 'x' }, /^json and body cannot both be given/],
    ['json that is a function', { json: () => {} }, /^json must be a JSON value; received a function$/],
    ['json with a big integer', { json: { n: 5n } }, /^json cannot be serialised: .*BigInt/],
  ])('%s', (_what, options, message) => {
    expect(refusal(options)).toMatch(message)
  })

  test.each(CLOCKS)('a bad timeouts.%s', (name) => {
    expect(refusal({ timeouts: { [name]: -1 } })).toMatch(`timeouts.${name} must be a number from 0`)
    expect(refusal({ timeouts: { [name]: '1' } })).toMatch(/; received "1"$/)
  })

  test.each(['limit', 'baseMs', 'factor', 'maxMs', 'maxRetryAfterMs'])('a bad retry.%s', (name) => {
    expect(refusal({ retry: { [name]: Number.NaN } })).toMatch(`retry.${name} must be a number from 0`)
  })

  test.each(CALLBACKS)('an %s that is no function', (name) => {
    expect(refusal({ [name]: 'log' })).toBe(`${name} must be a function; received "log"`)
    expect(refusal({ [name]: null })).toBe(`${name} must be a function; received null`)
  })

  test.each([
    [null, 'options must be an object; received null'],
    ['json', 'options must be an object; received "json"'],
  ])('options that are %o', (options, message) => {
    expect(refusal(options as never)).toBe(message)
  })

  test.each([
    [5, 'input must be a string or a URL; received 5'],
    [null, 'input must be a string or a URL; received null'],
    [{ href: url }, 'input must be a string or a URL; received an object (Object)'],
  ])('an input of %o', (input, message) => {
    expect(refusal({}, input)).toBe(message)
  })
})

test('all thirteen callbacks are options', () => {
  expect(CALLBACKS).toHaveLength(13)
})

describe('no message shows', () => {
  const key = 'sk-SECRET'
  const round: { readonly prompt: string; self?: unknown } = { prompt: key }
  round.self = round

  test.each<[string, Record<string, unknown>, unknown?]>([
    ['the value of a header', { headers: { authorization: `Bearer\n${key}` } }],
    ['the value of a header in a list', { headers: [['authorization', `${key}\u20ac`]] }],
    ['what json holds', { json: round }],
    ['what a wrong option holds', { timeouts: { idleMs: { key } }, json: key }],
    ['what an unknown option holds', { secret: key }],
    ['what a wrong signal holds', { signal: { key } }],
    ['a password', {}, `https://user:${key}@api.example.com/`],
    ['a password with a slash', {}, `https://user:a/${key}@api.example.com/`],
    ['a password with a question mark', {}, `https://user:${key}?a@api.example.com/`],
    ['a password without a scheme', {}, `user:${key}@api.example.com/`],
    ['a query', {}, `htps://api.example.com/?key=${key}`],
    ['a fragment', {}, `htps://api.example.com/#${key}`],
  ])('%s', (_what, options, input) => {
    expect(refusal(options, input)).not.toMatch(/SECRET/)
  })
})
