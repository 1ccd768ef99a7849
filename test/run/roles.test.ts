/** What `onEvent` is told an event was to the answer. */
import { describe, expect, test } from 'vitest'
import { stream } from '../../src/index.ts'
import { type FetchScript, scriptedFetch } from '../../src/testing/fetch.ts'

const chunk = (content: string, id?: number) =>
  `${id === undefined ? '' : `id: ${id}\n`}data: ${JSON.stringify({ choices: [{ index: 0, delta: { content } }] })}\n\n`
const end = 'data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n'

async function roles(...scripts: FetchScript[]) {
  const told: string[] = []
  const reply = stream('https://model.test/v1', {
    fetch: scriptedFetch(...scripts),
    retry: { baseMs: 0, limit: 1 },
    onEvent: (_event, role) => void told.push(role),
    onDelta: () => {},
  })
  const text = await reply.text().catch((error) => `${error.code}: ${error.answer.text}`)
  return { told, text }
}

describe('the role of an event', () => {
  test('is content where it brings some of the answer, and other where it brings none', async () => {
    const role = 'data: {"choices":[{"index":0,"delta":{"role":"assistant","content":""}}]}\n\n'
    expect(await roles({ body: role + chunk('Hi') + end })).toEqual({
      told: ['other', 'content', 'other', 'other'],
      text: 'Hi',
    })
  })

  test.each([
    'event: error\ndata: no\n\n',
    'data: {"error":{"message":"no","code":"context_length_exceeded","type":"invalid_request_error"}}\n\n',
    'data: {"choices":[{"index":0,"delta":{},"finish_reason":"error"}]}\n\n',
  ])('is error where the stream ends with it: %j', async (error) => {
    const { told } = await roles({ body: chunk('Hi') + error + end })
    expect(told).toEqual(['content', 'error'])
  })

  test.each([undefined, 7, 40])(
    'is again where a resumed stream repeats what had come (pieces of %j bytes)',
    async (pieceBytes) => {
      const before = chunk('Once ', 1) + chunk('upon ', 2)
      const again = `${before}${chunk('a time', 3)}id: 4\n${end}`
      const { told, text } = await roles(
        { body: before, end: 'reset', pieceBytes },
        { body: again, pieceBytes },
      )
      expect(text).toBe('Once upon a time')
      expect(told).toEqual(['content', 'content', 'again', 'again', 'content', 'other', 'other'])
    },
  )

  test('is partly where it goes on in its middle', async () => {
    const { told, text } = await roles(
      { body: chunk('Once upon ', 1) + chunk('a ', 2), end: 'reset' },
      { body: `${chunk('Once upon a time', 1)}id: 2\n${end}` },
    )
    expect({ told, text }).toEqual({
      told: ['content', 'content', 'partly', 'other', 'other'],
      text: 'Once upon a time',
    })
  })
})
