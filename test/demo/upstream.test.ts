import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { startServer } from '../../demo/server/server.mjs'
import { ask, later, readUntil, understand } from './ask.ts'

const key = 'sk-secret-0123456789'
const closers: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closers.splice(0)) await close()
})

type Seen = { request: IncomingMessage; body: Record<string, unknown>; closed: Promise<unknown> }

/** A provider that does what the test says, and the demo in front of it. */
async function relayTo(
  answer: (response: ServerResponse) => unknown,
  options: { model?: string; path?: string } = {},
) {
  const seen: Seen[] = []
  const provider = createServer(async (request, response) => {
    let text = ''
    for await (const bytes of request) text += bytes
    seen.push({ request, body: JSON.parse(text), closed: once(response, 'close') })
    answer(response)
  }).listen(0, '127.0.0.1')
  await once(provider, 'listening')
  const { port } = provider.address() as AddressInfo
  const upstream = { url: `http://127.0.0.1:${port}${options.path ?? '/v1'}`, key, model: options.model }
  const demo = await startServer({ port: 0, pace: 0, upstream })
  closers.push(demo.close, () => {
    provider.closeAllConnections()
    provider.close()
  })
  return { url: demo.url, seen, provider }
}

const chunk = (delta: object, finish_reason: string | null = null) =>
  `data: ${JSON.stringify({ object: 'chat.completion.chunk', choices: [{ index: 0, delta, finish_reason }] })}\n\n`
const tokens = ['Räum', 't 🌊', ' the', ' sea', ' its', ' bed', ', it', ' com', 'es b', 'ack.']
const whole = `${tokens.map((content) => chunk({ content })).join('')}${chunk({}, 'stop')}data: [DONE]\n\n`
const stream = (response: ServerResponse, body = whole) =>
  response.writeHead(200, { 'content-type': 'text/event-stream', 'x-request-id': 'req_1' }).end(body)

describe('the relay', () => {
  test('adds the key on the server and passes the request on as it came', async () => {
    const { url, seen } = await relayTo(stream)
    const body = { model: 'm', messages: [{ role: 'user', content: 'Hi' }], temperature: 0.5, stream: true }
    await (await ask({ url, body: JSON.stringify(body), headers: { cookie: 'a=b', 'x-own': '1' } })).text()
    expect(seen[0]?.request.url).toBe('/v1/chat/completions')
    const { authorization, cookie } = seen[0]!.request.headers
    expect({ authorization, cookie }).toEqual({ authorization: `Bearer ${key}`, cookie: undefined })
    expect(seen[0]?.body).toEqual(body)
  })

  test.each([
    ['/v1', '/v1/chat/completions'],
    ['/v1/', '/v1/chat/completions'],
    ['', '/chat/completions'],
    ['/v1/chat/completions', '/v1/chat/completions'],
    ['/openai?api-version=7', '/openai/chat/completions?api-version=7'],
  ])('finds the address behind %j', async (path, expected) => {
    const { url, seen } = await relayTo(stream, { path })
    await (await ask({ url })).text()
    expect(seen[0]?.request.url).toBe(expected)
  })

  test('asks for the model that the server chose', async () => {
    const { url, seen } = await relayTo(stream, { model: 'chosen' })
    await (await ask({ url })).text()
    expect(seen[0]?.body).toMatchObject({ model: 'chosen' })
  })

  test('passes the answer back byte for byte, as it comes', async () => {
    const half = Math.floor(whole.length / 2)
    let finish = () => {}
    const { url } = await relayTo((response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream', 'x-request-id': 'req_1' })
      response.write(whole.slice(0, half))
      finish = () => response.end(whole.slice(half))
    })
    const response = await ask({ url })
    expect(response.headers.get('content-type')).toBe('text/event-stream')
    expect(response.headers.get('x-request-id')).toBe('req_1')
    const first = await readUntil(response, (so) => so.length >= half)
    expect(first.text).toBe(whole.slice(0, half))
    finish()
    first.reader.releaseLock()
    expect((await readUntil(response)).text).toBe(whole.slice(half))
  })

  test('passes a refusal back with its status and its wait, but never with the key', async () => {
    const { url } = await relayTo((response) =>
      response
        .writeHead(429, { 'content-type': 'application/json', 'retry-after': '7', 'retry-after-ms': '6900' })
        .end(JSON.stringify({ error: { message: `Too much for ${key}` } })),
    )
    const response = await ask({ url })
    expect(response.status).toBe(429)
    expect(response.headers.get('retry-after')).toBe('7')
    expect(response.headers.get('retry-after-ms')).toBe('6900')
    expect(await response.json()).toEqual({ error: { message: 'Too much for [key]' } })
  })

  test('reports an upstream that cannot be reached as a 502 without the key', async () => {
    const { url, provider } = await relayTo(stream)
    provider.close()
    await once(provider, 'close')
    const response = await ask({ url })
    expect(response.status).toBe(502)
    const text = await response.text()
    expect(JSON.parse(text)).toMatchObject({ error: { code: 'upstream_unreachable' } })
    expect(text).toContain('ECONNREFUSED')
    expect(JSON.stringify([...response.headers]) + text).not.toContain(key)
  })

  test('follows no redirect with the key', async () => {
    const { url, seen } = await relayTo((response) =>
      response.writeHead(307, { location: '/elsewhere' }).end(),
    )
    expect((await ask({ url })).status).toBe(502)
    expect(seen.length).toBe(1)
  })

  test('breaks off when the upstream breaks off: a clean end would look like a whole answer', async () => {
    const { url } = await relayTo((response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.write(chunk({ content: 'Half' }), () => response.destroy())
    })
    const { text, end } = await readUntil(await ask({ url }))
    expect(end).not.toBe('clean')
    expect(understand(text).text).toBe('Half')
  })

  test.each(['before', 'after'])('tells the upstream when the client leaves %s the headers', async (when) => {
    const arrived = later<void>()
    const { url, seen } = await relayTo((response) => {
      if (when === 'after') response.writeHead(200, { 'content-type': 'text/event-stream' }).write(': hi\n\n')
      arrived.resolve()
    })
    const leave = new AbortController()
    const response = ask({ url, signal: leave.signal })
    response.catch(() => {})
    await arrived.promise
    if (when === 'after') await readUntil(await response, (so) => so !== '')
    leave.abort()
    await seen[0]?.closed
  })
})

describe('faults over a relay', () => {
  test.each(['503', '429', 'html'])('%s happens without asking the provider', async (fault) => {
    const { url, seen } = await relayTo(stream)
    const response = await ask({ url, fault })
    expect(response.status).toBe(fault === 'html' ? 200 : Number(fault))
    expect(understand(await response.text()).done).toBe(false)
    expect(seen).toEqual([])
  })

  test.each([
    ['cut', 'clean'],
    ['rewind', 'clean'],
    ['error', 'clean'],
    ['reset', 'ECONNRESET'],
  ])('%s happens between two events of the provider', async (fault, expected) => {
    const { url, seen } = await relayTo((response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.write(whole.slice(0, -20))
    })
    const { text, end } = await readUntil(await ask({ url, fault }))
    expect(end).toBe(expected)
    expect(understand(text).text).toBe(tokens.slice(0, 6).join(''))
    expect(text.endsWith('\n\n')).toBe(true)
    expect(text.includes('"error"')).toBe(fault === 'error')
    await seen[0]?.closed
  })

  test('stall stops in the middle and leaves the connection open', async () => {
    const { url } = await relayTo(stream)
    const { end, reader } = await readUntil(await ask({ url, fault: 'stall' }), (so) =>
      so.includes(tokens[5]!),
    )
    expect(end).toBe('open')
    await reader.cancel()
  })

  test('an answer that is too short for the fault is still not completed', async () => {
    const short = `${chunk({ content: 'Yes.' })}${chunk({}, 'stop')}data: [DONE]\r\n\r\n`
    const { url } = await relayTo((response) => stream(response, short))
    const { text, end } = await readUntil(await ask({ url, fault: 'cut' }))
    expect([text, end]).toEqual([chunk({ content: 'Yes.' }), 'clean'])
  })

  test('slow-first holds the provider’s answer back behind keep-alives', async () => {
    const { url } = await relayTo(stream)
    const { comments, text, done } = understand(await (await ask({ url, fault: 'slow-first' })).text())
    expect([comments.length, text, done]).toEqual([12, tokens.join(''), true])
  })
})

describe('settings', () => {
  test.each([
    ['no address', { url: 'example' }, /UPSTREAM_URL must be .* not "example"/],
    ['another protocol', { url: 'file:///etc/passwd' }, /UPSTREAM_URL must be an http or https address/],
    ['a password in the address', { url: 'http://me:pass@host/v1' }, /put the key into UPSTREAM_KEY\.$/],
    ['a key with a line break', { url: 'http://host/v1', key: 'a\nb' }, /^UPSTREAM_KEY contains a character/],
  ])('refuses %s', async (_, upstream, message) => {
    await expect(startServer({ port: 0, upstream })).rejects.toThrow(message)
  })
})
