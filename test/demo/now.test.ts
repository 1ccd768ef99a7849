import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { Asks } from '../../demo/server/asks.mjs'
import { Live } from '../../demo/server/live.mjs'
import { startServer } from '../../demo/server/server.mjs'
import { answerTo, ask, readUntil, staysSilent, understand } from './ask.ts'

type Options = Partial<Parameters<typeof startServer>[0]>

const closers: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closers.splice(0)) await close()
})

async function serve(options: Options = {}) {
  const server = await startServer({ port: 0, pace: 0, ...options })
  closers.push(server.close)
  return server.url
}

async function strike(url: string, query: Record<string, string>, headers: Record<string, string> = {}) {
  const response = await fetch(`${url}/faults/now?${new URLSearchParams(query)}`, { method: 'POST', headers })
  return { status: response.status, body: (await response.json()) as { error?: { message: string } } }
}

/** An answer that is always under way, read as far as its first event. */
async function underWay(url: string, id: string) {
  const response = await ask({ url, ask: id })
  const { reader } = await readUntil(response, (so) => so.includes('"Hi"'))
  reader.releaseLock()
  return { response }
}

// The model's first event is thousands of seconds away.
const slow: Options = { pace: 10_000, keepAliveMs: 60_000 }

/** A server whose first event comes at once, and the rest hardly ever. */
async function serveSlowly() {
  return (await serveProvider()).url
}

/** The demo in front of a provider that says one word and then nothing. */
async function serveProvider() {
  const closed: Promise<unknown>[] = []
  const provider = createServer((request, response) => {
    request.resume()
    closed.push(once(response, 'close'))
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.write('data: {"choices":[{"delta":{"content":"Hi"}}]}\n\n')
  }).listen(0, '127.0.0.1')
  await once(provider, 'listening')
  const { port } = provider.address() as AddressInfo
  const url = await serve({ upstream: { url: `http://127.0.0.1:${port}/v1` } })
  closers.push(() => {
    provider.closeAllConnections()
    provider.close()
  })
  return { url, closed }
}

describe('a fault that is wanted now', () => {
  test.each([
    ['cut', /^clean$/],
    // Which of them it is depends on what the client is doing at that moment.
    ['reset', /^(ECONNRESET|UND_ERR_SOCKET)$/],
    ['error', /^clean$/],
  ])('%s breaks an answer of the simulated model at once', async (fault, expected) => {
    const url = await serve(slow)
    const response = await ask({ url, ask: 'a' })
    expect(await strike(url, { ask: 'a', fault })).toEqual({ status: 200, body: { fault } })
    const { text, end } = await readUntil(response)
    expect(end).toMatch(expected)
    expect(understand(text)).toMatchObject({ done: false, text: '' })
    expect(text.includes('"error"')).toBe(fault === 'error')
  })

  test.each([
    ['cut', /^clean$/],
    // Which of them it is depends on what the client is doing at that moment.
    ['reset', /^(ECONNRESET|UND_ERR_SOCKET)$/],
    ['error', /^clean$/],
  ])('%s breaks the connection to the page, and not the answer', async (fault, expected) => {
    const { url, closed } = await serveProvider()
    const { response } = await underWay(url, 'a')
    expect((await strike(url, { ask: 'a', fault })).status).toBe(200)
    expect((await readUntil(response)).end).toMatch(expected)
    expect(await staysSilent(Promise.all(closed))).toBe(true)
    expect(closed).toHaveLength(1)
  })

  test('stall leaves the connection open and silent, until the next fault', async () => {
    const url = await serveSlowly()
    const { response } = await underWay(url, 'a')
    expect((await strike(url, { ask: 'a', fault: 'stall' })).status).toBe(200)
    const rest = readUntil(response)
    expect(await staysSilent(rest)).toBe(true)
    expect((await strike(url, { ask: 'a', fault: 'cut' })).status).toBe(200)
    const { end, text } = await rest
    expect(end).toBe('clean')
    expect(understand(text).done).toBe(false)
  })

  test('can be wanted before there is a header', async () => {
    const url = await serve()
    const response = ask({ url, ask: 'a', fault: 'silent-headers' })
    await expect.poll(async () => (await strike(url, { ask: 'a', fault: 'cut' })).status).toBe(200)
    expect((await readUntil(await response)).end).toBe('clean')
  })

  test('hits one answer and no other', async () => {
    const url = await serveSlowly()
    const [one, two] = [await underWay(url, 'one'), await underWay(url, 'two')]
    await strike(url, { ask: 'two', fault: 'cut' })
    expect((await readUntil(two.response)).end).toBe('clean')
    expect(await staysSilent(readUntil(one.response))).toBe(true)
  })
})

describe('is refused in a sentence', () => {
  const sentence = { error: { message: expect.stringMatching(/^[A-Zf].+\.$/) } }

  test('when nobody has asked the question', async () => {
    const url = await serve()
    expect(await strike(url, { ask: 'nobody', fault: 'cut' })).toMatchObject({ status: 404, body: sentence })
    expect(await strike(url, { fault: 'cut' })).toMatchObject({ status: 404, body: sentence })
  })

  test('when the answer is over', async () => {
    const url = await serve()
    await answerTo({ url, ask: 'a' })
    expect(await strike(url, { ask: 'a', fault: 'cut' })).toMatchObject({ status: 409, body: sentence })
  })

  test('when all has been written, and only the network still has it', () => {
    const [live, asks] = [new Live(), new Asks()]
    const exchange = { response: { writableEnded: true, once() {} }, interrupt: () => expect.unreachable() }
    live.add('a', exchange as never)
    asks.next('a')
    const query = new URLSearchParams({ ask: 'a', fault: 'cut' })
    expect(() => live.strike(query, asks)).toThrow('Nothing is under way')
  })

  test('when the client has left', async () => {
    const url = await serve(slow)
    const leave = new AbortController()
    await ask({ url, ask: 'a', signal: leave.signal })
    leave.abort()
    await expect.poll(async () => (await strike(url, { ask: 'a', fault: 'stall' })).status).toBe(409)
  })

  test.each(['', 'none', '503', 'rewind', 'no-such-fault'])(
    'when the fault is %j, which cannot happen in the middle',
    async (fault) => {
      const url = await serve()
      const { status, body } = await strike(url, { ask: 'a', fault })
      expect(status).toBe(400)
      expect(body.error?.message).toContain('cut, reset, stall, error')
    },
  )

  test('when another site wants it, or with another method', async () => {
    const url = await serve()
    const query = { ask: 'a', fault: 'cut' }
    expect((await strike(url, query, { 'sec-fetch-site': 'cross-site' })).status).toBe(403)
    const get = await fetch(`${url}/faults/now`)
    expect([get.status, get.headers.get('allow')]).toEqual([405, 'POST'])
  })
})
