/** Words of an answer, or of an error, that stand where nobody expects them: shown, or missed out loud. */
import { describe, expect, test } from 'vitest'
import { textDialect } from '../../src/dialects/text-dialect.ts'
import {
  type Answer,
  anthropic,
  auto,
  cohere,
  type Dialect,
  gemini,
  jsonEvents,
  jsonStrings,
  ollama,
  openaiChat,
  openaiResponses,
  plain,
  type StreamFailure,
  stream,
} from '../../src/index.ts'
import { scriptedFetch } from '../../src/testing/index.ts'

/** How these events are read, in one piece and byte by byte; nothing may be asked for twice. */
async function read(events: readonly unknown[], dialect: Dialect = auto): Promise<Answer | StreamFailure> {
  const results = [undefined, 1].map(async (pieceBytes) => {
    const fetch = scriptedFetch({ events, pieceBytes })
    const answer = stream('https://provider.invalid', { fetch, dialect, json: {} }).answer()
    const result = await answer.catch((error: StreamFailure) => error)
    expect(fetch.requests).toHaveLength(1)
    return result
  })
  const [whole, bytewise] = await Promise.all(results)
  const said = (result?: Answer | StreamFailure) => [
    result && 'message' in result && result.message,
    textOf(result),
  ]
  expect(said(bytewise)).toEqual(said(whole))
  return whole as Answer | StreamFailure
}

const textOf = (result?: Answer | StreamFailure) =>
  result && 'answer' in result ? result.answer.text : (result as Answer).text
const choice = (fields: object) => ({ object: 'chat.completion.chunk', choices: [{ index: 0, ...fields }] })
const END = choice({ delta: {}, finish_reason: 'stop' })

describe('the text of a choice is read', () => {
  test.each<[string, readonly unknown[]]>([
    ['where the delta is the text', [choice({ delta: 'Hel' }), choice({ delta: 'lo' }), END]],
    [
      'where the delta calls it text',
      [choice({ delta: { text: 'Hel' } }), choice({ delta: { text: 'lo' } }), END],
    ],
    ['where the message is the text', [choice({ message: 'Hello', finish_reason: 'stop' })]],
    ['where it stands in the choice', [choice({ content: 'Hello', finish_reason: 'stop' })]],
    ['where its one part stands without a list', [choice({ delta: { content: { text: 'Hello' } } }), END]],
  ])('%s', async (_where, events) => {
    for (const dialect of [auto, openaiChat])
      expect(await read(events, dialect)).toMatchObject({ text: 'Hello', finishReason: 'stop' })
  })

  test('also where its end is an object, as SGLang has it', async () => {
    const events = [choice({ delta: { content: 'Hello' }, finish_reason: { type: 'length', length: 9 } })]
    for (const dialect of [auto, openaiChat])
      expect(await read(events, dialect)).toMatchObject({ text: 'Hello', finishReason: 'length' })
  })
})

describe('a text that stands where nobody else puts it', () => {
  const PLACES: readonly object[] = [
    { delta: { value: 'Hello' } },
    { delta: { message: 'Hello' } },
    { delta: { message: { content: 'Hello' } } },
    { delta: { output_text: 'Hello' } },
    { delta: { response: 'Hello' } },
    { delta: { parts: [{ text: 'Hello' }] } },
    { messages: [{ text: 'Hello' }] },
  ]

  test.each(PLACES.map((place) => [place]))('is no empty answer, but missed out loud: %j', async (place) => {
    for (const dialect of [auto, openaiChat])
      for (const before of [[], [choice({ delta: { role: 'assistant', content: '' } })]]) {
        const events = [...before, choice(place), END, '[DONE]']
        const quoted = expect.stringContaining(JSON.stringify(choice(place)))
        expect(await read(events, dialect)).toMatchObject({ code: 'protocol', message: quoted })
      }
  })

  test.each<[Dialect, readonly unknown[]]>([
    [
      anthropic,
      [
        { type: 'message_start', message: { content: [] } },
        { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', value: 'Hello' } },
        { type: 'message_delta', delta: { stop_reason: 'end_turn' } },
        { type: 'message_stop' },
      ],
    ],
    [gemini, [{ candidates: [{ content: { parts: 'Hello' } }] }, { candidates: [{ finishReason: 'STOP' }] }]],
    [
      ollama,
      [
        { model: 'm', message: 'Hello', done: false },
        { model: 'm', message: {}, done: true, done_reason: 'stop' },
      ],
    ],
    [
      cohere,
      [
        { type: 'message-start' },
        { type: 'content-delta', delta: { text: 'Hello' } },
        { type: 'message-end', delta: { finish_reason: 'COMPLETE' } },
      ],
    ],
    // The event with the words is the end itself.
    [
      openaiResponses,
      [
        { type: 'response.created', response: { id: 'r' } },
        {
          type: 'response.completed',
          response: { status: 'completed', output: [], output_text: 'Hello', usage: { output_tokens: 2 } },
        },
      ],
    ],
  ])('in another language neither: $name', async (named, events) => {
    for (const dialect of [auto, named])
      expect(await read(events, dialect)).toMatchObject({ code: 'protocol', answer: { text: '' } })
  })

  test('nor where a chunk was broken on its way', async () => {
    for (const broken of ['{"choices":[{"delta":{"content":"Hel', 'lo"},"index":0}]}']) {
      const events = [choice({ delta: { role: 'assistant' } }), broken, END]
      for (const dialect of [auto, openaiChat])
        expect(await read(events, dialect)).toMatchObject({ code: 'protocol' })
    }
  })

  test('nor where it ends with calls, and none of them was understood', async () => {
    const [call, delta] = [{ function: { name: 'f', arguments: '{}' } }, { role: 'assistant', content: '' }]
    for (const place of [{ tool_calls: call }, { tools: [call] }])
      for (const dialect of [auto, openaiChat]) {
        const events = [choice({ delta }), choice({ delta: place, finish_reason: 'tool_calls' }), '[DONE]']
        expect(await read(events, dialect)).toMatchObject({ code: 'protocol', answer: { toolCalls: [] } })
      }
  })

  test('but an answer of which there is nothing may be whole', async () => {
    const starts = [
      { delta: { role: 'assistant', content: '', refusal: null, tool_calls: [] } },
      { message: { role: 'assistant', content: '' } },
    ]
    for (const start of starts) {
      expect(await read([choice(start), END, '[DONE]'], openaiChat)).toMatchObject({
        text: '',
        finishReason: 'stop',
      })
    }
  })

  test('is read where the parts of a list are texts', async () => {
    for (const dialect of [auto, openaiChat]) {
      const events = [choice({ delta: { content: ['Hel', { text: 'lo' }] } }), END]
      expect(await read(events, dialect)).toMatchObject({ text: 'Hello' })
    }
  })
})

describe('an error in a spelling that is not the language’s is no end', () => {
  const chat = (content: string) => choice({ delta: { content } })
  const own = (content: string) => ({ type: 'token', content })
  const ERRORS: readonly unknown[] = [
    { ok: false, message: 'No credits' },
    { delta: { error: 'No credits' } },
    { data: { error: { message: 'No credits' } } },
    { result: { error: 'No credits' } },
    { errors: [{ message: 'No credits' }] },
    { type: 'response.error', message: 'No credits' },
    { type: 'abort', error: 'No credits' },
    { failed: true, message: 'No credits' },
    { is_error: true, content: 'No credits' },
    { statusCode: 402, message: 'No credits' },
    { errMsg: 'No credits' },
    '[ERROR] No credits',
  ]

  test.each(ERRORS.map((error) => [error]))('%j', async (error) => {
    for (const [say, dialect] of [
      [chat, auto],
      [own, auto],
      [own, jsonEvents],
      [String, auto],
      [String, plain],
      [JSON.stringify, auto],
      [JSON.stringify, jsonStrings],
    ] as const)
      expect(await read([say('Hel'), say('lo'), error, '[DONE]'], dialect)).toMatchObject({
        ...{ code: 'api', message: 'No credits', retryable: false, answer: { text: 'Hello' } },
      })
  })

  test('nor where the language was named', async () => {
    const errors = [
      ...ERRORS.slice(0, 5),
      { is_error: true, message: 'No credits' },
      { statusCode: 402, message: 'No credits' },
      { error: { json: { message: 'No credits' } } },
      { object: 'error', message: { detail: [{ msg: 'No credits' }] } },
      choice({ delta: { error: { message: 'No credits' } } }),
    ]
    for (const error of errors)
      expect(await read([chat('Hel'), chat('lo'), error, '[DONE]'], openaiChat)).toMatchObject({
        ...{ code: 'api', message: 'No credits', answer: { text: 'Hello' } },
      })
  })

  test('and its status tells whether another attempt is of use', async () => {
    for (const dialect of [auto, openaiChat])
      for (const status of [{ status: 503 }, { statusCode: 503 }]) {
        const fetch = scriptedFetch(
          { events: [chat('Hel'), status, '[DONE]'] },
          { events: [chat('Hel'), END] },
        )
        const reply = stream('https://provider.invalid', { fetch, dialect, json: {}, retry: { baseMs: 0 } })
        expect(await reply.text()).toBe('Hel')
        expect(fetch.requests).toHaveLength(2)
      }
  })

  test('nor is it the answer where it comes first', async () => {
    for (const error of ERRORS.slice(0, 5))
      expect(await read([error, '[DONE]'])).toMatchObject({ code: 'api', message: 'No credits' })
  })

  test('nor where each event is text', async () => {
    const error = { error: { message: 'No credits' } }
    for (const dialect of [auto, plain])
      expect(await read(['Hel', 'lo', error, '[DONE]'], dialect)).toMatchObject({
        ...{ code: 'api', message: 'No credits', answer: { text: 'Hello' } },
      })
  })

  test('nor where a function knows nothing of it', async () => {
    const dialect = { ...textDialect('mine', ({ data }) => JSON.parse(data).t) }
    for (const error of [{ error: { message: 'No credits' } }, { type: 'error', message: 'No credits' }])
      expect(await read([{ t: 'Hel' }, error, '[DONE]'], dialect)).toMatchObject({
        ...{ code: 'api', message: 'No credits', answer: { text: 'Hel' } },
      })
  })

  test('but what a tool could not do is the model’s to deal with', async () => {
    const tools: readonly unknown[] = [
      { type: 'tool_result', is_error: true, result: { error: 'not found' } },
      { type: 'tool', ok: false },
    ]
    for (const tool of tools)
      for (const dialect of [auto, openaiChat])
        expect(await read([chat('Hel'), tool, chat('lo'), END, '[DONE]'], dialect)).toMatchObject({
          text: 'Hello',
        })
  })
})
