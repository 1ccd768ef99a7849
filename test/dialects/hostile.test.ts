/** Providers that mean harm, or do it by accident: no crash, no pollution, bounded memory. */
import { describe, expect, test } from 'vitest'
import { type Answer, type StreamFailure, stream } from '../../src/index.ts'
import { scriptedFetch } from '../../src/testing/index.ts'

const events = {
  'openai-chat': (text: unknown) => ({ choices: [{ index: 0, delta: { content: text } }] }),
  'openai-responses': (text: unknown) => ({ type: 'response.output_text.delta', delta: text }),
  anthropic: (text: unknown) => ({
    type: 'content_block_delta',
    index: 0,
    delta: { type: 'text_delta', text },
  }),
  gemini: (text: unknown) => ({ candidates: [{ content: { parts: [{ text }] } }] }),
  ollama: (text: unknown) => ({ message: { content: text }, done: false }),
}
const ends = {
  'openai-chat': '[DONE]',
  'openai-responses': { type: 'response.completed', response: { status: 'completed' } },
  anthropic: { type: 'message_stop' },
  gemini: { candidates: [{ finishReason: 'STOP' }] },
  ollama: { done: true },
}
const DIALECTS = Object.keys(events) as (keyof typeof events)[]

async function read(...given: readonly unknown[]): Promise<Answer | StreamFailure> {
  return stream('https://provider.invalid', {
    fetch: scriptedFetch({ events: given }),
    json: {},
    retry: false,
  })
    .answer()
    .catch((error: StreamFailure) => error)
}

describe.each(DIALECTS)('%s', (name) => {
  const event: (text: unknown) => unknown = events[name]
  const end = ends[name]

  test.each([
    ['a lone surrogate', '\ud83d'],
    ['half a pair in each event', '\ud83d\ude00'],
    ['NUL bytes', 'a\0b'],
    ['a byte order mark', '\ufeffa'],
    ['controls that turn text around', '\u202eevil\u202c'],
    ['a megabyte', 'x'.repeat(1_000_000)],
  ])('hands out %s as it came', async (what, text) => {
    const pieces = what.startsWith('half') ? text.split('') : [text]
    expect(await read(...pieces.map((piece) => event(piece)), end)).toMatchObject({
      text,
      finishReason: expect.any(String),
    })
  })

  test.each<[string, unknown]>([
    ['null', null],
    ['true', true],
    ['an object', { word: 'x' }],
    ['a list of nothing', [null, true, [], {}]],
  ])('passes over %s where text should be', async (_what, text) => {
    expect(await read(event(text), event('a'), end)).toMatchObject({ text: 'a' })
  })

  test('reads a number where text should be, or passes over it', async () => {
    const { text } = (await read(event(5), event('a'), end)) as Answer
    expect(['5a', 'a']).toContain(text)
  })

  test('is not polluted by __proto__ and constructor', async () => {
    const evil = `{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},${JSON.stringify(event('a')).slice(1)}`
    expect(await read(evil, end)).toMatchObject({ text: 'a' })
    expect(({} as { polluted?: number }).polluted).toBeUndefined()
  })

  test('reads past JSON that is nested deeply', async () => {
    const deep = (depth: number) => `{"x":${'['.repeat(depth)}${']'.repeat(depth)}}`
    expect(await read(event('a'), deep(50), deep(100_000), event('b'), end)).toMatchObject({ text: 'ab' })
  })

  test('is truncated, not whole, when every event is nonsense', async () => {
    for (const nonsense of ['{', '{"a":', '{}', '{"choices":5}', '{"type":7}', '{"candidates":"x"}'])
      expect(await read(event('a'), nonsense)).toMatchObject({ code: 'truncated', answer: { text: 'a' } })
  })
})

test('ten thousand tool calls are counted and joined, each in its place', async () => {
  const calls = Array.from({ length: 10_000 }, (_, index) => ({
    choices: [
      {
        index: 0,
        delta: { tool_calls: [{ index, id: `${index}`, function: { name: 'f', arguments: '{}' } }] },
      },
    ],
  }))
  const { toolCalls } = (await read(...calls, '[DONE]')) as Answer
  expect(toolCalls).toHaveLength(10_000)
  expect(toolCalls[9_999]).toEqual({ index: 9_999, id: '9999', name: 'f', arguments: '{}' })
})

test.each([
  ['a negative', -1],
  ['a fraction', 1.5],
  ['an enormous', 1e300],
  ['a text as', '__proto__'],
])('%s index of a tool call does no harm', async (_what, index) => {
  const call = {
    choices: [{ index: 0, delta: { tool_calls: [{ index, function: { name: 'f', arguments: '{}' } }] } }],
  }
  const answer = (await read(call, '[DONE]')) as Answer
  expect(answer.toolCalls).toHaveLength(1)
  expect(Object.keys(answer.toolCalls)).toEqual(['0'])
})

test('an answer beyond its bound ends, whatever it is made of', async () => {
  const reply = stream('https://provider.invalid', {
    ...{ json: {}, retry: false, maxAnswerChars: 1_000 },
    fetch: scriptedFetch({ events: Array.from({ length: 300 }, () => events.ollama('12345')) }),
  })
  expect(await reply.answer().catch((error: StreamFailure) => error)).toMatchObject({ code: 'protocol' })
})
