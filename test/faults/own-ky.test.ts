/** A ky instance of the caller's does what ky's documentation says, on real sockets, and its keys are as safe as ours. */
import { inspect } from 'node:util'
import ky, { type Options } from 'ky'
import { describe, expect, test } from 'vitest'
import {
  type HttpFunction,
  isStreamError,
  type StreamFailure,
  type StreamOptions,
  stream,
} from '../../src/index.ts'
import { json, whole } from '../support/chat.ts'
import { type Script, startFaultServer } from '../support/fault-server.ts'
import { useServer } from '../support/use-server.ts'

const server = useServer()
const KEY = 'sk-proj-4f9a8b7c6d5e'
const expired = json(401, { error: { message: 'expired' } })
const refresh = json(200, { token: 'fresh' })

const ask = (http: HttpFunction, options: StreamOptions = {}) =>
  stream(server.url, { json: { q: 1 }, http, retry: false, ...options })
const asked = () => server.requests.map(({ method, url, headers }) => [method, url, headers.authorization])
const hooked = (hooks: Options['hooks'], more: Options = {}) => ky.create({ ...more, hooks: hooks ?? {} })

async function failure(http: HttpFunction, options?: StreamOptions): Promise<StreamFailure> {
  const error = await ask(http, options)
    .answer()
    .catch((thrown: unknown) => thrown)
  return isStreamError(error) ? error : expect.unreachable('the reply was expected to fail')
}

describe('a token is refreshed by a hook that sees 401 and', () => {
  const token = async () =>
    (await ky.post(`${new URL(server.url).origin}/token`).json<{ token: string }>()).token

  test.each<[string, NonNullable<Options['hooks']>]>([
    [
      'asks again with ky',
      {
        afterResponse: [
          async ({ request, response }) => {
            if (response.status !== 401) return undefined
            request.headers.set('authorization', `Bearer ${await token()}`)
            return ky(request)
          },
        ],
      },
    ],
    [
      'asks again with ky and its options',
      {
        afterResponse: [
          async ({ request, options, response }) => {
            if (response.status !== 401) return undefined
            const headers = new Headers(request.headers)
            headers.set('authorization', `Bearer ${await token()}`)
            return ky(request, { ...options, headers } as Options)
          },
        ],
      },
    ],
    [
      'has it asked again by ky.retry()',
      {
        afterResponse: [
          async ({ request, response, retryCount }) => {
            if (response.status !== 401 || retryCount > 0) return undefined
            const headers = new Headers(request.headers)
            headers.set('authorization', `Bearer ${await token()}`)
            return ky.retry({ request: new Request(request, { headers }), delay: 0, code: 'TOKEN_REFRESHED' })
          },
        ],
      },
    ],
    [
      'sets it before ky.retry() asks again',
      {
        beforeRetry: [async ({ request }) => request.headers.set('authorization', `Bearer ${await token()}`)],
        afterResponse: [
          ({ response, retryCount }) =>
            response.status === 401 && retryCount === 0 ? ky.retry({ delay: 0 }) : undefined,
        ],
      },
    ],
  ])('%s: the body goes along', async (_how, hooks) => {
    server.play(expired, refresh, whole('Hello'))
    const http = hooked(hooks)
    expect(await ask(http, { headers: { authorization: 'Bearer stale' } }).text()).toBe('Hello')
    const path = new URL(server.url).pathname
    expect(asked()).toEqual([
      ['POST', path, 'Bearer stale'],
      ['POST', '/token', undefined],
      ['POST', path, 'Bearer fresh'],
    ])
    expect(server.requests[2]?.body).toBe('{"q":1}')
  })
})

describe('an instance keeps', () => {
  test('its prefix, its headers and its hooks', async () => {
    server.play(whole('Hello'))
    const http = hooked(
      { beforeRequest: [({ request }) => request.headers.set('x-hook', 'seen')] },
      { prefix: `${new URL(server.url).origin}/v2`, headers: { accept: 'text/x-mine', 'x-own': 'yes' } },
    )
    expect(await stream('chat', { json: {}, http }).text()).toBe('Hello')
    expect(server.requests[0]).toMatchObject({
      url: '/v2/chat',
      headers: {
        accept: 'text/x-mine',
        'x-own': 'yes',
        'x-hook': 'seen',
        'content-type': 'application/json',
      },
    })
  })

  test('search parameters that an init hook adds', async () => {
    server.play(whole('Hello'))
    const http = hooked({
      init: [(options) => void Object.assign(options, { searchParams: { apiKey: KEY } })],
    })
    await ask(http).text()
    expect(server.requests[0]?.url).toContain(`?apiKey=${KEY}`)
  })

  test('its own fetch, and asks for an event stream where it says nothing', async () => {
    server.play(whole('Hello'))
    const urls: string[] = []
    const own: typeof fetch = (input, init) => {
      urls.push((input as Request).url)
      return fetch(input, init)
    }
    expect(await ask(ky.create({ fetch: own })).text()).toBe('Hello')
    expect(urls).toEqual([server.url])
    expect(server.requests[0]?.headers.accept).toBe('text/event-stream')
  })

  test('a response that a hook gives, without a request', async () => {
    server.play(whole('not asked'))
    const cached = new Response(
      'data: {"choices":[{"delta":{"content":"cached"},"finish_reason":"stop"}]}\n\n',
    )
    expect(await ask(hooked({ beforeRequest: [() => cached] })).text()).toBe('cached')
    expect(server.requests).toHaveLength(0)
  })

  test('the limit of ky.retry(), but no retries and no timeouts', async () => {
    server.play(json(503, {}), whole('not asked'))
    const retry = { limit: 3, methods: ['post'], statusCodes: [503], delay: () => 1 }
    expect(await failure(ky.create({ retry }))).toMatchObject({ code: 'http', status: 503 })
    expect(server.requests).toHaveLength(1)
    server.play(expired)
    const again = hooked({ afterResponse: [() => ky.retry({ delay: 0 })] }, { retry: { limit: 1 } })
    expect(await failure(again)).toMatchObject({ code: 'callback', callback: 'http' })
    expect(server.requests).toHaveLength(2)
  })

  test('its errors: a beforeError hook hears of a lost connection, which stays one', async () => {
    const gone = await startFaultServer()
    await gone.close()
    const heard: string[] = []
    const http = hooked({
      beforeError: [
        ({ error }) => {
          heard.push(error.name)
          return new Error('mine')
        },
      ],
    })
    const error = await stream(gone.url, { http, retry: false })
      .answer()
      .catch((thrown: StreamFailure) => thrown)
    expect(error).toMatchObject({ code: 'network', phase: 'connect' })
    expect(heard).toEqual(['NetworkError'])
  })
})

describe('a plain function that takes ky’s options', () => {
  test('may be fetch, or a call of an instance', async () => {
    for (const http of [
      (url, options) => fetch(url, options),
      (url, options) => ky.create({ headers: { 'x-own': 'yes' } })(url, options as Options),
    ] satisfies HttpFunction[]) {
      server.play(whole('Hello'))
      expect(await ask(http).text()).toBe('Hello')
      expect(server.requests[0]?.headers.accept).toBe('text/event-stream')
    }
  })
})

describe.each<[string, HttpFunction, Script?]>([
  ['of the instance', ky.create({ headers: { 'x-api-key': KEY } })],
  [
    'of a hook',
    hooked({ beforeRequest: [({ request }) => request.headers.set('authorization', `Key ${KEY}`)] }),
  ],
  [
    'of a retry',
    hooked({
      beforeRetry: [({ request }) => request.headers.set('x-api-key', KEY)],
      afterResponse: [({ retryCount }) => (retryCount === 0 ? ky.retry({ delay: 0 }) : undefined)],
    }),
    expired,
  ],
  [
    'of an instance in a function',
    (url, options) => ky.create({ headers: { 'x-api-key': KEY } })(url, options as Options),
  ],
])('a key %s', (_whose, http, ...before) => {
  test('follows no redirect', async () => {
    const elsewhere = { status: 307, headers: { location: '/elsewhere' }, steps: ['END'] as const }
    server.play(...(before as Script[]), elsewhere, whole('not asked'))
    expect(await failure(http)).toMatchObject({ code: 'protocol', status: 307 })
    expect(server.requests.map(({ url }) => url)).not.toContain('/elsewhere')
  })

  test('shows nowhere', async () => {
    server.play(...(before as Script[]), json(403, { error: { message: `Bad key ${KEY}`, code: KEY } }))
    expect(inspect(await failure(http), { depth: 9, showHidden: true })).not.toContain(KEY)
  })
})

test('a redirect of a request without a key is followed, and so is every one where the instance says so', async () => {
  const elsewhere = { status: 307, headers: { location: '/elsewhere' }, steps: ['END'] as const }
  for (const http of [ky.create(), ky.create({ redirect: 'follow', headers: { 'x-api-key': KEY } })]) {
    server.play(elsewhere, whole('there'))
    expect(await ask(http).text()).toBe('there')
  }
})
