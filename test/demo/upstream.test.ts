import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { startServer } from '../../demo/server/server.mjs'
import { ask, readUntil, staysSilent, understand } from './ask.ts'

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

describe('the relay in front of a provider', () => {
  test('adds the key on the server, asks for a stream, and passes nothing else of the page on', async () => {
    const { url, seen } = await relayTo(stream)
    const body = { model: 'm', messages: [{ role: 'user', content: 'Hi' }], temperature: 0.5 }
    await (await ask({ url, body: JSON.stringify(body), headers: { cookie: 'a=b', 'x-own': '1' } })).text()
    const { authorization, cookie, 'x-own': own } = seen[0]!.request.headers
    expect(seen[0]?.request.url).toBe('/v1/chat/completions')
    expect([authorization, cookie, own]).toEqual([`Bearer ${key}`, undefined, undefined])
    expect(seen[0]?.body).toMatchObject({ ...body, stream: true })
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

  test('passes the events back word for word, as they come', async () => {
    const half = whole.indexOf(chunk({ content: tokens[5] }))
    let finish = () => {}
    const { url } = await relayTo((response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.write(whole.slice(0, half))
      finish = () => response.end(whole.slice(half))
    })
    const response = await ask({ url })
    const first = await readUntil(response, (so) => so.includes(tokens[4]!))
    expect(understand(first.text).text).toBe(tokens.slice(0, 5).join(''))
    finish()
    first.reader.releaseLock()
    const all = first.text + (await readUntil(response)).text
    const events = all.split('\n\n').flatMap((block) => /^data: .*/m.exec(block) ?? [])
    expect(events.map((event) => `${event}\n\n`).join('')).toBe(whole)
  })

  test('tells a refusal in the stream, by its code, and never with the key', async () => {
    const { url } = await relayTo((response) =>
      response
        .writeHead(401, { 'content-type': 'application/json' })
        .end(JSON.stringify({ error: { message: `Wrong key ${key}`, code: 'invalid_api_key' } })),
    )
    const response = await ask({ url })
    const text = await response.text()
    expect(response.status).toBe(200)
    expect(understand(text).chunks).toMatchObject([{ error: { code: 'invalid_api_key', retryable: false } }])
    expect(JSON.stringify([...response.headers]) + text).not.toContain(key)
  })

  test('tells that a provider cannot be reached, without the key', async () => {
    const { url, provider } = await relayTo(stream)
    provider.close()
    await once(provider, 'close')
    const text = await (await ask({ url })).text()
    expect(understand(text).chunks).toMatchObject([{ error: { code: 'network' } }])
    expect(text).not.toContain(key)
  })

  test('follows no redirect with the key', async () => {
    const { url, seen } = await relayTo((response) =>
      response.writeHead(307, { location: '/elsewhere' }).end(),
    )
    expect(understand(await (await ask({ url })).text()).chunks).toMatchObject([{ error: {} }])
    expect(seen.map(({ request }) => request.url)).not.toContain('/elsewhere')
  })

  test('tells that the provider broke off: a clean end would look like a whole answer', async () => {
    const { url } = await relayTo((response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.write(chunk({ content: 'Half' }), () => response.destroy())
    })
    const { text, chunks, done } = understand(await (await ask({ url })).text())
    expect([text, done]).toEqual(['Half', false])
    expect(chunks.at(-1)).toMatchObject({ error: { type: 'relay_error' } })
  })

  test('leaves the provider at work when the page goes, and hangs up when somebody stops the answer', async () => {
    const { url, seen } = await relayTo((response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write(chunk({ content: 'Half' }))
    })
    const response = await ask({ url })
    const { reader } = await readUntil(response, (so) => so.includes('Half'))
    await reader.cancel()
    expect(await staysSilent(seen[0]!.closed)).toBe(true)
    const address = `${url}${response.headers.get('content-location')}`
    expect((await fetch(address, { method: 'DELETE' })).status).toBe(204)
    await seen[0]?.closed
    expect((await fetch(address, { method: 'HEAD' })).headers.get('holdfast-state')).toBe('stopped')
  })
})

describe('faults in front of a provider', () => {
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
  ])('%s happens to an answer that is short before its end', async (fault, expected) => {
    const { url } = await relayTo(stream)
    const { text, end } = await readUntil(await ask({ url, fault }))
    expect([end, understand(text).text, understand(text).done]).toEqual([expected, tokens.join(''), false])
    expect(text.includes('"error"')).toBe(fault === 'error')
  })

  test('no slow model is offered: only the simulated one can be told to be', async () => {
    const { url } = await relayTo(stream)
    const list = (await (await fetch(`${url}/faults.json`)).json()) as { name: string }[]
    expect(list.map(({ name }) => name)).not.toContain('slow-first')
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
