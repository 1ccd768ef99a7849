/** Who speaks is found out by the first event that tells; what says nothing decides nothing. */
import { describe, expect, test } from 'vitest'
import { type Answer, type StreamFailure, stream } from '../../src/index.ts'
import { scriptedFetch } from '../../src/testing/index.ts'

const chunk = (content: string) => ({ choices: [{ index: 0, delta: { content } }] })
const overload = { error: { type: 'overloaded_error', message: 'Overloaded' } }

async function read(...events: readonly unknown[]): Promise<Answer | StreamFailure> {
  return stream('https://provider.invalid', { fetch: scriptedFetch({ events }), json: {}, retry: false })
    .answer()
    .catch((error: StreamFailure) => error)
}

describe('what comes before the answer', () => {
  test.each([
    ['nothing', ''],
    ['blanks', '  '],
    ['half an object', '{"choi'],
    ['an object of nobody’s', '{"status":"queued"}'],
    ['a list', '[]'],
  ])('%s decides nothing', async (_what, first) => {
    expect(await read(first, chunk('Hi'), '[DONE]')).toMatchObject({ text: 'Hi' })
    expect(await read(first, overload)).toMatchObject({ code: 'api', answer: { text: '' } })
  })

  test('a word before the first chunk is none of the answer’s', async () => {
    expect(await read('connected', chunk('Hi'), '[DONE]')).toMatchObject({ text: 'Hi' })
    expect(await read('connected', overload)).toMatchObject({ code: 'api', answer: { text: 'connected' } })
  })
})

test('text is read as text, objects of nobody’s in it included', async () => {
  expect(await read('Hello ', '{"a":1}', ' {b', '[DONE]')).toMatchObject({ text: 'Hello {"a":1} {b' })
})

describe('of a server of one’s own', () => {
  test.each([
    ['a start', { type: 'start' }],
    ['a session', { session_id: 's1' }],
    ['sources', { type: 'sources', sources: [{ title: 'Kelp', content: 'Kelp holds on.' }] }],
  ])('%s before the text is none of it', async (_what, first) => {
    const token = (content: string) => ({ type: 'token', content })
    expect(await read(first, token('Hel'), token('lo'), { type: 'end' })).toMatchObject({ text: 'Hello' })
    expect(await read(first, 'Hel', 'lo', '[DONE]')).toMatchObject({ text: 'Hello' })
    expect(await read(first, '[DONE]')).toMatchObject({ code: 'protocol' })
  })

  test.each([
    [
      'another kind of text',
      [
        { type: 'status', content: 'Searching' },
        { type: 'token', content: 'Hi' },
      ],
    ],
    ['the same after a word', ['connected', { type: 'status', content: 'Searching' }, { content: 'Hi' }]],
    ['text in another object', [{ type: 'delta', payload: { text: 'Hi' } }, { text: 'x' }, { text: 'y' }]],
    ['chunks that were encoded twice', [JSON.stringify(JSON.stringify(chunk('Hi')))]],
  ])('%s is refused at once, and never shown', async (_what, events) => {
    const fetch = scriptedFetch({ events: [...events, '[DONE]'] })
    const answer = stream('https://provider.invalid', { fetch, json: {} }).answer()
    await expect(answer).rejects.toMatchObject({ code: 'protocol', answer: { text: '' } })
    expect(fetch.requests).toHaveLength(1)
  })
})

test.each([1, 7, undefined])(
  'an end of which there was nothing is none, %s bytes a packet',
  async (pieceBytes) => {
    // Mastra's stream looks like the AI SDK's, and has its text elsewhere.
    const events = [
      { type: 'text-delta', payload: { text: 'Hi' } },
      { type: 'finish', payload: { stepResult: { reason: 'stop' } } },
    ]
    for (const all of [events, [...events, '[DONE]']]) {
      const fetch = scriptedFetch({ events: all, pieceBytes })
      const answer = stream('https://provider.invalid', { fetch, json: {} }).answer()
      await expect(answer).rejects.toMatchObject({ code: 'protocol' })
      expect(fetch.requests).toHaveLength(1)
    }
  },
)

test('nothing but nonsense is refused', async () => {
  expect(await read('{', '', '{"x":1}')).toMatchObject({ code: 'protocol' })
})
