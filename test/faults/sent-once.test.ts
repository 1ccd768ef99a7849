/** What is sent only once: a body that can be read only once, and what cannot be sent at all. */
import { Readable } from 'node:stream'
import { afterEach, describe, expect, test } from 'vitest'
import { stream as ofCore } from '../../src/core.ts'
import { openaiChat, type StreamFailure, type StreamOptions, stream } from '../../src/index.ts'
import { whole } from '../support/chat.ts'
import { useServer } from '../support/use-server.ts'

const server = useServer()
afterEach(() => expect.poll(() => server.openSockets).toBe(0))

const bytes = new TextEncoder().encode('{"q":1}')
async function* inPieces() {
  yield bytes
}
// Node's `fetch` takes them all; the browsers' types know only the first.
const bodies = [
  ['a ReadableStream', () => new Blob([bytes]).stream()],
  ['an async generator', inPieces],
  ["Node's own stream", () => Readable.from([bytes])],
] as unknown as readonly (readonly [string, () => NonNullable<StreamOptions['body']>])[]

const entries = [
  ['holdfast', stream],
  ['holdfast/core', ofCore],
] as const

describe.each(entries)('by %s', (_entry, ask) => {
  test.each(bodies)('%s', async (_what, body) => {
    server.play({ status: 503, steps: ['END'] }, whole('Hello'))
    const reply = ask(server.url, { body: body(), retry: { baseMs: 1 }, dialect: openaiChat })
    await expect(reply.text()).rejects.toMatchObject({ code: 'http', status: 503, attempts: 1 })
    expect(server.requests.map(({ body }) => body)).toEqual(['{"q":1}'])
  })

  // As a server hands on what a browser has sent it.
  test.each([
    ['content-length', 'x'],
    ['keep-alive', 'timeout=5'],
    ['transfer-encoding', 'chunked'],
    ['expect', '100-continue'],
  ])('not even once, with the header %s of another request', async (name, value) => {
    const { url } = server
    const reply = ask(url, {
      json: {},
      headers: { [name]: value },
      retry: { baseMs: 1 },
      dialect: openaiChat,
    })
    const error = await reply.text().catch((thrown: StreamFailure) => thrown)
    expect(error).toMatchObject({ code: 'protocol', attempts: 1, retryable: false })
    expect((error as StreamFailure).message).toMatch(
      RegExp(`^The request could not be made: .*${name} header`),
    )
    expect(server.requests).toEqual([])
  })
})
