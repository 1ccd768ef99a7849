/** A whole answer leaves its socket to the next request, if the server ends the body soon; nobody waits for that. */
import { getEventListeners } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { createClient, type HttpFunction, type Reply, stream } from '../../src/index.ts'
import { selfSigned } from '../support/certificate.ts'
import { DONE, finish, text } from '../support/chat.ts'

const ANSWER = text('Hold fast.') + finish() + DONE

const closing: (() => void)[] = []
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllEnvs()
  for (const close of closing.splice(0)) close()
})

/** A server with the sockets that carried requests to it, and those of them that are open. */
async function listen(answer: RequestListener, isSecure = false) {
  const carried = new Set<unknown>()
  const open = new Set<unknown>()
  const listener: RequestListener = (request, response) => {
    const { socket } = request
    if (!carried.has(socket)) socket.once('close', () => open.delete(socket))
    carried.add(socket)
    open.add(socket)
    request.resume().once('end', () => answer(request, response))
  }
  const server = isSecure ? createSecureServer(selfSigned(), listener) : createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closing.push(() => {
    server.close()
    server.closeAllConnections()
  })
  const { port } = server.address() as AddressInfo
  return { url: `http${isSecure ? 's' : ''}://127.0.0.1:${port}/`, carried, open }
}

/** Says the answer, and ends it so many ms later, if at all. */
function endsAfter(ms: number | undefined, status = 200): RequestListener {
  return async (_request, response) => {
    response.writeHead(status, { 'content-type': 'text/event-stream' }).write(ANSWER)
    if (ms) await wait(ms)
    if (ms !== undefined) response.end()
  }
}

/** No moment passes, however slow the machine is: a connection is parted from when its body ends, or never. */
function stopTheClock(): void {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
}

/** Carries requests, and knows the signal of each: it tells when the connection has been parted from. */
function carrier(send: typeof fetch = fetch) {
  const signals: AbortSignal[] = []
  const http: HttpFunction = (url, init) => {
    signals.push(init.signal as AbortSignal)
    return send(url, init)
  }
  const parted = () => expect.poll(() => signals.every(({ aborted }) => aborted)).toBe(true)
  return { http, signals, parted }
}

describe('ten answers in a row take one socket', () => {
  test.each([
    ['with their marker', 0],
    ['just after it', 2],
    ['a moment after it', 60],
  ])('where the server ends them %s', async (_when, ms) => {
    stopTheClock()
    const { url, carried } = await listen(endsAfter(ms))
    const { http, parted } = carrier()
    for (let i = 0; i < 10; i++) {
      expect(await stream(url, { json: {}, http }).text()).toBe('Hold fast.')
      await parted()
    }
    expect(carried.size).toBe(1)
  })

  test('over TLS', async () => {
    stopTheClock()
    vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0')
    const { url, carried } = await listen(endsAfter(2), true)
    const { http, parted } = carrier()
    for (let i = 0; i < 10; i++) {
      await stream(url, { json: {}, http }).text()
      await parted()
    }
    expect(carried.size).toBe(1)
  })

  test.each<[string, (reply: Reply) => Promise<unknown>]>([
    ['awaited', (reply) => reply.text()],
    [
      'iterated',
      async (reply) => {
        for await (const _ of reply);
      },
    ],
  ])('at the end of whose block each is disposed of: %s', async (_how, read) => {
    stopTheClock()
    const { url, carried } = await listen(endsAfter(20))
    const { http, parted } = carrier()
    for (let i = 0; i < 10; i++) {
      {
        await using reply = stream(url, { json: {}, http })
        await read(reply)
      }
      await parted()
    }
    expect(carried.size).toBe(1)
  })

  test('of which nine are errors with a short body', async () => {
    let asked = 0
    const { url, carried } = await listen((request, response) =>
      endsAfter(2, ++asked < 10 ? 503 : 200)(request, response),
    )
    const retry = { limit: 9, baseMs: 0, budget: false as const }
    expect(await stream(url, { json: {}, retry }).text()).toBe('Hold fast.')
    expect([asked, carried.size]).toEqual([10, 1])
  })
})

describe('a server that ends nothing after its marker', () => {
  test('does not hold the answer, and is hung up on', async () => {
    const { url, open } = await listen(endsAfter(undefined))
    const { http, signals, parted } = carrier()
    expect(await stream(url, { json: {}, http }).text()).toBe('Hold fast.')
    expect(signals[0]?.aborted).toBe(false)
    await parted()
    await expect.poll(() => open.size).toBe(0)
  })

  test.each(['reply.cancel()', 'the signal'] as const)(
    'is hung up on at once by %s, which changes nothing of the answer',
    async (how) => {
      const { url, open } = await listen(endsAfter(undefined))
      const { http, signals } = carrier()
      const stop = new AbortController()
      const told: string[] = []
      const reply = stream(url, {
        ...{ json: {}, http, signal: stop.signal },
        onAbort: () => told.push('abort'),
        onComplete: () => told.push('complete'),
      })
      await reply.answer()
      if (how === 'the signal') stop.abort()
      else reply.cancel()
      expect(signals[0]?.aborted).toBe(true)
      await expect.poll(() => open.size).toBe(0)
      expect(await reply.text()).toBe('Hold fast.')
      let late = ''
      for await (const delta of reply) if (delta.type === 'text') late += delta.text
      expect(late).toBe('Hold fast.')
      expect(told).toEqual(['complete'])
      expect(getEventListeners(stop.signal, 'abort')).toHaveLength(0)
    },
  )

  test("leaves no listener on the caller's signal and no timer", async () => {
    const { url } = await listen(endsAfter(undefined))
    const timers = () => process.getActiveResourcesInfo().filter((each) => each === 'Timeout').length
    const { http, parted } = carrier()
    const { signal } = new AbortController()
    const before = timers()
    await stream(url, { json: {}, http, signal }).answer()
    await parted()
    expect(getEventListeners(signal, 'abort')).toHaveLength(0)
    await expect.poll(timers).toBeLessThanOrEqual(before)
  })

  test('does not hold its slot: the next reply begins at once', async () => {
    stopTheClock()
    const { url, open } = await listen(endsAfter(undefined))
    const { http, signals } = carrier()
    const client = createClient({ maxConcurrent: 1, http, method: 'POST' })
    const first = client.stream(url)
    const second = client.stream(url)
    await first.answer()
    await second.answer()
    expect(signals.map(({ aborted }) => aborted)).toEqual([false, false])
    expect(open.size).toBe(2)
  })

  test('but goes on and on is read no further than some 64 KiB', async () => {
    let pulled = 0
    const endless = new ReadableStream<Uint8Array>(
      {
        pull(controller) {
          controller.enqueue(new TextEncoder().encode(pulled++ === 0 ? ANSWER : ': more\n'.repeat(1_000)))
        },
      },
      { highWaterMark: 0 },
    )
    const { http, parted } = carrier(async () => new Response(endless))
    expect(await stream('https://api.example.com/', { json: {}, http }).text()).toBe('Hold fast.')
    await parted()
    expect(pulled).toBeGreaterThan(2)
    expect(pulled).toBeLessThan(20)
  })
})
