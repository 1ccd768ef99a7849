/** One request: its address, its headers, and what never shows up when it fails. The network is a function here. */
import { inspect } from 'node:util'
import ky from 'ky'
import { describe, expect, test, vi } from 'vitest'
import type { NetworkError, StreamError } from '../../src/errors/errors.ts'
import { withoutSecrets } from '../../src/errors/redact.ts'
import { askHeaders } from '../../src/request/headers.ts'
import { viaKy } from '../../src/request/ky.ts'
import type { PreparedRequest } from '../../src/request/prepare.ts'
import { send as sendVia } from '../../src/request/transport.ts'
import { resolveUrl } from '../../src/request/url.ts'

const url = 'https://api.example.com/v1/chat'
const signal = new AbortController().signal

type Options = PreparedRequest['options']

/** As an attempt does it: the headers are asked for first, and ky carries the request. */
async function send(
  request: PreparedRequest,
  context: { attempt: number; error: undefined; signal: AbortSignal },
) {
  const { signal, ...asked } = context
  return sendVia(request, await askHeaders(request.headers, asked), signal, viaKy)
}

function prepared(request: Partial<PreparedRequest> = {}, options: Options = {}): PreparedRequest {
  return {
    url,
    method: 'GET',
    headers: undefined,
    body: undefined,
    contentType: undefined,
    added: {},
    options,
    ...request,
  }
}

/** A network that keeps what it is asked. */
function network(answer: () => Response | Promise<Response> = () => new Response('x')) {
  const requests: Request[] = []
  const fetch: typeof globalThis.fetch = async (input, init) => {
    requests.push(new Request(input, init))
    return answer()
  }
  return { fetch, requests }
}

async function sent(request: Partial<PreparedRequest>, options: Options = {}): Promise<Request> {
  const { fetch, requests } = network()
  await send(prepared(request, { fetch, ...options }), { attempt: 1, error: undefined, signal })
  expect(requests).toHaveLength(1)
  return requests[0] as Request
}

async function failure(request: Partial<PreparedRequest>, options: Options): Promise<StreamError> {
  return send(prepared(request, options), { attempt: 1, error: undefined, signal }).then(
    () => expect.unreachable('the request was expected to fail'),
    (error: StreamError) => error,
  )
}

describe('a URL', () => {
  test.each([
    [url, undefined, url],
    [new URL(url), undefined, url],
    ['https://a.example', 'https://api.example.com/v1', 'https://a.example/'],
    ['HTTP://a.example/x', undefined, 'http://a.example/x'],
    ['/chat', 'https://api.example.com/v1', url],
    ['chat', 'https://api.example.com/v1', url],
    ['chat', 'https://api.example.com/v1/', url],
    ['//chat', 'https://api.example.com/v1//', undefined],
    ['/chat?a=1#b', new URL('https://api.example.com/v1'), `${url}?a=1#b`],
    ['', 'https://api.example.com/v1', 'https://api.example.com/v1'],
    ['/chat', undefined, undefined],
    ['/chat', '/v1', undefined],
    ['/chat', 'ftp://a.example', undefined],
    ['htps://a.example', undefined, undefined],
    ['ftp://a.example', 'https://api.example.com/v1', undefined],
    ['data:text/plain,x', undefined, undefined],
    ['https://user:pw@a.example', undefined, undefined],
    ['https://', undefined, undefined],
    ['', undefined, undefined],
  ])('of %s with base %s is %s', (input, base, expected) => {
    if (expected !== undefined) expect(resolveUrl(input, base)).toBe(expected)
    else expect(() => resolveUrl(input, base, 'input')).toThrow(/^input must be an http\(s\) URL.*received "/)
  })

  test.each([
    ['https://user:pw@a.example/b?key=1#c', 'https://a.example/b'],
    ['https://a.example/b', 'https://a.example/b'],
    ['//user@a.example/b', '//a.example/b'],
    ['/b?key=1', '/b'],
    ['https://a.example/?q=b@c', 'https://a.example/'],
  ])('%s is shown as %s', (given, shown) => {
    expect(withoutSecrets(given)).toBe(shown)
  })

  test.each([
    'https://user:SECRET@a.example',
    'https://user:a/SECRET@a.example/b',
    'https://user:SECRET?a@a.example',
    'https://user:SECRET#a@a.example',
    'https://user:a@SECRET@a.example',
    'https:/user:SECRET@a.example',
    'user:SECRET@a.example',
    'https://a.example?key=SECRET\nSECRET',
  ])('%s shows no secret', (given) => {
    expect(withoutSecrets(given)).not.toContain('SECRET')
  })
})

describe('a request', () => {
  test('asks for an event stream', async () => {
    const { headers, method, url: asked } = await sent({})
    expect([headers.get('accept'), headers.get('content-type'), method, asked]).toEqual([
      'text/event-stream',
      null,
      'GET',
      url,
    ])
  })

  test('says what its body is where we made it', async () => {
    const request = await sent({ method: 'POST', body: '{"a":1}', contentType: 'application/json' })
    expect(request.headers.get('content-type')).toBe('application/json')
    expect(await request.text()).toBe('{"a":1}')
  })

  test("does not replace the caller's headers", async () => {
    const headers = { Accept: 'application/json', 'Content-Type': 'application/vnd.api+json' }
    const sentHeaders = (await sent({ method: 'POST', body: 'x', contentType: 'application/json', headers }))
      .headers
    expect([sentHeaders.get('accept'), sentHeaders.get('content-type')]).toEqual(Object.values(headers))
  })

  test('may have its headers from a function, which is told of the attempt', async () => {
    const headers = vi.fn(async () => [['x-token', 'fresh']] as [string, string][])
    const { fetch, requests } = network()
    const context = { attempt: 3, error: undefined, signal }
    await send(prepared({ headers }, { fetch }), context)
    expect(headers).toHaveBeenCalledExactlyOnceWith({ attempt: 3, error: undefined })
    expect(requests[0]?.headers.get('x-token')).toBe('fresh')
    expect(requests[0]?.headers.get('accept')).toBe('text/event-stream')
  })

  test.each([
    ['a text', 'b=2&c=3', `${url}?a=1&b=2&c=3`],
    ['an object', { b: 2, c: true, d: undefined }, `${url}?a=1&b=2&c=true`],
    ['URLSearchParams', new URLSearchParams({ b: '2' }), `${url}?a=1&b=2`],
  ])('adds search parameters to those of the URL: %s', async (_what, searchParams, expected) => {
    expect((await sent({ url: `${url}?a=1` }, { searchParams })).url).toBe(expected)
  })

  test("ends with the attempt's signal", async () => {
    const controller = new AbortController()
    const { fetch, requests } = network()
    await send(prepared({}, { fetch }), { attempt: 1, error: undefined, signal: controller.signal })
    expect(requests[0]?.signal.aborted).toBe(false)
    controller.abort()
    expect(requests[0]?.signal.aborted).toBe(true)
  })

  test('hands fetch the options of fetch', async () => {
    const request = await sent({}, { credentials: 'include', redirect: 'follow' })
    expect([request.credentials, request.redirect]).toEqual(['include', 'follow'])
  })

  test("asks to be shown a redirect that is to be an error: of fetch's own nobody could tell what it was", async () => {
    expect((await sent({}, { redirect: 'error' })).redirect).toBe('manual')
  })

  test.each([200, 204, 404, 429, 500, 503])(
    'comes back with a %i, once and without a throw',
    async (status) => {
      const { fetch, requests } = network(
        () => new Response(null, { status, headers: { 'retry-after': '0' } }),
      )
      const { response } = await send(prepared({}, { fetch }), { attempt: 1, error: undefined, signal })
      expect(response.status).toBe(status)
      expect(requests).toHaveLength(1)
    },
  )
})

describe('the secrets of a request', () => {
  async function secretsOf(headers: HeadersInit): Promise<readonly string[]> {
    const request = prepared({ headers }, { fetch: network().fetch })
    return (await send(request, { attempt: 1, error: undefined, signal })).secrets
  }

  test.each<[HeadersInit, string[]]>([
    [{ authorization: 'Bearer sk-123456' }, ['sk-123456']],
    [{ authorization: 'Token tok-123456' }, ['tok-123456']],
    [{ authorization: 'basic dXNlcjpwdw==' }, ['dXNlcjpwdw%3D%3D', 'dXNlcjpwdw==', 'user%3Apw', 'user:pw']],
    [{ 'X-Api-Key': 'abcdef' }, ['abcdef']],
    [
      { cookie: 'a=1; s=abcdef', 'x-goog-token': 'token' },
      ['a%3D1%3B+s%3Dabcdef', 'a=1; s=abcdef', 'abcdef'],
    ],
    [{ 'api-key': 'abc', 'content-language': 'de-long-enough' }, []],
    [{ 'x-csrf-token': 'csrf-token', 'x-max-tokens': '1000000', 'x-author': 'somebody' }, []],
  ])('in %o are %o', async (headers, secrets) => {
    expect(await secretsOf(headers)).toEqual(secrets)
  })
})

describe('a failed connection', () => {
  const key = 'sk-SECRET-1'
  const headers = { authorization: `Bearer ${key}` }

  test.each([
    ['what Chromium throws', () => new TypeError('Failed to fetch')],
    ['what Node throws', () => new TypeError('fetch failed', { cause: new Error('ECONNREFUSED') })],
    ['what the next engine will throw', () => new RangeError('No luck')],
    ['a text', () => 'No luck'],
  ])('is a NetworkError, whatever it is called: %s', async (_what, thrown) => {
    const fetch = async () => Promise.reject(thrown())
    expect(await failure({}, { fetch })).toMatchObject({ code: 'network', phase: 'connect' })
  })

  test('has a cause without the request and its headers', async () => {
    const inner = Object.assign(new Error(`refused ${key}`), { code: 'ECONNREFUSED', headers })
    const thrown = Object.assign(new TypeError('fetch failed', { cause: inner }), { request: { headers } })
    const error = (await failure({ headers }, { fetch: () => Promise.reject(thrown) })) as NetworkError
    const cause = error.cause as Error & { cause: Error }
    expect([cause.message, cause.cause.message]).toEqual(['fetch failed', 'refused [redacted]'])
    expect(cause.cause).toHaveProperty('code', 'ECONNREFUSED')
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain('SECRET')
  })

  test('is one for a ky instance with a fetch of its own, too', async () => {
    const thrown = Object.assign(new TypeError('fetch failed'), { headers })
    const fetch = vi.fn(() => Promise.reject(thrown))
    const error = await failure(
      { headers },
      { http: ky.create({ fetch, retry: { limit: 2, delay: () => 1 } }) },
    )
    expect(fetch).toHaveBeenCalledOnce()
    expect(error).toMatchObject({ code: 'network', phase: 'connect', cause: { message: 'fetch failed' } })
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain('SECRET')
  })
})

describe('a headers function', () => {
  test('that throws is named, and what it threw is the cause', async () => {
    const thrown = new Error('no token')
    const headers = async () => Promise.reject(thrown)
    expect(await failure({ headers }, network())).toMatchObject({
      ...{ code: 'callback', callback: 'headers', cause: thrown },
    })
  })

  test('whose value HTTP does not allow is named, and the value is not shown', async () => {
    const headers = () => ({ authorization: 'Bearer\nsk-SECRET-1' })
    const error = await failure({ headers }, network())
    expect(error).toMatchObject({ code: 'callback', callback: 'headers' })
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain('sk-SECRET')
  })
})

describe("the caller's ky instance", () => {
  test('has its hooks, prefix and headers, but neither its retries nor its timeouts', async () => {
    vi.useFakeTimers()
    const late = new Promise<void>((resolve) => setTimeout(resolve, 50))
    const { fetch, requests } = network(() => late.then(() => new Response('{}', { status: 503 })))
    const http = ky.create({
      ...{ prefix: 'https://hooked.example/v2', headers: { 'x-own': 'yes' }, retry: 5, timeout: 1 },
      hooks: { beforeRequest: [({ request }) => request.headers.set('x-hook', 'seen')] },
    })
    const request = prepared({ url: 'chat', headers: { 'x-call': '1' } }, { http, fetch })
    const sending = send(request, { attempt: 1, error: undefined, signal })
    await vi.advanceTimersByTimeAsync(50)
    vi.useRealTimers()
    const { response } = await sending
    expect([response.status, requests.length, requests[0]?.url]).toEqual([
      503,
      1,
      'https://hooked.example/v2/chat',
    ])
    const { headers } = requests[0] as Request
    expect(['x-own', 'x-hook', 'x-call', 'accept'].map((name) => headers.get(name))).toEqual([
      ...['yes', 'seen', '1', 'text/event-stream'],
    ])
  })

  test('keeps a fetch of its own', async () => {
    const { fetch, requests } = network()
    await send(prepared({}, { http: ky.create({ fetch }) }), { attempt: 1, error: undefined, signal })
    expect(requests).toHaveLength(1)
  })

  test('with a hook that throws is an error of the caller', async () => {
    const thrown = Object.assign(new Error('hook'), { request: 'sk-SECRET-1' })
    const hooks = {
      beforeRequest: [
        () => {
          throw thrown
        },
      ],
    }
    const error = await failure({}, { http: ky.create({ hooks }), ...network() })
    expect(error).toMatchObject({ code: 'callback', callback: 'http', cause: { message: 'hook' } })
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain('SECRET')
  })
})

test('a request that cannot be made is no fault of the network', async () => {
  const error = await failure({ method: 'GET', body: 'x' }, network())
  expect(error).toMatchObject({ code: 'protocol' })
  expect(error.message).toMatch(/^The request could not be made: .*body/)
})

// What Node throws for a length that is another request's; on a socket it may have sent the headers by then.
test('nor is one that Node gives up because of what it is asked to send', async () => {
  const cause = Object.assign(new Error('Request body length does not match content-length header'), {
    code: 'UND_ERR_REQ_CONTENT_LENGTH_MISMATCH',
  })
  const fetch = () => Promise.reject(new TypeError('fetch failed', { cause }))
  const { code, message, retryable } = await failure({}, { fetch })
  expect({ code, message, retryable }).toEqual({
    code: 'protocol',
    message: `The request could not be made: ${cause.message}`,
    retryable: false,
  })
})
