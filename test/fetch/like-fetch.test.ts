/** In all else `createFetch()` is `fetch`: what it is given, what it gives, how it ends. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { createFetch } from '../../src/fetch/index.ts'
import { begun, json, role, text, whole } from '../support/chat.ts'
import type { Script } from '../support/fault-server.ts'
import { CHAT, readAll } from '../support/fetched.ts'
import { useServer } from '../support/use-server.ts'

const server = useServer()
afterEach(() => expect.poll(() => server.openSockets).toBe(0))

const healing = createFetch({ retry: { baseMs: 1 } })
const both = [
  ['fetch', fetch],
  ['createFetch()', healing],
] as const

describe.each(both)('%s', (_name, fetch) => {
  test('sends the same request', async () => {
    server.play(json(200, { ok: true }))
    await fetch(server.url, { method: 'POST', body: '{"a":1}', headers: { 'x-own': '1' }, keepalive: true })
    const { method, body, headers } = server.requests[0] ?? {}
    expect({ method, body, own: headers?.['x-own'], accept: headers?.accept }).toEqual({
      ...{ method: 'POST', body: '{"a":1}', own: '1', accept: '*/*' },
    })
    expect(headers?.['content-type']).toBe('text/plain;charset=UTF-8')
  })

  test('takes a Request, which init goes before', async () => {
    server.play(json(200, { ok: true }))
    const headers = { 'content-type': 'application/json', 'x-own': '1' }
    const request = new Request(server.url, { method: 'POST', body: '{"stream":false}', headers })
    const response = await fetch(request, { headers: { 'x-own': '2', 'content-type': 'application/json' } })
    expect(await response.json()).toEqual({ ok: true })
    expect(server.requests[0]).toMatchObject({ method: 'POST', body: '{"stream":false}' })
    expect(server.requests[0]?.headers['x-own']).toBe('2')
    expect(request.bodyUsed).toBe(true)
  })

  test('takes a stream as a body', async () => {
    server.play(json(200, { ok: true }))
    const body = new Blob(['piece ', 'by piece']).stream()
    const response = await fetch(server.url, { method: 'POST', body, duplex: 'half' } as RequestInit)
    expect(await response.json()).toEqual({ ok: true })
    expect(server.requests[0]?.body).toBe('piece by piece')
  })

  test('takes a form', async () => {
    server.play(json(200, {}))
    const body = new FormData()
    body.set('file', new Blob(['x'.repeat(1_000)]), 'a.txt')
    await fetch(server.url, { method: 'POST', body })
    expect(server.requests[0]?.headers['content-type']).toMatch(/^multipart\/form-data; boundary=/)
    expect(server.requests[0]?.body).toContain('x'.repeat(1_000))
  })

  test('gives a document as it is, status and headers, too', async () => {
    server.play({
      status: 201,
      headers: { 'content-type': 'application/json', 'x-own': '1' },
      steps: ['{}', 'END'],
    })
    const response = await fetch(server.url)
    const { status, ok, url, redirected, type } = response
    expect({ status, ok, url, redirected, type }).toEqual({
      ...{ status: 201, ok: true, url: server.url, redirected: false, type: 'basic' },
    })
    expect(response.headers.get('x-own')).toBe('1')
    expect(await response.clone().text()).toBe('{}')
    expect(await response.json()).toEqual({})
  })

  test('gives a response without a body', async () => {
    server.play({ status: 204, steps: ['END'] })
    expect((await fetch(server.url, CHAT)).status).toBe(204)
  })

  test('gives a document at once, though it has only begun', async () => {
    server.play({ headers: { 'content-type': 'application/json' }, steps: ['{"a":', 'HANG'] })
    const response = await fetch(server.url, { method: 'POST', body: '{}' })
    const reader = (response.body as ReadableStream<Uint8Array>).getReader()
    expect(new TextDecoder().decode((await reader.read()).value)).toBe('{"a":')
    await reader.cancel()
  })

  test('gives a stream that can be read in every way', async () => {
    const { steps = [] } = whole('Hel', 'lo')
    server.play(whole('Hel', 'lo'))
    const response = await fetch(server.url, CHAT)
    const copy = response.clone()
    expect(copy.url).toBe(server.url)
    expect(await response.text()).toBe(steps.slice(0, -1).join(''))
    expect(await copy.text()).toBe(steps.slice(0, -1).join(''))
    expect(response.bodyUsed).toBe(true)
  })

  test.each([
    ['a reason', 'enough'],
    ['none', undefined],
  ])('rejects with the reason of an abort, if that is %s', async (_what, reason) => {
    const stop = new AbortController()
    const answer = fetch(server.url, { ...CHAT, signal: stop.signal })
    const seen = answer.catch((error) => error)
    await expect.poll(() => server.requests.length).toBe(1)
    stop.abort(reason)
    expect(await seen).toBe(stop.signal.reason)
  })

  test('rejects at once if it was aborted before', async () => {
    await expect(fetch(server.url, { signal: AbortSignal.abort('before') })).rejects.toBe('before')
    expect(server.requests).toHaveLength(0)
  })

  test("rejects with the reason of a request's signal", async () => {
    const stop = new AbortController()
    const seen = fetch(new Request(server.url, { signal: stop.signal })).catch((error) => error)
    await expect.poll(() => server.requests.length).toBe(1)
    stop.abort(new Error('enough'))
    expect((await seen).message).toBe('enough')
  })

  test.each([
    ['a stream', begun(['Hel'], 'HANG')],
    ['a document', { headers: { 'content-type': 'application/json' }, steps: ['{', 'HANG'] }],
  ] as const)('ends the body of %s with the reason of an abort', async (_what, script) => {
    server.play(script as never)
    const stop = new AbortController()
    const response = await fetch(server.url, { ...CHAT, body: '{}', signal: stop.signal })
    const reader = (response.body as ReadableStream<Uint8Array>).getReader()
    await reader.read()
    stop.abort('enough')
    await expect(reader.read().then(() => reader.read())).rejects.toBe('enough')
  })

  test('closes the socket when the body is cancelled', async () => {
    server.play(begun(['Hel'], 'HANG'))
    const response = await fetch(server.url, CHAT)
    await response.body?.cancel()
    await server.requests[0]?.closed
  })

  test('rejects a bad URL and a body that GET cannot have', async () => {
    await expect(fetch('http://')).rejects.toBeInstanceOf(TypeError)
    await expect(fetch('/relative')).rejects.toBeInstanceOf(TypeError)
    await expect(fetch(server.url, { body: 'x' })).rejects.toBeInstanceOf(TypeError)
  })

  test('takes no options for none', async () => {
    server.play(json(200, { ok: true }))
    expect((await fetch(server.url, null as unknown as undefined)).status).toBe(200)
  })

  test('rejects at once a request whose body has been read', async () => {
    const request = new Request(server.url, { method: 'POST', body: 'x' })
    await request.text()
    await expect(fetch(request)).rejects.toBeInstanceOf(TypeError)
    expect(server.requests).toHaveLength(0)
  })

  test('reads what needs no server', async () => {
    expect(await (await fetch('data:text/plain,hi')).text()).toBe('hi')
  })
})

describe('a redirect', () => {
  let asked = 0
  const moved = createServer((request, response) => {
    asked++
    if (request.url === '/') response.writeHead(307, { location: '/there' }).end()
    else response.end(request.headers.authorization ?? 'no key')
  })
  let url = ''
  beforeAll(async () => {
    await new Promise<void>((listening) => moved.listen(0, '127.0.0.1', listening))
    url = `http://127.0.0.1:${(moved.address() as AddressInfo).port}/`
  })
  afterAll(() => void moved.close())

  test.each(both)('is followed by %s, with a key, too', async (_name, fetch) => {
    const response = await fetch(url, { headers: { authorization: 'Bearer k' } })
    const { redirected, url: at } = response
    expect({ redirected, at, says: await response.text() }).toEqual({
      ...{ redirected: true, at: `${url}there`, says: 'Bearer k' },
    })
  })

  test.each(both)('is shown by %s to whoever wants to see it', async (_name, fetch) => {
    const { status, headers } = await fetch(url, { redirect: 'manual' })
    expect({ status, to: headers.get('location') }).toEqual({ status: 307, to: '/there' })
  })

  test.each(both)('is an error of %s for whoever wants none, after one request', async (_name, fetch) => {
    const before = asked
    await expect(fetch(url, { ...CHAT, redirect: 'error' })).rejects.toBeInstanceOf(Error)
    expect(asked - before).toBe(1)
  })
})

test('a body that can be sent but once is sent but once', async () => {
  server.play(json(503, {}))
  const body = new Blob(['{}']).stream()
  const response = await healing(server.url, { method: 'POST', body, duplex: 'half' } as RequestInit)
  expect(response.status).toBe(503)
  const pieces = (async function* () {
    yield Buffer.from('{}')
  })()
  const again = { method: 'POST', body: pieces, duplex: 'half' } as unknown as RequestInit
  expect((await healing(server.url, again)).status).toBe(503)
  expect(server.requests).toHaveLength(2)
})

test('a slow reader slows the server down', async () => {
  const piece = text('x'.repeat(16_384))
  let written = 0
  const steps = Array.from({ length: 2_000 }, () => piece)
  server.play({ steps: [role, ...steps] })
  const response = await createFetch({
    fetch: async (...args) => {
      const real = await fetch(...args)
      const counted = new TransformStream<Uint8Array, Uint8Array>({
        transform(chunk, controller) {
          written += chunk.length
          controller.enqueue(chunk)
        },
      })
      return new Response(real.body?.pipeThrough(counted), real)
    },
  })(server.url, CHAT)
  let before = -1
  // Until nothing more is read, though nobody takes anything.
  const isStill = () => {
    const [now, then] = [written, before]
    before = now
    return now > 0 && now === then
  }
  await expect.poll(isStill, { interval: 100 }).toBe(true)
  expect(written).toBeLessThan(1_000_000)
  await response.body?.cancel()
})

test('no listener stays at a signal that lives on', async () => {
  const stop = new AbortController()
  const { signal } = stop
  // No spies: they would keep what is to go.
  let left = 0
  const { addEventListener, removeEventListener } = signal
  signal.addEventListener = (...args: unknown[]) => {
    left++
    addEventListener.apply(signal, args as never)
  }
  signal.removeEventListener = (...args: unknown[]) => {
    left--
    removeEventListener.apply(signal, args as never)
  }
  const ask = async (script: Script) => {
    server.play(script)
    await readAll(await healing(server.url, { ...CHAT, signal: stop.signal }))
  }
  await ask(whole('Hello'))
  await ask(begun(['Hel'], 'RST'))
  expect(left).toBe(0)
  // Of a response that is the caller's as it is the listener goes with its body; of the last one an engine may keep something.
  for (let n = 0; n < 10; n++) await ask(json(n % 2 ? 200 : 400, {}))
  setFlagsFromString('--expose-gc')
  const collect: () => void = runInNewContext('gc')
  const collected = () => {
    collect()
    return left
  }
  await expect.poll(collected).toBeLessThanOrEqual(1)
})
