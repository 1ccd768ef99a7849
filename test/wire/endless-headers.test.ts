/** Headers that never end are bounded in what is kept of them. */
import { createServer } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { type StreamFailure, stream } from '../../src/index.ts'
import { DONE, finish, text } from '../support/chat.ts'
import { inUse } from '../support/endless.ts'

const MB = 1024 * 1024
const MOST = 3 * MB
const LONG = 64 * MB

const closing: (() => void)[] = []
afterEach(() => {
  for (const close of closing.splice(0)) close()
})

/** A server that begins its headers with `head`, says `unit` for 64 MB, and then an answer. */
async function listen(head: string, unit: string, bytes: number) {
  const server = createServer((socket) => {
    const part = unit.repeat(Math.ceil(65_536 / unit.length))
    let left = bytes
    const write = () => {
      while (left > 0 && !socket.destroyed) {
        said.bytes += part.length
        left -= part.length
        if (!socket.write(part.slice(0, left < 0 ? left : undefined))) return socket.once('drain', write)
      }
      return socket.end(`\r\n\r\n${text('a')}${finish()}${DONE}`)
    }
    socket.on('error', () => {})
    socket.once('data', () => {
      socket.write(`HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n${head}`)
      write()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closing.push(() => server.close())
  const address = server.address()
  const said = { bytes: 0, url: `http://127.0.0.1:${typeof address === 'object' && address?.port}/` }
  return said
}

const lines = 'x-more: and more\r\n'

test.each([
  ['a header', 'x-request-id: ', 'x'],
  ['headers', '', lines],
])('%s of 64 MB: Node reads no further than its own bound', async (_what, head, unit) => {
  const said = await listen(head, unit, LONG)
  const before = inUse()
  const error = await stream(said.url, { json: {}, retry: false })
    .answer()
    .catch((error: StreamFailure) => error)
  expect(error).toMatchObject({ code: 'network' })
  expect(inUse() - before).toBeLessThan(MOST)
  expect(said.bytes).toBeLessThan(LONG / 2)
})

test.each([
  ['a header', 'x-request-id: ', 'x'],
  ['headers', '', lines],
])('%s of as much as Node reads harm nobody', async (_what, head, unit) => {
  const said = await listen(head, unit, 12_000)
  expect(await stream(said.url, { json: {}, retry: false }).text()).toBe('a')
})

test.each([
  ['x-request-id', 503],
  ['retry-after', 503],
  ['retry-after-ms', 429],
  ['x-should-retry', 500],
  ['x-ratelimit-reset-requests', 429],
  ['content-type', 200],
  ['x-any', 200],
])(
  '%s of 64 MB: little is kept',
  async (name, status) => {
    const headers = new Headers({ 'x-ratelimit-remaining-requests': '0' })
    headers.set(name, '1'.repeat(LONG))
    const before = inUse()
    const error = await stream('https://a.example', {
      ...{ json: {}, retry: false },
      fetch: async () => new Response('{}', { status, headers }),
    })
      .answer()
      .catch((error: StreamFailure) => error)
    expect(error).toBeInstanceOf(Error)
    expect(inUse() - before).toBeLessThan(MOST)
  },
  30_000,
)
