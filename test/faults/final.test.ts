/** An error inside the stream that says `retryable: false` ends the reply, whatever else it says, on real sockets. */
import { describe, expect, test } from 'vitest'
import { createClient, type StreamFailure, type StreamOptions, stream } from '../../src/index.ts'
import { DONE, finish, text } from '../support/chat.ts'
import { useServer } from '../support/use-server.ts'

const server = useServer()
const failing = (error: object) => `data: ${JSON.stringify(error)}\n\n`
const overloaded = { message: 'Overloaded', type: 'overloaded_error', code: 'server_error' }
const quota = { message: 'Quota', type: 'insufficient_quota', code: 'insufficient_quota' }

async function ended(error: object, options: StreamOptions, before = '') {
  const rest = [text('The sea'), finish(), DONE, 'END'] as const
  server.play({ steps: [before, failing(error), 'END'] }, { steps: rest })
  const reply = stream(server.url, { retry: { baseMs: 1 }, ...options })
  return reply.answer().catch((failure: StreamFailure) => failure)
}

describe('an error that is final', () => {
  test.each<[string, object]>([
    ['in `error`', { error: { ...overloaded, retryable: false } }],
    ['at the top', { error: overloaded, retryable: false }],
    ['with a used-up quota', { error: { ...quota, retryable: false } }],
  ])('is not asked again: %s', async (_where, error) => {
    const said = await ended(error, { json: {} })
    expect(said).toMatchObject({ code: 'api', retryable: false, isFinal: true, attempts: 1 })
    expect(server.requests).toHaveLength(1)
  })

  test('is asked again if it does not say so', async () => {
    expect(await ended({ error: overloaded }, { json: {} })).toMatchObject({ text: 'The sea' })
  })

  test.each<[string, StreamOptions]>([
    ['resumed', {}],
    ['replayed', { recovery: 'replay', onRewind: () => {} }],
  ])('is not %s after output', async (_how, options) => {
    const said = await ended(
      { error: { ...overloaded, retryable: false } },
      options,
      `id: 1\n${text('The ')}`,
    )
    expect(said).toMatchObject({ code: 'api', answer: { text: 'The ' } })
    expect(server.requests).toHaveLength(1)
  })

  test.each([overloaded, quota])('goes to no other server ($type)', async (error) => {
    const endpoints = [{ url: server.url }, { url: `${server.url}/other` }]
    const call = { json: {}, endpoints }
    server.play({ steps: [failing({ error: { ...error, retryable: false } }), 'END'] })
    expect(
      await stream('', call)
        .answer()
        .catch(({ code }) => code),
    ).toBe('api')
    expect(server.requests).toHaveLength(1)
  })

  test('is no fault of the server that hands it on', async () => {
    const ai = createClient({ breaker: { failures: 1 } })
    server.play({ steps: [failing({ error: { ...overloaded, retryable: false } }), 'END'] })
    await ai
      .stream(server.url, { json: {} })
      .answer()
      .catch(() => {})
    expect(ai.health()).toMatchObject({ state: 'closed', failures: 0 })
  })

  test('is tried again if the caller insists', async () => {
    const retry = { baseMs: 1, shouldRetry: () => true }
    expect(await ended({ error: { ...overloaded, retryable: false } }, { json: {}, retry })).toMatchObject({
      text: 'The sea',
    })
  })
})
