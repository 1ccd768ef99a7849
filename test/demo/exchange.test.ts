import { once } from 'node:events'
import { createServer, get, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { Exchange } from '../../demo/server/exchange.mjs'
import { later } from './ask.ts'

/** Serves one request by `work` and gives the client's side of it. */
async function exchangeWith(work: (exchange: Exchange) => Promise<unknown>) {
  const finished = later<string>()
  const started = later<Exchange>()
  const server = createServer((request, response) => {
    const exchange = new Exchange(request, response, { pace: 1, keepAliveMs: 1000 })
    started.resolve(exchange)
    work(exchange).then(
      () => finished.resolve('done'),
      (error: Error) => finished.resolve(error.name),
    )
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const client = get({ port: (server.address() as AddressInfo).port, host: '127.0.0.1' })
  client.on('error', () => {})
  const [response] = (await once(client, 'response')) as [IncomingMessage]
  return { client, response, exchange: await started.promise, finished: finished.promise, server }
}

test.each([
  ['a pause', (exchange: Exchange) => exchange.pause(60_000)],
  ['an endless keep-alive', (exchange: Exchange) => exchange.keepAlive(Number.POSITIVE_INFINITY, 0.01)],
])('a client that leaves ends %s at once', async (_, wait) => {
  const { client, finished, server } = await exchangeWith(async (exchange) => {
    await exchange.open()
    await wait(exchange)
  })
  client.destroy()
  expect(await finished).toBe('AbortError')
  server.close()
})

test('writes no faster than the client reads', async () => {
  const piece = Buffer.alloc(256 * 1024, 'x')
  let written = 0
  const { response, exchange, finished, server } = await exchangeWith(async (own) => {
    await own.open()
    for (let i = 0; i < 64; i++) {
      await own.write(piece)
      written += piece.length
    }
    own.end()
  })
  response.pause()
  await expect.poll(() => exchange.response.writableNeedDrain).toBe(true)
  expect(exchange.response.writableLength).toBeLessThan(2 * piece.length)
  expect(written).toBeLessThan(64 * piece.length)
  let received = 0
  for await (const bytes of response) received += bytes.length
  expect(received).toBeGreaterThan(64 * piece.length)
  expect(await finished).toBe('done')
  server.close()
})

test('cuts a wide character in two on the way, so that decoders are put to the test', async () => {
  const { response, server } = await exchangeWith(async (exchange) => {
    await exchange.open()
    await exchange.event('🌊')
    exchange.end()
  })
  const pieces: Buffer[] = []
  response.on('data', (bytes) => pieces.push(bytes))
  await once(response, 'end')
  expect(Buffer.concat(pieces).toString()).toBe(': ok\n\ndata: 🌊\n\n')
  expect(pieces.map(String).join('')).toContain('\ufffd')
  server.close()
})
