/**
 * One recording of each language that no library on npm writes, from the project's own documents and tests; the first line
 * of each names its source. Read by name and by default, whole and in pieces; never whole when it was cut before its end.
 */
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import {
  type Answer,
  auto,
  cohere,
  completions,
  coze,
  type Dialect,
  dashscope,
  dashscopeCumulative,
  dify,
  geminiInteractions,
  jsonEvents,
  llamaCpp,
  type StreamFailure,
  stream,
  text,
  tgi,
} from '../../src/index.ts'
import { type FetchScript, scriptedFetch } from '../../src/testing/index.ts'

type Seen = Partial<Omit<Answer, 'usage'>> & { readonly calls?: string; readonly usage?: object }

async function read(script: FetchScript, dialect: Dialect = auto): Promise<Answer | StreamFailure> {
  return stream('https://example.invalid/api/chat', {
    ...{ json: {}, retry: false, dialect },
    fetch: scriptedFetch(script),
  })
    .answer()
    .catch((error: StreamFailure) => error)
}

function fileOf(file: string): Buffer {
  return readFileSync(new URL(file, import.meta.url))
}

function callsOf({ toolCalls }: Answer): string {
  return toolCalls.map(({ name, arguments: json }) => `${name}(${json})`).join()
}

const LANGUAGES: readonly (readonly [string, Dialect, Seen])[] = [
  ['dify-agent.sse', dify, { text: 'I have created', finishReason: 'stop', usage: { inputTokens: 305 } }],
  ['dify-chatflow.sse', dify, { text: " I'm glad to meet you", finishReason: 'stop' }],
  ['coze.sse', coze, { text: "I'm fine, thank you. How about you?", finishReason: 'stop', id: 'id_1111' }],
  ['coze-text-nospace.sse', coze, { finishReason: 'stop', usage: { outputTokens: 19 } }],
  ['cohere-thinking.sse', cohere, { text: 'The answer', reasoning: 'The', finishReason: 'stop' }],
  [
    'cohere-tool.sse',
    cohere,
    { reasoning: 'I will', calls: 'weather({"location": "San Francisco"})', finishReason: 'tool-calls' },
  ],
  ['gemini-interactions.sse', geminiInteractions, { finishReason: 'stop', usage: { reasoningTokens: 115 } }],
  [
    'gemini-interactions-tool.sse',
    geminiInteractions,
    { calls: 'getWeather({"location":"San Francisco"})', finishReason: 'tool-calls' },
  ],
  ['dashscope.sse', dashscope, { text: '123 to the power of ', reasoning: 'The', finishReason: 'stop' }],
  ['llamacpp.sse', llamaCpp, { text: ' John Smith', finishReason: 'length', model: 'qwen' }],
  ['workers-ai.sse', jsonEvents, { text: 'Hello! How', usage: { inputTokens: 159 } }],
]

describe.each(LANGUAGES)('%s', (file, dialect, { calls, ...right }) => {
  const body = fileOf(file)

  test.each([
    ['by name', dialect, undefined],
    ['by auto', auto, undefined],
    ['by auto, byte by byte', auto, 1],
  ] as const)('is read %s', async (_how, by, pieceBytes) => {
    const answer = (await read({ body, pieceBytes }, by)) as Answer
    expect(answer).toMatchObject(right)
    if (calls !== undefined) expect(callsOf(answer)).toBe(calls)
  })

  test('is never whole when its end is missing', async () => {
    const whole = (await read({ body }, dialect)) as Answer
    for (let at = 0; at < body.length; at += 37) {
      const result = await read({ body, cutAfterBytes: at }, dialect)
      if (!('code' in result)) expect(result.text, `cut at ${at}`).toBe(whole.text)
    }
  })
})

test('tgi is read by its name, and named where nobody gave it', async () => {
  const body = fileOf('tgi.sse')
  expect(await read({ body }, tgi)).toMatchObject({ text: ' Deep Learning is', finishReason: 'length' })
  const refused = (await read({ body })) as StreamFailure
  expect(refused).toMatchObject({ code: 'protocol', retryable: false })
  expect(refused.message).toContain('dialect: tgi')
})

test('DashScope without incremental_output brings all of the text each time', async () => {
  const events = ['The sea', 'The sea holds', 'The sea holds fast.'].map((content, at) => ({
    output: {
      choices: [{ message: { content, role: 'assistant' }, finish_reason: at < 2 ? 'null' : 'stop' }],
    },
    request_id: 'r',
  }))
  expect(await read({ events }, dashscopeCumulative)).toMatchObject({ text: 'The sea holds fast.' })
})

test('legacy completions have their text in the choice', async () => {
  const piece = (words: string, finish_reason: unknown = null) => ({
    ...{ id: 'c', object: 'text_completion', model: 'm' },
    choices: [{ index: 0, text: words, finish_reason }],
  })
  const events = [piece('Hel'), piece('lo'), piece('', 'length'), '[DONE]']
  for (const dialect of [completions, auto])
    expect(await read({ events }, dialect)).toMatchObject({
      text: 'Hello',
      finishReason: 'length',
      model: 'm',
    })
})

describe('a failure', () => {
  test.each([
    ['coze-failed.sse', 'event interval error', ''],
    ['dashscope-error.sse', 'Preprocessor error', '你好！'],
  ])('in %s is told in its words, with the text so far', async (file, message, words) => {
    for (const pieceBytes of [undefined, 1])
      expect(await read({ body: fileOf(file), pieceBytes })).toMatchObject({
        ...{ code: 'api', message },
        answer: { text: words },
      })
  })

  test.each([
    [
      'Dify’s workflow',
      { event: 'workflow_finished', task_id: 't', data: { status: 'failed', error: 'Node broke' } },
    ],
    [
      'Dify’s event',
      { event: 'error', task_id: 't', status: 400, code: 'invalid_param', message: 'Node broke' },
    ],
    ['TGI', { error: 'Node broke', error_type: 'generation' }],
    ['Cohere', { type: 'message-end', delta: { finish_reason: 'ERROR', error: 'Node broke' } }],
    ['Interactions', { event_type: 'error', error: { code: 'x', message: 'Node broke' } }],
    ['the AI SDK', { type: 'error', errorText: 'Node broke' }],
    ['AG-UI', { type: 'RUN_ERROR', message: 'Node broke', code: 'c' }],
  ])('of %s is one, whatever came before', async (_who, event) => {
    for (const events of [[event], [{ type: 'text-delta', id: '1', delta: 'a' }, event]])
      if (events.length === 1 || 'errorText' in event)
        expect(await read({ events })).toMatchObject({ code: 'api', message: 'Node broke' })
  })
})

describe('what is no answer of a model', () => {
  test.each([
    ['a2a-v0.3.sse', 'A2A'],
    ['a2a-v1.sse', 'A2A'],
  ])('%s is named', async (file, name) => {
    expect(((await read({ body: fileOf(file) })) as StreamFailure).message).toContain(name)
  })

  test.each<[string, FetchScript, string]>([
    ['MCP', { events: [{ jsonrpc: '2.0', id: 1, result: { tools: [] } }] }, 'MCP'],
    [
      'Realtime',
      { events: [{ type: 'session.created', event_id: 'event_1', session: { object: 'realtime.session' } }] },
      'Realtime',
    ],
    ['Bedrock', { body: fileOf('bedrock-first-message.bin') }, 'Bedrock'],
    [
      'the AI SDK’s data stream',
      { body: fileOf('aisdk4-data-stream.txt'), headers: { 'content-type': 'text/plain; charset=utf-8' } },
      'AI SDK 4',
    ],
  ])('%s is named', async (_what, script, name) => {
    const refused = (await read(script)) as StreamFailure
    expect(refused).toMatchObject({ code: 'protocol', retryable: false })
    expect(refused.message).toContain(name)
  })
})

describe('a body that is the text', () => {
  const headers = { 'content-type': 'text/plain; charset=utf-8' }
  test.each(['<think>Hm</think> Hi', 'data is all we have', '{"a":1} is JSON', ' \n\nHi', 'i'])(
    'is read as it comes: %j',
    async (body) => {
      for (const pieceBytes of [undefined, 1])
        expect(await read({ body, headers, pieceBytes }, text)).toMatchObject({
          ...{ code: 'truncated', mayBeWhole: true, retryable: false },
          answer: { text: body },
        })
    },
  )

  test('is not a page, whatever it is called', async () => {
    expect(await read({ body: '<!doctype html><title>Oops</title>', headers }, text)).toMatchObject({
      ...{ code: 'protocol', message: expect.stringContaining('Oops') },
    })
  })
})
