/** What a review found where organs meet: each a kind of its own, with the right result. */
import { describe, expect, test } from 'vitest'
import {
  type Answer,
  type Dialect,
  endsAtClose,
  gemini,
  langgraph,
  openaiChat,
  type StreamFailure,
  stream,
} from '../../src/index.ts'
import { type FetchScript, scriptedFetch } from '../../src/testing/index.ts'

const chunk = (delta: object, finish_reason: unknown = null) => ({
  choices: [{ index: 0, delta, finish_reason }],
})
const numbered = (...data: readonly unknown[]): string =>
  data.map((each, at) => `id: ${at + 1}\ndata: ${text(each)}\n\n`).join('')
const rest = (from: number, ...data: readonly unknown[]): string =>
  data.map((each, at) => `id: ${from + at}\ndata: ${text(each)}\n\n`).join('')

function text(data: unknown): string {
  return typeof data === 'string' ? data : JSON.stringify(data)
}

async function read(dialect: Dialect | undefined, ...scripts: readonly FetchScript[]) {
  const fetch = scriptedFetch(...scripts)
  const result = await stream('https://example.invalid/api', {
    ...{ fetch, dialect, retry: { baseMs: 1, jitter: 'none' }, timeouts: { totalMs: 5_000 } },
    ...(scripts.length === 1 ? { json: {} } : { method: 'GET' }),
  })
    .answer()
    .catch((error: StreamFailure) => error)
  return { ...result, message: 'message' in result ? result.message : '', requests: fetch.requests.length }
}

async function answered(...events: readonly unknown[]): Promise<Answer> {
  return (await read(undefined, { events })) as unknown as Answer
}

describe('a stream that breaks while it is not clear who speaks', () => {
  test.each<[string, readonly unknown[], readonly unknown[], string]>([
    ['plain JSON', [{ content: 'Hel' }], [{ content: 'lo' }, '[DONE]'], 'Hello'],
    ['text', ['Hel'], ['lo', ' you', '[DONE]'], 'Hello you'],
    ['JSON strings', ['"Hel"'], ['"lo"', '[DONE]'], 'Hello'],
    ['text with a quotation', ['He said', ':'], [' "hello"', '[DONE]'], 'He said: "hello"'],
    ['text with JSON in it', ['It', ' is '], ['{"text":"x"}', '[DONE]'], 'It is {"text":"x"}'],
  ])('goes on: %s', async (_what, before, after, wanted) => {
    const first = { body: numbered(...before), end: 'reset' } as const
    expect(await read(undefined, first, { body: rest(before.length + 1, ...after) })).toMatchObject({
      text: wanted,
    })
  })

  test('is not whole by its end alone', async () => {
    const first = { body: numbered(chunk({ role: 'assistant', content: '' })), end: 'reset' } as const
    expect(await read(undefined, first, { body: rest(2, '[DONE]') })).toMatchObject({
      code: expect.any(String),
    })
  })
})

describe('tool calls', () => {
  const calls = (answer: Answer) =>
    answer.toolCalls.map((call) => `${call.name}(${call.arguments})`).join(' + ')
  const call = (id: string, name: string, json: unknown) => ({ id, function: { name, arguments: json } })

  test('of one tool that takes nothing are two', async () => {
    const message = { tool_calls: [call('a', 'now', '{}'), call('b', 'now', '{}')] }
    expect(calls(await answered({ choices: [{ message, finish_reason: 'tool_calls' }] }))).toBe(
      'now({}) + now({})',
    )
  })

  test('without numbers, in turns, are told apart by their ids', async () => {
    const both = [call('a', 'f', '{"x"'), call('b', 'g', '{"y"')]
    const ends = [
      { id: 'a', function: { arguments: ':1}' } },
      { id: 'b', function: { arguments: ':2}' } },
    ]
    const events = [chunk({ tool_calls: both }), chunk({ tool_calls: ends }, 'tool_calls'), '[DONE]']
    expect(calls(await answered(...events))).toBe('f({"x":1}) + g({"y":2})')
  })
})

describe('what only the end says is kept', () => {
  test.each<[string, readonly unknown[], object]>([
    [
      'Responses, after reasoning',
      [
        { type: 'response.reasoning_summary_text.delta', output_index: 0, delta: 'Hm' },
        {
          type: 'response.completed',
          response: {
            status: 'completed',
            output: [
              { type: 'reasoning', summary: [{ text: 'Hm' }] },
              { type: 'message', content: [{ type: 'output_text', text: 'Hello' }] },
            ],
          },
        },
      ],
      { text: 'Hello', reasoning: 'Hm' },
    ],
    [
      'a message beside an empty delta',
      [{ choices: [{ index: 0, delta: {}, message: { content: 'Hello' }, finish_reason: 'stop' }] }],
      { text: 'Hello' },
    ],
    [
      'Azure’s legacy completions after an empty list',
      [
        { object: 'text_completion', choices: [], prompt_filter_results: [] },
        { object: 'text_completion', choices: [{ text: 'Hel', index: 0 }] },
        { object: 'text_completion', choices: [{ text: 'lo', index: 0, finish_reason: 'stop' }] },
        '[DONE]',
      ],
      { text: 'Hello' },
    ],
    [
      'Dify’s pieces that are like all before them',
      [
        ...['-', '-', '-'].map((answer) => ({ event: 'message', task_id: 't', answer })),
        { event: 'message_end', task_id: 't', metadata: {} },
      ],
      { text: '---' },
    ],
    ['two tokens that are alike', [{ token: 'ha' }, { token: 'ha', done: true }], { text: 'haha' }],
  ])('%s', async (_what, events, wanted) => {
    expect(await answered(...events)).toMatchObject(wanted)
  })
})

describe('a failure', () => {
  const reason = (finish_reason: string) => ({
    type: 'ai',
    content: 'Hel',
    response_metadata: { finish_reason },
  })

  test('is one, however the stream may end', async () => {
    const graph = { body: `event: messages\ndata: ${JSON.stringify([reason('network_error'), {}])}\n\n` }
    expect(await read(endsAtClose(langgraph), graph)).toMatchObject({ code: 'api' })
    const events = [{ candidates: [{ content: { parts: [{ text: 'Hel' }] }, finishReason: 'ERROR' }] }]
    expect(await read(endsAtClose(gemini), { events })).toMatchObject({ code: 'api' })
  })

  test.each(['server_error', 'overloaded', 'model_error', 'disconnected'])(
    'of finish_reason %s',
    async (raw) => {
      expect(await read(openaiChat, { events: [chunk({ content: 'Hi' }, raw), '[DONE]'] })).toMatchObject({
        code: 'api',
      })
    },
  )

  test('after the end does not depend on the packets', async () => {
    const body = `data: ${JSON.stringify(chunk({ content: 'Hi' }, 'stop'))}\n\nevent: error\ndata: {"message":"boom"}\n\n`
    for (const pieceBytes of [undefined, 1])
      expect(await read(openaiChat, { body, pieceBytes })).toMatchObject({ text: 'Hi', finishReason: 'stop' })
  })

  test('in a line of its own is seen, wherever it is cut', async () => {
    const body = `data: ${JSON.stringify(chunk({ content: 'Hel' }))}\n\nerror: {"message":"boom"}\n\ndata: [DONE]\n\n`
    for (let at = 60; at < body.length; at++)
      expect(await read(openaiChat, { body, pieceBytes: at }), `cut at ${at}`).toMatchObject({
        message: 'boom',
      })
  })

  test.each([
    [{ type: 'error', errorText: 'Rate limit exceeded' }, true],
    [{ type: 'error', message: 'The model is overloaded' }, true],
    [{ detail: { message: 'No such model' } }, false],
    [{ error: { error: { message: 'No such model' } } }, false],
  ])('%o has its sentence, and is worth another attempt: %s', async (event, retryable) => {
    const error = await read(openaiChat, { events: [event] })
    expect(error).toMatchObject({ code: 'api', retryable })
    expect(error.message).not.toContain('reported')
  })

  test.each([
    { ...chunk({ content: 'Hi' }, 'stop'), error: [] },
    { ...chunk({ content: 'Hi' }, 'stop'), error: { code: null, message: null } },
  ])('is not one that is empty: %o', async (event) => {
    expect(await answered(event, '[DONE]')).toMatchObject({ text: 'Hi' })
  })
})

describe('no input keeps anybody busy', () => {
  test.each<[string, string]>([
    ['brackets', `: x\n${'[\n'.repeat(10_000)}`],
    ['objects that are no error', `: x\n${'{}\n'.repeat(10_000)}`],
    ['quotes beside NaN', `data: x NaN ${'\\"'.repeat(200_000)}\n\n`],
    ['a word that is no number', 'data: use isNaN(x) here\n\ndata: and more\n\n'],
    [
      'a place far behind the end of a list',
      `data: ${JSON.stringify({ candidates: [{ content: { parts: [{ functionCall: { name: 'f', partialArgs: [{ jsonPath: '$.a[30000000]', numberValue: 1 }] } }] }, finishReason: 'STOP' }] })}\n\n`,
    ],
    ['what is no text where a kind should be', 'data: {"type":{"toString":1,"valueOf":1},"x":1}\n\n'],
  ])(
    '%s',
    async (_what, head) => {
      const body = `${head}data: [DONE]\n\n`
      const result = await read(undefined, { body })
      expect(['api', 'protocol', 'truncated', undefined]).toContain((result as Partial<StreamFailure>).code)
      expect(result.message).not.toContain('could not be read')
    },
    5_000,
  )
})

test.each<[string, object, (json: string) => object, object]>([
  [
    'chat completions',
    chunk({ tool_calls: [{ index: 0, id: 'c', function: { name: 'f' } }] }),
    (json: string) => chunk({ tool_calls: [{ index: 0, function: { arguments: json } }] }),
    chunk({}, 'tool_calls'),
  ],
  [
    'a table',
    { type: 'tool-input-start', toolCallId: 'c', toolName: 'f' },
    (json: string) => ({ type: 'tool-input-delta', toolCallId: 'c', inputTextDelta: json }),
    { type: 'finish', finishReason: 'tool-calls' },
  ],
])(
  'a piece of arguments that is a JSON text by itself stays as it is, with %s',
  async (_what, begin, piece, end) => {
    const { toolCalls } = await answered(
      begin,
      ...['{"a":', '"{}"', '}'].map((json) => piece(json)),
      end,
      '[DONE]',
    )
    expect(toolCalls).toMatchObject([{ name: 'f', arguments: '{"a":"{}"}' }])
  },
)
