/** Redirects that are not followed, on real sockets: one request, and an error that says what to do. */
import { inspect } from 'node:util'
import { describe, expect, test } from 'vitest'
import {
  createClient,
  isStreamError,
  type StreamFailure,
  type StreamOptions,
  stream,
} from '../../src/index.ts'
import { whole } from '../support/chat.ts'
import { useServer } from '../support/use-server.ts'

const server = useServer()
const KEY = 'sk-proj-4f9a8b7c6d5e'
const redirect = (location: string, status = 307) => ({
  status,
  headers: { location },
  steps: ['END'] as const,
})

async function failure(options: StreamOptions): Promise<StreamFailure> {
  const error = await stream(server.url, { json: {}, retry: { baseMs: 0 }, ...options })
    .answer()
    .catch((thrown: unknown) => thrown)
  if (!isStreamError(error)) return expect.unreachable('the redirect was expected not to be followed')
  return error
}

describe.each([301, 302, 303, 307, 308])('a %i', (status) => {
  test('of a request with a credential is final after one request, and says where to', async () => {
    server.play(redirect(`/v1/chat/completions/?key=${KEY}`, status), whole('not asked'))
    const error = await failure({ headers: { 'x-api-key': KEY } })
    expect(error).toMatchObject({ code: 'protocol', status, retryable: false, attempts: 1 })
    expect(error.message).toBe(
      `The server redirected the request to ${server.url}/, and this was not followed (the request may hold a credential): ask the final address, or set redirect: 'follow'`,
    )
    expect(server.requests).toHaveLength(1)
  })
})

test.each<[string, Record<string, string>]>([
  ['a bearer', { authorization: `Bearer ${KEY}` }],
  ['a proxy’s password', { 'proxy-authorization': 'Basic c29tZWJvZHk6cGFzcw==' }],
  ['a cookie', { cookie: `s=${KEY}` }],
  ['Azure’s key', { 'api-key': KEY }],
])('%s is a credential', async (_what, headers) => {
  server.play(redirect('/elsewhere'), whole('not asked'))
  expect(await failure({ headers })).toMatchObject({ code: 'protocol', attempts: 1 })
})

test.each([
  'x-csrf-token',
  'x-xsrf-token',
  'x-max-tokens',
  'x-author',
  'idempotency-key',
  'x-session-affinity',
])('%s is none: the redirect is followed', async (name) => {
  server.play(redirect('/elsewhere'), whole('there'))
  expect(await stream(server.url, { json: {}, headers: { [name]: KEY } }).text()).toBe('there')
  expect(server.requests.map(({ url }) => url)).toEqual(['/v1/chat/completions', '/elsewhere'])
})

test('the caller’s own redirect option wins', async () => {
  server.play(redirect('/elsewhere'), whole('there'))
  const headers = { 'x-api-key': KEY }
  expect(await stream(server.url, { json: {}, headers, redirect: 'follow' }).text()).toBe('there')
})

test('redirect: ‘manual’ of the caller’s is told as what it is', async () => {
  server.play(redirect('https://user:pw@other.example/chat?q=1'))
  const { message } = await failure({ redirect: 'manual' })
  expect(message).toContain('redirected the request to https://other.example/chat, ')
  expect(message).toContain("(redirect: 'manual')")
})

test('the breaker is not blamed', async () => {
  server.play(redirect('/elsewhere'))
  const ai = createClient({ headers: { 'x-api-key': KEY } })
  await ai
    .stream(server.url, { json: {} })
    .answer()
    .catch(() => {})
  expect(ai.health()).toMatchObject({ state: 'closed', failures: 0 })
})

test('an address that names the key does not show it', async () => {
  server.play(redirect(`/chat/${KEY}`))
  expect(inspect(await failure({ headers: { 'x-api-key': KEY } }), { depth: 9 })).not.toContain(KEY)
})

describe('where the engine hides what there was', () => {
  test.each([
    ['opaqueredirect', 'The server redirected the request, and this was not followed'],
    ['opaque', "The response cannot be read (mode: 'no-cors')"],
  ] as const)('%s is told in words', async (type, words) => {
    const fetch = async () => Object.defineProperty(Response.error(), 'type', { value: type })
    const error = await failure({ fetch })
    expect(error).toMatchObject({ code: 'protocol', attempts: 1 })
    expect(error.message).toContain(words)
  })
})

test("redirect: 'error' is final after one request, and says so", async () => {
  server.play(redirect('/elsewhere'), whole('not asked'))
  const error = await failure({ redirect: 'error' })
  expect(error).toMatchObject({ code: 'protocol', status: 307, attempts: 1 })
  expect(error.message).toMatch(/^The server redirected the request to .+ \(redirect: 'error'\)/)
  expect(server.requests).toHaveLength(1)
})
