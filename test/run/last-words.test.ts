/** Words behind the events, and then an end in good order: Go's `http.Error`, PHP's `die()`. They may say why. */
import { describe, expect, test } from 'vitest'
import { anthropic, auto, jsonEvents, openaiChat } from '../../src/dialects/index.ts'
import { type StreamFailure, stream } from '../../src/index.ts'
import { scriptedFetch } from '../../src/testing/index.ts'

const chat = (content: string) => `data: {"choices":[{"index":0,"delta":{"content":"${content}"}}]}\n\n`
const own = (text: string) => `data: {"text":"${text}"}\n\n`

async function failureOf(body: string, dialect = openaiChat, headers = {}) {
  const failures = [undefined, 1].map(async (pieceBytes) => {
    const fetch = scriptedFetch({ body, pieceBytes })
    const reply = stream('https://own.invalid', { fetch, json: {}, dialect, headers, retry: false })
    return (await reply.answer().catch((error: StreamFailure) => error)) as StreamFailure
  })
  const [one, other] = await Promise.all(failures)
  expect(one?.message).toBe(other?.message)
  return one
}

describe('the last words of a stream that was cut off', () => {
  test.each([
    ['http: upstream went away\n', 'http: upstream went away'],
    ['Database gone', 'Database gone'],
    ['\nMaximum execution time of 30 seconds exceeded\n\n', 'Maximum execution time of 30 seconds exceeded'],
  ])('are told: %j', async (last, words) => {
    for (const [body, dialect] of [
      [chat('Hel'), openaiChat],
      [chat('Hel'), auto],
      [own('Hel') + own('lo'), auto],
      [own('Hel') + own('lo'), jsonEvents],
      ['data: {"type":"message_start","message":{"content":[]}}\n\n', anthropic],
    ] as const)
      expect(await failureOf(body + last, dialect)).toMatchObject({
        code: 'truncated',
        message: expect.stringMatching(new RegExp(`last words: ${words}$`)),
      })
  })

  test('are told wherever the reads before them ended', async () => {
    for (let length = 150; length < 500; length += 7) {
      const failure = await failureOf(`${chat('x'.repeat(length))}Database gone away`)
      expect(failure?.message).toMatch(/last words: Database gone away$/)
    }
  })

  test('hold no key', async () => {
    const key = 'sk-abcdefghijklmnop1234'
    const failure = await failureOf(`${chat('Hel')}bad key ${key} for you\n`, openaiChat, {
      authorization: `Bearer ${key}`,
    })
    expect(failure?.message).toContain('last words: bad key [redacted] for you')
    expect(`${failure?.stack}`).not.toContain(key)
  })

  test.each([
    'data: {"choices":[{"ind',
    'event: message_',
    'id: 123456',
    ': keep-alive\n\n',
    'da',
    '{"a":1',
    '\n\n',
    'x',
  ])('are none where the stream was cut in the middle, or said nothing: %j', async (last) => {
    const failure = await failureOf(chat('Hel') + last)
    expect(failure).toMatchObject({ code: 'truncated', message: expect.not.stringContaining('last words') })
  })
})

test('a JSON document without an answer is refused, and not asked for again', async () => {
  const documents = [
    '{"choices":[]}',
    '{"id":"c","object":"chat.completion","choices":[],"usage":{"total_tokens":3}}',
  ]
  for (const body of documents)
    for (const dialect of [openaiChat, auto]) {
      const fetch = scriptedFetch({ body, headers: { 'content-type': 'application/json' } })
      const reply = stream('https://own.invalid', { fetch, json: {}, dialect, retry: { baseMs: 0 } })
      await expect(reply.answer()).rejects.toMatchObject({ code: 'protocol', retryable: false })
      expect(fetch.requests).toHaveLength(1)
    }
})

test('a line of JSON that says nothing yet, and no more, is a stream that was cut off', async () => {
  const [head, rest] = [
    '{"model":"m","message":{"role":"assistant","content":""},"done":false}\n',
    '{"model":"m","message":{"content":"Hi"},"done":true,"done_reason":"stop"}\n',
  ]
  const fetch = scriptedFetch({ body: head }, { body: head + rest })
  const reply = stream('https://own.invalid', { fetch, json: {}, retry: { baseMs: 0 } })
  expect(await reply.text()).toBe('Hi')
  expect(fetch.requests).toHaveLength(2)
})
