/** `client.chat()`: where it asks, with what, and where a key must not be. The network is a function here. */
import { afterEach, describe, expect, test, vi } from 'vitest'
import {
  anthropic,
  type ClientOptions,
  createClient,
  type Dialect,
  gemini,
  ollama,
  openaiChat,
  openaiResponses,
  plain,
} from '../src/index.ts'
import { scriptedFetch } from '../src/testing/index.ts'
import { finish, text } from './support/chat.ts'

const KEY = 'sk-SECRET-1'
const body = { model: 'm-1', messages: [{ role: 'user', content: 'Hi' }] }

afterEach(() => vi.unstubAllGlobals())

/** What is sent for a chat. */
async function asked(options: ClientOptions, given: object = body) {
  const fetch = scriptedFetch({ body: text('Hi') + finish() })
  await createClient({ fetch, retry: false, ...options })
    .chat(given)
    .answer()
    .catch(() => {})
  const [request] = fetch.requests
  return {
    url: request?.url,
    headers: request?.headers,
    redirect: request?.redirect,
    json: await request?.json(),
  }
}

type Row = readonly [string, Dialect | undefined, string, string, string, string]
const streamed = { ...body, stream: true }
const { model: _, ...unnamed } = body

test.each<Row>([
  ['OpenAI', openaiChat, 'https://a.ai/v1', '/v1/chat/completions', 'authorization', `Bearer ${KEY}`],
  [
    'Azure',
    openaiChat,
    'https://x.openai.azure.com/openai/v1',
    '/openai/v1/chat/completions',
    'api-key',
    KEY,
  ],
  [
    'OpenAI responses',
    openaiResponses,
    'https://a.ai/v1/',
    '/v1/responses',
    'authorization',
    `Bearer ${KEY}`,
  ],
  ['Anthropic', anthropic, 'https://a.ai/v1', '/v1/messages', 'x-api-key', KEY],
  [
    'Gemini',
    gemini,
    'https://a.ai/v1beta',
    '/v1beta/models/m-1:streamGenerateContent?alt=sse',
    'x-goog-api-key',
    KEY,
  ],
  ['Ollama', ollama, 'http://localhost:11434', '/api/chat', 'authorization', `Bearer ${KEY}`],
  ['Ollama by its API', ollama, 'http://localhost:11434/api', '/api/chat', 'authorization', `Bearer ${KEY}`],
  ['auto at Anthropic', undefined, 'https://api.anthropic.com/v1', '/v1/messages', 'x-api-key', KEY],
  [
    'auto at Google',
    undefined,
    'https://generativelanguage.googleapis.com/v1beta',
    '/v1beta/models/m-1:streamGenerateContent?alt=sse',
    ...(['x-goog-api-key', KEY] as const),
  ],
  [
    'auto at Google in OpenAI’s format',
    undefined,
    'https://generativelanguage.googleapis.com/v1beta/openai',
    '/v1beta/openai/chat/completions',
    ...(['authorization', `Bearer ${KEY}`] as const),
  ],
  ['auto at Ollama', undefined, 'http://localhost:11434', '/api/chat', 'authorization', `Bearer ${KEY}`],
  ['auto anywhere', undefined, 'https://a.ai/v1', '/v1/chat/completions', 'authorization', `Bearer ${KEY}`],
])('%s is asked in its way', async (_name, dialect, baseUrl, path, header, value) => {
  const { url, headers, json, redirect } = await asked({ baseUrl, dialect, apiKey: KEY })
  expect(url).toBe(new URL(path, baseUrl).href)
  expect(headers?.get(header)).toBe(value)
  expect(json).toEqual(url?.includes('streamGenerate') ? unnamed : streamed)
  // Whoever redirects us would be handed the key.
  expect(redirect).toBe('manual')
})

test('the caller’s headers go before ours, and a redirect is followed where there is no credential', async () => {
  const own = await asked({
    ...{ baseUrl: 'https://a.ai', dialect: anthropic, apiKey: KEY },
    headers: { 'anthropic-version': '2099-01-01' },
  })
  expect(own.headers?.get('anthropic-version')).toBe('2099-01-01')
  expect((await asked({ baseUrl: 'https://a.ai' })).redirect).toBe('follow')
  expect((await asked({ baseUrl: 'https://a.ai', apiKey: KEY, redirect: 'follow' })).redirect).toBe('follow')
  expect((await asked({ baseUrl: 'https://a.ai', idempotencyKey: true })).redirect).toBe('follow')
})

test('each endpoint is asked in its own way, with its own key and model', async () => {
  const fetch = scriptedFetch({ status: 503 }, { body: text('Hi') + finish() })
  const ai = createClient({
    fetch,
    endpoints: [
      { url: 'https://api.anthropic.com/v1', apiKey: 'key-one', json: { model: 'claude' } },
      { url: 'https://b.ai/v1', apiKey: 'key-two', dialect: openaiChat },
    ],
  })
  expect(await ai.chat(body).text()).toBe('Hi')
  const seen = fetch.requests.map(async (request) => {
    const { model } = (await request.json()) as { model?: string }
    const key = request.headers.get('x-api-key') ?? request.headers.get('authorization')
    return `${request.url} ${model} ${key}`
  })
  expect(await Promise.all(seen)).toEqual([
    'https://api.anthropic.com/v1/messages claude key-one',
    'https://b.ai/v1/chat/completions m-1 Bearer key-two',
  ])
})

describe('is refused', () => {
  test('a key in a page, unless the caller says that he knows', async () => {
    vi.stubGlobal('window', {})
    vi.stubGlobal('document', {})
    const options = { baseUrl: 'https://a.ai', apiKey: KEY }
    expect(() => createClient(options).chat(body)).toThrow(
      /^apiKey in a page belongs to everyone.*allowKeyInBrowser/,
    )
    expect(() => createClient(options).chat(body)).not.toThrow(KEY)
    expect((await asked({ ...options, allowKeyInBrowser: true })).headers?.get('authorization')).toBe(
      `Bearer ${KEY}`,
    )
  })

  test.each<[string, ClientOptions, unknown, RegExp]>([
    [
      'a dialect that does not know how',
      { dialect: plain },
      body,
      /^chat\(\) does not know how plain is asked; ask by stream\(path, { json }\)$/,
    ],
    ['a body that is none', {}, 'Hi', /^body must be an object, .*; received "Hi"$/],
    ['a body of null', {}, null, /^body must be an object, .*; received null$/],
    [
      'a Gemini chat without a model',
      { dialect: gemini },
      {},
      /^model must be the name of a model; received undefined$/,
    ],
    ['a key that is empty', { apiKey: '' }, body, /^apiKey must be a text/],
  ])('%s', (_what, options, given, message) => {
    expect(() => createClient({ baseUrl: 'https://a.ai', ...options }).chat(given as object)).toThrow(message)
  })
})
