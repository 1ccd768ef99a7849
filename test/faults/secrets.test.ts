/** Nothing that is shown holds a key, a header or the request body, whatever the server echoes and however it is printed. */
import { inspect } from 'node:util'
import { describe, expect, test } from 'vitest'
import * as library from '../../src/index.ts'
import { type StreamFailure, type StreamOptions, stream } from '../../src/index.ts'
import { startLeakServer } from '../runtimes/leak-server.mjs'
import { FAILURES, findLeaks, placesFor } from '../runtimes/leaks.mjs'
import { begun, json } from '../support/chat.ts'
import { type Script, startFaultServer } from '../support/fault-server.ts'
import { useServer } from '../support/use-server.ts'

const server = useServer()
const KEY = 'sk-proj-4f9a8b7c6d5e'
const PROMPT = 'my secret diary'
const secretive: StreamOptions = {
  json: { messages: [{ role: 'user', content: PROMPT }] },
  headers: { authorization: `Bearer ${KEY}`, 'x-api-key': KEY },
  searchParams: { key: KEY },
  retry: false,
  timeouts: { connectMs: 100, idleMs: 60 },
}

const printed = (error: StreamFailure) =>
  [error.message, String(error), JSON.stringify(error), inspect(error, { depth: 9 }), error.stack].join('\n')

test('wherever a key is and however a request fails, it shows on no surface', async () => {
  const places = Object.keys(placesFor(library)).length
  expect(places).toBeGreaterThanOrEqual(15)
  expect(FAILURES.length).toBeGreaterThanOrEqual(12)
  const server = await startLeakServer()
  try {
    const all = (value: unknown) => inspect(value, { depth: 9, showHidden: true })
    const { asked, leaks } = await findLeaks(library, server.origin, server.dead, all)
    expect(leaks).toEqual([])
    expect(asked).toBe(places * FAILURES.length)
  } finally {
    await server.close()
  }
}, 60_000)

describe('nothing secret is printed after', () => {
  test.each<[string, Script]>([
    ['a 401 that quotes the key', json(401, { error: { message: `Incorrect API key provided: ${KEY}.` } })],
    ['a 422 that quotes the request', json(422, { detail: [{ input: { content: PROMPT } }] })],
    [
      'an in-band error that quotes the key',
      begun(['a'], `data: {"error":{"message":"Bad key ${KEY}"}}\n\n`),
    ],
    ['a JSON error under 200', json(200, { error: { message: `Bearer ${KEY} is invalid` } })],
    ['an HTML page', { headers: { 'content-type': 'text/html' }, steps: [`<title>${KEY}</title>`, 'END'] }],
    ['a reset', begun(['a'], 'RST')],
    ['a cut', begun(['a'], 'END')],
    ['a stall', begun(['a'], 'HANG')],
    ['silence', {}],
  ])('%s', async (_name, script) => {
    server.play(script)
    const error = await stream(server.url, secretive)
      .answer()
      .catch((reason: StreamFailure) => reason)
    expect(error).toBeInstanceOf(Error)
    const text = printed(error as StreamFailure)
    expect(text).not.toContain(KEY)
    expect(text).not.toContain(PROMPT)
  })

  test('a refused connection, or a fetch that hangs the request on its error', async () => {
    const gone = await startFaultServer()
    await gone.close()
    const chatty = () =>
      Promise.reject(Object.assign(new TypeError(`cannot reach ${KEY}`), { request: secretive }))
    for (const options of [secretive, { ...secretive, fetch: chatty }]) {
      const error = await stream(gone.url, options)
        .answer()
        .catch((reason: StreamFailure) => reason)
      expect(error).toMatchObject({ code: 'network', phase: 'connect' })
      expect(printed(error as StreamFailure)).not.toContain(KEY)
      expect(printed(error as StreamFailure)).not.toContain(PROMPT)
    }
  })

  test('a partial answer, which is there for code but not for logs', async () => {
    server.play(begun(['the model said this'], 'END'))
    // No clock: what is wanted is what had arrived.
    const error = await stream(server.url, { ...secretive, timeouts: undefined })
      .answer()
      .catch((reason: StreamFailure) => reason)
    expect((error as StreamFailure).answer?.text).toBe('the model said this')
    expect(printed(error as StreamFailure)).not.toContain('the model said')
  })
})
