/** What `createFetch()` heals, and what becomes an error of the body; over real sockets. */
import { afterEach, describe, expect, test } from 'vitest'
import { createFetch, type FetchOptions, isStreamError } from '../../src/fetch/index.ts'
import { begun, DONE, finish, json, role, text, whole } from '../support/chat.ts'
import type { Script } from '../support/fault-server.ts'
import { CHAT, readAll } from '../support/fetched.ts'
import { useServer } from '../support/use-server.ts'

const server = useServer()
afterEach(() => expect.poll(() => server.openSockets).toBe(0))

const quick: FetchOptions = { retry: { baseMs: 1 } }
const bytesOf = ({ steps = [] }: Script) => steps.filter((step) => /^data/.test(String(step))).join('')
const good = whole('Hel', 'lo')

async function ask(options: FetchOptions, ...scripts: Script[]) {
  server.play(...scripts)
  const response = await createFetch({ ...quick, ...options })(server.url, CHAT)
  return { response, ...(await readAll(response)) }
}

describe('before the content', () => {
  test.each<[string, Script, FetchOptions?]>([
    ['an overloaded server', json(503, { error: { message: 'Overloaded' } })],
    ['a rate limit', json(429, { error: { message: 'Slow down' } }, { 'retry-after-ms': '1' })],
    ['a connection that breaks at once', { steps: ['RST'] }],
    ['an empty stream', { steps: ['END'] }],
    ['an end after the first event', { steps: [role, 'END'] }],
    ['a reset after the first event', { steps: [role, { wait: 15 }, 'RST'] }],
    ['silence before the headers', {}, { timeouts: { connectMs: 60 } }],
    ['silence before the first event', { steps: ['HANG'] }, { timeouts: { firstMs: 60 } }],
    ['silence after it', { steps: [role, 'HANG'] }, { timeouts: { firstMs: 60 } }],
    ['nothing but keep-alives', { steps: [': hi\n\n', 'HANG'] }, { timeouts: { firstMs: 60 } }],
    ['an error under 200', json(200, { error: { message: 'Overloaded', type: 'overloaded_error' } })],
    [
      'an error in the stream',
      { steps: [role, 'data: {"error":{"message":"Overloaded","type":"server_error"}}\n\n', 'END'] },
    ],
  ])('%s is not seen', async (_name, script, options = {}) => {
    const { response, text, error } = await ask(options, script, good)
    expect({ text, error }).toEqual({ text: bytesOf(good), error: undefined })
    expect(response.status).toBe(200)
    expect(response.url).toBe(server.url)
    expect(server.requests).toHaveLength(2)
    expect(server.requests[1]?.body).toBe(CHAT.body)
  })

  test('another server is asked', async () => {
    server.play(json(503, {}), good)
    const [home, other] = [new URL('/one/', server.url), new URL('/two/', server.url)]
    const fetch = createFetch({ endpoints: [{ url: home }, { url: other, json: { model: 'other' } }] })
    const { text } = await readAll(await fetch(new URL('chat', home), CHAT))
    expect(text).toBe(bytesOf(good))
    expect(server.requests.map(({ url }) => url)).toEqual(['/one/chat', '/two/chat'])
    expect(JSON.parse(server.requests[1]?.body ?? '')).toMatchObject({ model: 'other', stream: true })
  })

  test('what is not under the first server is asked where it is', async () => {
    server.play(good)
    const fetch = createFetch({ endpoints: [{ url: new URL('/one/', server.url) }] })
    expect((await readAll(await fetch(server.url, CHAT))).text).toBe(bytesOf(good))
  })

  test('one breaker stands before all calls', async () => {
    server.play({})
    const fetch = createFetch({ retry: false, breaker: { failures: 1 }, timeouts: { connectMs: 30 } })
    await expect(fetch(server.url, CHAT)).rejects.toMatchObject({ code: 'timeout' })
    await expect(fetch(server.url, CHAT)).rejects.toMatchObject({ code: 'circuit-open' })
    expect(server.requests).toHaveLength(1)
  })
})

describe('after it there is no second request, but an error of the body', () => {
  test.each<[string, Script, string, FetchOptions?]>([
    ['a clean end', begun(['Hel'], 'END'), 'truncated'],
    ['a polite end of the socket', begun(['Hel'], 'FIN'), 'truncated'],
    ['a reset', begun(['Hel'], 'RST'), 'network'],
    ['half an event', begun(['Hel'], 'data: {"choi', 'END'), 'truncated'],
    ['a stall', begun(['Hel'], 'HANG'), 'timeout', { timeouts: { idleMs: 60 } }],
    ['an error', begun(['Hel'], 'data: {"error":{"message":"no","type":"server_error"}}\n\n', 'END'), 'api'],
  ])('for %s', async (_name, script, code, options = {}) => {
    const { text: got, error } = await ask(options, script, good)
    expect(isStreamError(error)).toBe(true)
    // A socket that is closed without an end may look like either.
    expect([code, code === 'truncated' ? 'network' : code]).toContain(error?.code)
    expect(got.startsWith(role + text('Hel'))).toBe(true)
    expect(got).not.toContain('lo"')
    expect(server.requests).toHaveLength(1)
  })
})

describe('an HTML page under 200', () => {
  const page: Script = {
    headers: { 'content-type': 'text/html' },
    steps: ['<!doctype html><title>Sign in</title><p>Hello', 'END'],
  }

  test('is an error where a stream was asked for', async () => {
    const { response, text, error } = await ask({}, page)
    expect(response.headers.get('content-type')).toBe('text/html')
    expect({ text, code: error?.code, message: error?.message }).toEqual({
      ...{ text: '', code: 'protocol' },
      message:
        'The server answered 200 with an HTML page instead of a stream: "Sign in" (a login, a proxy, another address?)',
    })
  })

  test('also where JSON was sent, and nothing said', async () => {
    server.play(page)
    const { accept: _, ...headers } = CHAT.headers as Record<string, string>
    const response = await createFetch()(server.url, { method: 'POST', headers, body: '{"messages":[]}' })
    expect((await readAll(response)).error?.code).toBe('protocol')
  })

  test('is a page for everybody else', async () => {
    server.play(page)
    const response = await createFetch()(server.url)
    expect(await response.text()).toBe(page.steps?.[0])
  })
})

describe('a refusal', () => {
  test('is the response it is', async () => {
    server.play(json(400, { error: { message: 'No model' } }, { 'x-request-id': 'r1' }))
    const response = await createFetch(quick)(server.url, CHAT)
    expect({ status: response.status, id: response.headers.get('x-request-id') }).toEqual({
      ...{ status: 400, id: 'r1' },
    })
    expect(response.headers.has('x-should-retry')).toBe(false)
    expect(await response.json()).toEqual({ error: { message: 'No model' } })
    expect(response.url).toBe(server.url)
    expect(server.requests).toHaveLength(1)
  })

  test('that was asked for again and again says that this was enough', async () => {
    server.play(json(503, { error: { message: 'Overloaded' } }))
    const response = await createFetch(quick)(server.url, CHAT)
    expect(response.status).toBe(503)
    expect(response.url).toBe(server.url)
    expect(response.headers.get('x-should-retry')).toBe('false')
    expect(await response.json()).toEqual({ error: { message: 'Overloaded' } })
    expect(server.requests).toHaveLength(3)
  })

  test('of a large body comes whole', async () => {
    const large = JSON.stringify({ error: { message: 'x'.repeat(300_000) } })
    server.play({ status: 400, steps: [large, 'END'] })
    const response = await createFetch(quick)(server.url, CHAT)
    expect((await response.text()).length).toBe(large.length)
  })

  test('is not asked for again by us when an SDK does', async () => {
    server.play(json(503, {}))
    const headers = { ...(CHAT.headers as object), 'x-stainless-retry-count': '1' }
    expect((await createFetch(quick)(server.url, { ...CHAT, headers })).status).toBe(503)
    expect(server.requests).toHaveLength(1)
  })
})

test('what is held back is held for no longer than it is said', async () => {
  let go = () => {}
  const rest = new Promise<void>((resolve) => {
    go = resolve
  })
  server.play({ steps: [role, rest, text('Hello'), finish(), DONE, 'END'] })
  const response = await createFetch({ ...quick, holdMs: 20 })(server.url, CHAT)
  const reader = (response.body as ReadableStream<Uint8Array>).getReader()
  expect(new TextDecoder().decode((await reader.read()).value)).toBe(role)
  go()
  reader.releaseLock()
  expect((await readAll(response)).text).toBe([text('Hello'), finish(), DONE].join(''))
})

test('what was handed out though it was no content is not taken back', async () => {
  server.play({ steps: [role, { wait: 60 }, 'RST'] }, good)
  const retries: unknown[] = []
  const options = { ...quick, holdMs: 10, onRetry: (retry: unknown) => void retries.push(retry) }
  const response = await createFetch(options)(server.url, CHAT)
  const { text: got, error } = await readAll(response)
  expect({ got, code: error?.code, retries }).toEqual({ got: role, code: 'network', retries: [] })
  expect(server.requests).toHaveLength(1)
})
