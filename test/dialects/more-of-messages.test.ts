/** Of several messages, parts and calls each has its own rest, and none is taken for another. */
import { describe, expect, test } from 'vitest'
import { agui, auto, coze, type Dialect, openaiResponses, uiMessages } from '../../src/dialects/index.ts'
import { stream } from '../../src/index.ts'
import { type FetchScript, scriptedFetch } from '../../src/testing/index.ts'

const json = (...events: readonly unknown[]): string =>
  events.map((event) => `data: ${typeof event === 'string' ? event : JSON.stringify(event)}\n\n`).join('')

async function answersOf(dialect: Dialect, body: string) {
  const asks = [dialect, auto].flatMap((each) =>
    [undefined, 1].map((pieceBytes) =>
      stream('https://own.invalid', {
        fetch: scriptedFetch({ body, pieceBytes }),
        dialect: each,
        retry: false,
      }).answer(),
    ),
  )
  return Promise.all(asks)
}

const begun = { type: 'response.created', response: { id: 'r' } }
const completed = (...output: readonly unknown[]) => ({
  type: 'response.completed',
  response: { id: 'r', status: 'completed', output },
})
const item = (at: number, id: string, args: string) => ({
  type: 'function_call',
  id: `item-${id}`,
  call_id: id,
  name: `tool-${at}`,
  arguments: args,
})
const added = (at: number, id: string) => ({
  type: 'response.output_item.added',
  output_index: 0,
  item: item(at, id, ''),
})
const ended = (at: number, id: string, args: string) => ({
  type: 'response.output_item.done',
  output_index: 0,
  item: item(at, id, args),
})
const piece = (id: string, delta: string) => ({
  type: 'response.function_call_arguments.delta',
  output_index: 0,
  item_id: `item-${id}`,
  delta,
})

describe('two calls of a response with one place', () => {
  const [first, second] = ['{"a":1}', '{"b":2}']
  const calls = [
    { index: 0, id: 'x', name: 'tool-0', arguments: first },
    { index: 1, id: 'y', name: 'tool-1', arguments: second },
  ]

  test.each<[string, readonly unknown[]]>([
    [
      'one after the other',
      [added(0, 'x'), piece('x', first), ended(0, 'x', first), added(1, 'y'), piece('y', second)],
    ],
    [
      'by turns',
      [
        added(0, 'x'),
        added(1, 'y'),
        piece('x', '{"a"'),
        piece('y', '{"b"'),
        piece('x', ':1}'),
        piece('y', ':2}'),
        ended(0, 'x', first),
        ended(1, 'y', second),
      ],
    ],
    ['each as a whole', [ended(0, 'x', first), ended(1, 'y', second)]],
  ])('are two: %s', async (_how, events) => {
    const whole = completed(item(0, 'x', first), item(1, 'y', second))
    for (const end of [completed(), whole])
      for (const { toolCalls } of await answersOf(openaiResponses, json(begun, ...events, end)))
        expect(toolCalls).toEqual(calls)
  })

  test('are known when the stream goes on', async () => {
    const event = (at: number, each: object) => `id: ${at}\n${json({ ...each, sequence_number: at })}`
    const scripts: readonly FetchScript[] = [
      {
        body:
          event(0, begun) + event(1, added(0, 'x')) + event(2, added(1, 'y')) + event(3, piece('y', '{"b"')),
        end: 'reset',
      },
      { body: event(4, piece('x', first)) + event(5, piece('y', ':2}')) + event(6, completed()) },
    ]
    const reply = stream('https://own.invalid', {
      fetch: scriptedFetch(...scripts),
      dialect: openaiResponses,
      recovery: 'resume',
      retry: { baseMs: 1 },
    })
    expect((await reply.answer()).toolCalls).toEqual(calls)
  })

  test('are one where the whole of it has another id', async () => {
    const other = { ...ended(0, 'x', first), item: { ...item(0, 'x', first), call_id: 'z', id: 'z' } }
    const body = json(begun, added(0, 'x'), piece('x', first), other, completed(other.item))
    for (const { toolCalls } of await answersOf(openaiResponses, body))
      expect(toolCalls).toEqual(calls.slice(0, 1))
  })
})

describe('a part of a response that comes as it ends', () => {
  const part = (at: number, text: string) => ({
    type: 'response.content_part.done',
    output_index: 0,
    content_index: at,
    part: { type: 'output_text', text },
  })
  const delta = (delta: string) => ({
    type: 'response.output_text.delta',
    output_index: 0,
    content_index: 0,
    delta,
  })
  const done = (text: string) => ({
    type: 'response.output_text.done',
    output_index: 0,
    content_index: 0,
    text,
  })

  test.each<[string, readonly unknown[], string]>([
    ['is told', [delta('one'), done('one'), part(0, 'one'), part(1, ', two')], 'one, two'],
    ['and is all there is, is told', [part(0, 'one'), part(1, ', two')], 'one, two'],
    ['brings the rest of its deltas', [delta('one'), part(0, 'one, two')], 'one, two'],
    ['is not told again, whatever its number', [delta('one'), done('one'), part(1, 'one')], 'one'],
    ['nor without an end of its text', [delta('one'), part(1, 'one')], 'one'],
    ['nor where it says something else', [delta('one'), done('one'), part(0, 'other')], 'one'],
  ])('%s', async (_what, events, text) => {
    for (const answer of await answersOf(openaiResponses, json(begun, ...events, completed())))
      expect(answer.text).toBe(text)
  })
})

test('Coze: the second of two messages, too, has its rest', async () => {
  const event = (name: string, data: object) => `event: ${name}\n${json(data)}`
  const message = (kind: string, id: string, content: string) =>
    event(`conversation.message.${kind}`, { id, type: 'answer', content })
  const body =
    message('delta', 'a', 'Hel') +
    message('completed', 'a', 'Hello. ') +
    message('delta', 'b', 'Wor') +
    message('completed', 'b', 'World') +
    message('completed', 'a', 'Hello. And') +
    event('conversation.chat.completed', {}) +
    'event: done\ndata: "[DONE]"\n\n'
  for (const { text } of await answersOf(coze, body)) expect(text).toBe('Hello. World')
})

describe('AG-UI’s snapshot', () => {
  const run = (...events: readonly unknown[]) =>
    json({ type: 'RUN_STARTED', runId: 'r' }, ...events, { type: 'RUN_FINISHED', runId: 'r' })
  const say = (messageId: string, delta: string) => ({ type: 'TEXT_MESSAGE_CONTENT', messageId, delta })
  const end = (messageId: string) => ({ type: 'TEXT_MESSAGE_END', messageId })
  const snapshot = (...texts: readonly string[]) => ({
    type: 'MESSAGES_SNAPSHOT',
    messages: texts.map((content, at) => ({ id: `m${at}`, role: 'assistant', content })),
  })

  test.each<[string, readonly unknown[], string]>([
    ['brings the rest of a message', [say('m0', 'Hel'), end('m0'), snapshot('Hello')], 'Hello'],
    [
      'brings that of the last one',
      [say('m0', 'One. '), end('m0'), say('m1', 'Tw'), end('m1'), snapshot('One. ', 'Two')],
      'One. Two',
    ],
    ['leaves one that has not ended', [say('m0', 'Hel'), snapshot('Hello'), say('m0', 'lo')], 'Hello'],
    ['leaves one that says something else', [say('m0', 'Hel'), end('m0'), snapshot('Hi there')], 'Hel'],
    [
      'leaves one that another stands behind',
      [say('m0', 'On'), end('m0'), say('m1', 'Two'), snapshot('One')],
      'OnTwo',
    ],
  ])('%s', async (_what, events, text) => {
    for (const answer of await answersOf(agui, run(...events))) expect(answer.text).toBe(text)
  })
})

test.each([
  ['{"city": "Kiel"', '{"city": "Kiel","days":[1,2]}'],
  ['{"city": "Ki', '{"city": "Kiel","days":[1,2]}'],
  ['{\n  "city": "Kiel",\n  "days": [1, 2]\n}', '{\n  "city": "Kiel",\n  "days": [1, 2]\n}'],
  ['{"town": ', '{"town": '],
])('UI messages: the input brings what its pieces lack, however they are spaced (%j)', async (told, args) => {
  const input = { toolCallId: 'c', toolName: 'weather' }
  const body = json(
    { type: 'start' },
    { type: 'tool-input-start', ...input },
    { type: 'tool-input-delta', ...input, inputTextDelta: told },
    { type: 'tool-input-available', ...input, input: { city: 'Kiel', days: [1, 2] } },
    { type: 'finish', finishReason: 'tool-calls' },
    '[DONE]',
  )
  for (const { toolCalls } of await answersOf(uiMessages, body)) expect(toolCalls[0]?.arguments).toBe(args)
})
