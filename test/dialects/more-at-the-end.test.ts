/** Of a text whose pieces have not all come the event that ends it may bring the rest: it says all of it once more. */
import { describe, expect, test } from 'vitest'
import {
  auto,
  coze,
  type Dialect,
  dify,
  jsonEvents,
  openaiResponses,
  uiMessages,
} from '../../src/dialects/index.ts'
import { stream } from '../../src/index.ts'
import { type FetchScript, scriptedFetch } from '../../src/testing/index.ts'

const TEXT = 'Hello, wide world'
const ARGS = '{"city":"Kiel"}'

function answerOf(dialect: Dialect, ...scripts: readonly FetchScript[]) {
  const fetch = scriptedFetch(...scripts)
  return stream('https://own.invalid', { fetch, dialect, recovery: 'resume', retry: { baseMs: 1 } }).answer()
}

interface Server {
  readonly dialect: Dialect
  /** The stream of a text that was told up to here. */
  readonly body: (told: readonly string[], whole: string) => string
}

const json = (...events: readonly unknown[]): string =>
  events.map((event) => `data: ${typeof event === 'string' ? event : JSON.stringify(event)}\n\n`).join('')
const named = (event: string, data: unknown): string => `event: ${event}\n${json(data)}`

const place = { output_index: 0, content_index: 0 }
const message = (text: string) => ({ type: 'message', content: [{ type: 'output_text', text }] })
const begun = { type: 'response.created', response: { id: 'r' } }
const textDelta = (delta: string) => ({ type: 'response.output_text.delta', ...place, delta })
const completed = (...output: readonly unknown[]) => ({
  type: 'response.completed',
  response: { id: 'r', status: 'completed', output },
})
const cozeMessage = (content: string) => ({ id: 'm', role: 'assistant', type: 'answer', content })

const itemDone = (text: string) => ({
  type: 'response.output_item.done',
  output_index: 0,
  item: message(text),
})
const responses = (end: (text: string) => readonly unknown[]): Server => ({
  dialect: openaiResponses,
  body: (told, text) => json(begun, ...told.map(textDelta), ...end(text)),
})

const TEXTS: readonly (readonly [string, Server])[] = [
  [
    'Responses, as the part ends',
    responses((text) => [
      { type: 'response.output_text.done', ...place, text },
      itemDone(text),
      completed(message(text)),
    ]),
  ],
  ['Responses, as the item ends', responses((text) => [itemDone(text), completed()])],
  ['Responses, as the response ends', responses((text) => [completed(message(text))])],
  [
    'Coze',
    {
      dialect: coze,
      body: (told, text) =>
        told.map((piece) => named('conversation.message.delta', cozeMessage(piece))).join('') +
        named('conversation.message.completed', cozeMessage(text)) +
        named('conversation.chat.completed', { status: 'completed' }) +
        named('done', '[DONE]'),
    },
  ],
  [
    'a workflow of Dify’s',
    {
      dialect: dify,
      body: (told, text) =>
        json(
          { event: 'workflow_started', task_id: 't', workflow_run_id: 'w', data: {} },
          ...told.map((piece) => ({ event: 'text_chunk', task_id: 't', data: { text: piece } })),
          {
            event: 'workflow_finished',
            data: { status: 'succeeded', outputs: { text } },
          },
        ),
    },
  ],
  [
    'a server of one’s own, as it ends',
    {
      dialect: jsonEvents,
      body: (told, text) => json(...told.map((content) => ({ content })), { content: text, done: true }),
    },
  ],
  [
    'a server of one’s own, in an event of another kind',
    {
      dialect: jsonEvents,
      body: (told, text) =>
        json(
          ...told.map((content) => ({ type: 'chunk', content })),
          { type: 'final', content: text },
          '[DONE]',
        ),
    },
  ],
]

describe.each(TEXTS)('%s', (_who, { dialect, body }) => {
  test.each([dialect, auto])('brings what its pieces lack, read by $name', async (dialect) => {
    for (const told of [[TEXT], ['Hello', ', wide world'], ['Hello', ', wide'], ['Hello, ', 'wide w', 'orl']])
      for (const pieceBytes of [undefined, 1, 9])
        expect(await answerOf(dialect, { body: body(told, TEXT), pieceBytes })).toMatchObject({ text: TEXT })
  })
})

// Of a server of one's own the last event may bring the last piece.
test.each(TEXTS.slice(0, -2))(
  '%s: adds nothing to a text that goes another way, or is longer',
  async (_who, server) => {
    for (const told of [
      ['Hello', ', whit'],
      ['Hello, wide ', 'world, and more'],
    ])
      expect(await answerOf(server.dialect, { body: server.body(told, TEXT) })).toMatchObject({
        text: told.join(''),
      })
  },
)

describe('arguments', () => {
  const item = { type: 'function_call', call_id: 'c', name: 'weather' }
  const added = { type: 'response.output_item.added', output_index: 0, item: { ...item, arguments: '' } }
  const done = { type: 'response.function_call_arguments.done', output_index: 0, arguments: ARGS }
  const ended = { type: 'response.output_item.done', output_index: 0, item: { ...item, arguments: ARGS } }
  const piece = (delta: string) => ({
    type: 'response.function_call_arguments.delta',
    output_index: 0,
    delta,
  })
  const input = { toolCallId: 'c', toolName: 'weather' }

  test.each<[string, Dialect, readonly unknown[]]>([
    ['Responses, as they end', openaiResponses, [begun, added, piece('{"city"'), done, completed()]],
    ['Responses, as the call ends', openaiResponses, [begun, added, piece('{"city"'), ended, completed()]],
    ['Responses, both', openaiResponses, [begun, added, piece('{"city"'), done, ended, completed()]],
    ['Responses, as all ends', openaiResponses, [begun, added, piece('{"city"'), completed(ended.item)]],
    [
      'Responses, with nothing missing',
      openaiResponses,
      [begun, added, piece(ARGS), done, ended, completed(ended.item)],
    ],
    [
      'UI messages',
      uiMessages,
      [
        { type: 'start' },
        { type: 'tool-input-start', ...input },
        { type: 'tool-input-delta', ...input, inputTextDelta: '{"city"' },
        { type: 'tool-input-available', ...input, input: { city: 'Kiel' } },
        { type: 'finish', finishReason: 'tool-calls' },
        '[DONE]',
      ],
    ],
  ])('%s: are whole', async (_who, dialect, events) => {
    for (const pieceBytes of [undefined, 1]) {
      const { toolCalls, finishReason } = await answerOf(dialect, { body: json(...events), pieceBytes })
      expect([toolCalls, finishReason]).toEqual([
        [{ index: 0, id: 'c', name: 'weather', arguments: ARGS }],
        'tool-calls',
      ])
    }
  })
})

test('two parts that are told by turns, and end by turns, each bring what they lack', async () => {
  const part = (at: number, kind: 'delta' | 'done', text: string) => ({
    type: `response.output_text.${kind}`,
    output_index: at,
    content_index: 0,
    [kind === 'done' ? 'text' : kind]: text,
  })
  const body = json(
    begun,
    part(0, 'delta', 'one'),
    part(0, 'done', 'one, '),
    part(1, 'delta', 'tw'),
    part(1, 'done', 'two'),
    completed(),
  )
  expect(await answerOf(openaiResponses, { body })).toMatchObject({ text: 'one, two' })
})

test('what was told before the stream broke is known when it goes on', async () => {
  const event = (sequence_number: number, event: object) =>
    `id: ${sequence_number}\n${json({ ...event, sequence_number })}`
  for (const dialect of [openaiResponses, auto]) {
    const answer = await answerOf(
      dialect,
      { body: event(0, begun) + event(1, textDelta('Hello')) + event(2, textDelta(', wi')), end: 'reset' },
      {
        body:
          event(3, { type: 'response.output_text.done', ...place, text: TEXT }) +
          event(4, completed(message(TEXT))),
      },
    )
    expect(answer).toMatchObject({ text: TEXT })
  }
})
