/** Servers that can stand in for each other: what each is asked for, and lists that are refused. */
import { describe, expect, test } from 'vitest'
import { auto } from '../../src/dialects/auto.ts'
import type { Dialect } from '../../src/dialects/dialect.ts'
import { plain } from '../../src/dialects/plain.ts'
import { resolve as resolveFor, type StreamOptions } from '../../src/options.ts'
import { Breaker, breakerDefaults } from '../../src/policy/breaker.ts'
import {
  type CallOptions,
  type Endpoint,
  type EndpointOptions,
  resolveEndpoints,
  type Surroundings,
} from '../../src/request/endpoints.ts'
import { checkedEndpoints } from '../../src/request/several.ts'
import { everything } from '../support/everything.ts'

const first = 'https://one.example/v1'
const second = 'https://two.example/v1'

function resolved(options: CallOptions, input = 'chat', around: Surroundings = {}): readonly Endpoint[] {
  return resolveEndpoints(input, options, { ...everything, ...around })
}

const resolve = (input: string, options: StreamOptions) => resolveFor(input, options, everything)

/** What the one endpoint of a call makes of it. */
function request(own: Partial<EndpointOptions>, call: CallOptions = {}): Endpoint['request'] {
  const [endpoint] = resolved({ ...call, endpoints: [{ url: first, ...own }] })
  return (endpoint as Endpoint).request
}

function headersOf({ headers }: Endpoint['request']): Record<string, string> {
  return Object.fromEntries(new Headers(headers as HeadersInit))
}

/** What JavaScript callers write. */
function refusal(options: Record<string, unknown>, input: unknown = 'chat'): string {
  try {
    resolve(input as string, options as StreamOptions)
  } catch (error) {
    expect(error).toBeInstanceOf(TypeError)
    return (error as TypeError).message
  }
  return expect.unreachable('the options were expected to be refused')
}

describe('without endpoints', () => {
  test('there is one, at the input', () => {
    const [endpoint, ...none] = resolved({ json: 1 }, `${first}/chat?key=1`)
    expect(none).toEqual([])
    expect(endpoint).toMatchObject({ url: `${first}/chat`, dialect: auto, breaker: undefined })
    expect(endpoint?.request).toMatchObject({ url: `${first}/chat?key=1`, method: 'POST', body: '1' })
  })
})

describe('a URL', () => {
  test.each([
    ['https://a.example/v1', 'chat', 'https://a.example/v1/chat'],
    ['https://a.example/v1/', '/chat', 'https://a.example/v1/chat'],
    ['https://a.example/v1//', '/chat', 'https://a.example/v1/chat'],
    ['https://a.example', 'v1/chat?x=1', 'https://a.example/v1/chat?x=1'],
    ['https://a.example/v1/chat', '', 'https://a.example/v1/chat'],
    ['https://a.example/v1/chat/', '', 'https://a.example/v1/chat/'],
    ['https://a.example/chat?version=1', '', 'https://a.example/chat?version=1'],
  ])('of %s and an input of %j is %s', (url, input, expected) => {
    expect(resolved({ endpoints: [{ url }] }, input)[0]?.request.url).toBe(expected)
    expect(resolved({ endpoints: [{ url: new URL(url) }] }, input)[0]?.request.url).toBe(expected)
  })

  test('that is relative follows the base of the client', () => {
    const around = { baseUrl: 'https://a.example/api/' }
    const endpoints = [{ url: 'v1' }, { url: second }]
    expect(resolved({ endpoints }, 'chat', around).map(({ request }) => request.url)).toEqual([
      'https://a.example/api/v1/chat',
      `${second}/chat`,
    ])
  })

  test('is shown without its query', () => {
    expect(resolved({ endpoints: [{ url: `${first}?key=sk-1` }] }, '')[0]?.url).toBe(first)
  })

  test.each([
    'https://b.example/chat',
    '//b.example/chat',
    'HTTP://b.example',
    'data:x',
    'https://user:pw@b.example/?k=1',
    new URL('https://b.example'),
  ])('must be relative as an input where there are endpoints: not %s', (input) => {
    const message = refusal({ endpoints: [{ url: first }] }, input)
    expect(message).toMatch(/^input must be relative where there are endpoints; received "/)
    expect(message).not.toMatch(/pw|k=1/)
  })
})

describe('an endpoint', () => {
  const call: CallOptions = {
    json: { model: 'a', messages: ['hi'], options: { deep: 1 } },
    headers: { authorization: 'Bearer one', 'x-app': 'sea' },
    method: 'POST',
    credentials: 'include',
  }

  test('that says nothing is asked as the call says', () => {
    const given = request({}, call)
    expect(given).toMatchObject({ method: 'POST', contentType: 'application/json' })
    expect(given.body).toBe(JSON.stringify(call.json))
    expect(given.options).toEqual({ credentials: 'include' })
    expect(headersOf(given)).toEqual({ authorization: 'Bearer one', 'x-app': 'sea' })
  })

  test.each<[string, unknown, unknown]>([
    ['a key of its own', { model: 'b' }, { model: 'b', messages: ['hi'], options: { deep: 1 } }],
    ['a key more', { seed: 1 }, { ...(call.json as object), seed: 1 }],
    ['a key of undefined, which leaves it', { model: undefined }, call.json],
    ['a key of null', { model: null }, { ...(call.json as object), model: null }],
    [
      'an object, which replaces the one below',
      { options: { x: 1 } },
      { ...(call.json as object), options: { x: 1 } },
    ],
    ['a list, which replaces all', [1], [1]],
    ['null, which replaces all', null, null],
  ])('lays its json over the call’s: %s', (_what, json, expected) => {
    expect(JSON.parse(request({ json }, call).body as string)).toEqual(expected)
  })

  test('has its json alone where the call has none', () => {
    expect(request({ json: { model: 'b' } })).toMatchObject({ method: 'POST', body: '{"model":"b"}' })
  })

  test('merges its headers, name by name', () => {
    const given = request({ headers: { Authorization: 'Bearer two', 'x-more': '1' } }, call)
    expect(headersOf(given)).toEqual({ authorization: 'Bearer two', 'x-app': 'sea', 'x-more': '1' })
    expect(headersOf(request({ headers: { a: '1' } }))).toEqual({ a: '1' })
  })

  test('merges headers that are made for each attempt', async () => {
    const { headers } = request({ headers: async () => ({ authorization: 'Bearer two' }) }, call)
    if (typeof headers !== 'function') return expect.unreachable('a function was expected to stay one')
    const made = await headers({ attempt: 1, error: undefined })
    expect(Object.fromEntries(new Headers(made))).toEqual({ authorization: 'Bearer two', 'x-app': 'sea' })
  })

  test('has its own method, search parameters, fetch and the like, else those of the call', () => {
    const fetch = async () => new Response()
    const own = { method: 'PUT', credentials: 'omit', searchParams: { x: 1 }, fetch } as const
    const given = request(own, { ...call, mode: 'cors', searchParams: { y: 2 } })
    expect(given.method).toBe('PUT')
    expect(given.options).toEqual({ credentials: 'omit', mode: 'cors', searchParams: '?x=1', fetch })
  })

  test('has its own dialect, else the call’s, else the default', () => {
    const words = () => 'x'
    const named = (options: CallOptions) => resolved(options).map(({ dialect }) => dialect.name)
    const endpoints = [{ url: first, dialect: words }, { url: second }]
    expect(named({ endpoints, dialect: plain })).toEqual(['words', 'plain'])
    expect(named({ endpoints })).toEqual(['words', auto.name])
  })

  test('has the breaker of its own URL', () => {
    const asked: string[] = []
    const breaker = new Breaker(breakerDefaults)
    const breakerFor = (url: string) => {
      asked.push(url)
      return url.startsWith(second) ? breaker : undefined
    }
    const all = resolved({ endpoints: [{ url: first }, { url: second }] }, 'chat', { breakerFor })
    expect(asked).toEqual([`${first}/chat`, `${second}/chat`])
    expect(all.map((each) => each.breaker)).toEqual([undefined, breaker])
  })

  test('stands where it was listed', () => {
    const urls = [second, first, 'https://three.example']
    expect(resolved({ endpoints: urls.map((url) => ({ url })) }, '').map(({ url }) => url)).toEqual([
      second,
      first,
      'https://three.example/',
    ])
  })
})

describe('a list is refused, by name and value:', () => {
  test.each<[string, unknown, RegExp | string]>([
    ['an empty one', [], 'endpoints must be a list of at least one endpoint; received an empty one'],
    ['null', null, 'endpoints must be a list of at least one endpoint; received null'],
    ['one endpoint', { url: first }, /^endpoints must be a list .*; received an object \(Object\)$/],
    ['a text', first, /^endpoints must be a list .*; received "https:\/\/one\.example\/v1"$/],
    ['an entry of null', [{ url: first }, null], 'endpoints[1] must be an object; received null'],
    ['an entry of text', [first], `endpoints[0] must be an object; received "${first}"`],
    [
      'an unknown name',
      [{ url: first, ulr: 1 }],
      /^endpoints\[0\]\.ulr is not an option; known are endpoints\[0\]\.url,/,
    ],
    [
      'a key for one alone',
      [{ url: first, idempotencyKey: true }],
      /^endpoints\[0\]\.idempotencyKey is not an option/,
    ],
    ['clocks for one alone', [{ url: first, timeouts: {} }], /^endpoints\[0\]\.timeouts is not an option/],
    ['no url', [{ url: first }, {}], /^endpoints\[1\]\.url must be a string or a URL; received undefined$/],
    ['a relative url', [{ url: 'v1' }], /^endpoints\[0\]\.url must be .*; received "v1"$/],
    ['another scheme', [{ url: 'ftp://a.example' }], /^endpoints\[0\]\.url must be .*; received "ftp:/],
    [
      'a dialect by its name',
      [{ url: first, dialect: 'openai' }],
      /^endpoints\[0\]\.dialect must be .*; received "openai"$/,
    ],
    [
      'a dialect that is none',
      [{ url: first, dialect: {} }],
      /^endpoints\[0\]\.dialect must be .* \(Object\)$/,
    ],
    ['json beside a body', [{ url: first, json: {}, body: 'x' }], /^json and body cannot both be given/],
    [
      'headers that HTTP does not know',
      [{ url: first, headers: { a: '\n€' } }],
      /^headers or apiKey hold what HTTP/,
    ],
    ['a method that is none', [{ url: first, method: 5 }], 'method must be a string; received 5'],
  ])('%s', (_what, endpoints, message) => {
    expect(refusal({ endpoints })).toMatch(message)
  })

  test('and nothing secret is shown', () => {
    const secret = { headers: { authorization: 'sk-SECRET\n€' } }
    for (const endpoints of [
      [{ url: 'htps://u:SECRET@a.example/?key=SECRET' }],
      [{ url: first, ...secret }],
      [{ url: first, dialect: secret }],
      secret,
    ])
      expect(refusal({ endpoints })).not.toContain('SECRET')
  })

  test('a good one comes back as it is', () => {
    const endpoints = [{ url: first, dialect: plain as Dialect, json: { model: 'b' } }, { url: second }]
    expect(checkedEndpoints(endpoints)).toBe(endpoints)
  })
})

describe('idempotencyKey', () => {
  const endpoints = [{ url: first }, { url: second }]
  const added = (idempotencyKey: CallOptions['idempotencyKey']) =>
    resolved({ endpoints, idempotencyKey }).map(({ request }) => request.added)

  test('of true is one random name for all endpoints, another one for each call', () => {
    const [one, two] = added(true)
    expect(one?.['idempotency-key']).toMatch(/^\S{20,}$/)
    expect(two).toEqual(one)
    expect(added(true)[0]).not.toEqual(one)
  })

  test('of one’s own is sent as it is', () => {
    const own = { 'idempotency-key': 'order-7/a' }
    expect(added('order-7/a')).toEqual([own, own])
  })

  test.each([undefined, false])('of %s is none', (key) => {
    expect(added(key)).toEqual([{}, {}])
  })

  test.each([
    ['', 'other text'],
    ['with space', 'other text'],
    ['a\nb', 'other text'],
    ['schlüssel', 'other text'],
    [5, '5'],
    [null, 'null'],
    [{}, 'an object (Object)'],
  ])('of %j is refused', (idempotencyKey, received) => {
    expect(refusal({ endpoints, idempotencyKey })).toBe(
      `idempotencyKey must be true, false or text without spaces; received ${received}`,
    )
  })
})
