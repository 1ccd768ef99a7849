/**
 * Streams that others have written, read by the providers' own libraries and by us, from the same bytes: the same
 * text, the same tool calls, the same usage.
 */
import Anthropic from '@anthropic-ai/sdk'
import { LLMock } from '@copilotkit/aimock'
import { GoogleGenAI } from '@google/genai'
import OpenAI from 'openai'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { createClient } from '../../src/index.ts'
import { scriptedFetch } from '../../src/testing/index.ts'

const mock = new LLMock({ port: 0 })
const CASES = {
  hello: { content: 'Grüße from the mock: 😀 "quoted" {braces}\nand a second line.' },
  weather: { toolCalls: [{ name: 'get_weather', arguments: '{"city":"Köln","days":2}' }] },
} as const

beforeAll(async () => {
  for (const [question, answer] of Object.entries(CASES)) mock.onMessage(question, answer as never)
  await mock.start()
})
afterAll(() => mock.stop())

/** What both sides are compared by. */
interface Facts {
  readonly text: string
  readonly calls: readonly { readonly name: string; readonly input: unknown }[]
  readonly inputTokens: number | undefined
  readonly outputTokens: number | undefined
}

interface Provider {
  readonly baseUrl: string
  body(question: string): object
  /** The provider's own library, on a network that gives these bytes. */
  read(fetch: typeof globalThis.fetch, baseUrl: string, question: string): Promise<Facts>
}

const messages = (question: string) => [{ role: 'user' as const, content: question }]
const apiKey = 'mock-key'

const PROVIDERS: Readonly<Record<string, Provider>> = {
  'OpenAI chat': {
    baseUrl: '/v1',
    body: (question) => ({
      ...{ model: 'gpt-4o', messages: messages(question) },
      stream_options: { include_usage: true },
    }),
    async read(fetch, baseURL, question) {
      const sdk = new OpenAI({ apiKey, baseURL, fetch, maxRetries: 0 })
      const stream = sdk.chat.completions.stream({
        ...{ model: 'gpt-4o', messages: messages(question), stream_options: { include_usage: true } },
      })
      const { choices, usage } = await stream.finalChatCompletion()
      const message = choices[0]?.message
      return {
        text: message?.content ?? '',
        calls: (message?.tool_calls ?? []).flatMap((call) =>
          call.type === 'function'
            ? [{ name: call.function.name, input: JSON.parse(call.function.arguments) }]
            : [],
        ),
        ...{ inputTokens: usage?.prompt_tokens, outputTokens: usage?.completion_tokens },
      }
    },
  },
  'OpenAI responses': {
    baseUrl: '/v1',
    body: (question) => ({ model: 'gpt-4o', input: question }),
    async read(fetch, baseURL, question) {
      const sdk = new OpenAI({ apiKey, baseURL, fetch, maxRetries: 0 })
      const response = await sdk.responses.stream({ model: 'gpt-4o', input: question }).finalResponse()
      return {
        text: response.output_text,
        calls: response.output.flatMap((item) =>
          item.type === 'function_call' ? [{ name: item.name, input: JSON.parse(item.arguments) }] : [],
        ),
        ...{ inputTokens: response.usage?.input_tokens, outputTokens: response.usage?.output_tokens },
      }
    },
  },
  Anthropic: {
    baseUrl: '/v1',
    body: (question) => ({ model: 'claude-sonnet-4', max_tokens: 100, messages: messages(question) }),
    async read(fetch, baseUrl, question) {
      const sdk = new Anthropic({ apiKey, baseURL: baseUrl.replace(/\/v1$/, ''), fetch, maxRetries: 0 })
      const body = { model: 'claude-sonnet-4', max_tokens: 100, messages: messages(question) }
      const { content, usage } = await sdk.messages.stream(body).finalMessage()
      return {
        text: content.map((block) => (block.type === 'text' ? block.text : '')).join(''),
        calls: content.flatMap((block) =>
          block.type === 'tool_use' ? [{ name: block.name, input: block.input }] : [],
        ),
        ...{ inputTokens: usage.input_tokens, outputTokens: usage.output_tokens },
      }
    },
  },
  Gemini: {
    baseUrl: '/v1beta',
    body: (question) => ({
      model: 'gemini-2.5-flash',
      contents: [{ role: 'user', parts: [{ text: question }] }],
    }),
    async read(fetch, baseUrl, question) {
      // This library takes the global one.
      vi.stubGlobal('fetch', fetch)
      const sdk = new GoogleGenAI({ apiKey, httpOptions: { baseUrl: baseUrl.replace(/\/v1beta$/, '') } })
      const stream = await sdk.models.generateContentStream({ model: 'gemini-2.5-flash', contents: question })
      const facts = {
        text: '',
        calls: [] as Facts['calls'],
        inputTokens: undefined,
        outputTokens: undefined,
      } as {
        -readonly [K in keyof Facts]: Facts[K]
      }
      for await (const { candidates, usageMetadata } of stream) {
        for (const part of candidates?.[0]?.content?.parts ?? []) {
          facts.text += part.text ?? ''
          const call = part.functionCall
          if (call) facts.calls = [...facts.calls, { name: call.name ?? '', input: call.args }]
        }
        facts.inputTokens = usageMetadata?.promptTokenCount ?? facts.inputTokens
        facts.outputTokens = usageMetadata?.candidatesTokenCount ?? facts.outputTokens
      }
      vi.unstubAllGlobals()
      return facts
    },
  },
}

const dialects = {
  'OpenAI chat': 'openaiChat',
  'OpenAI responses': 'openaiResponses',
  Anthropic: 'anthropic',
  Gemini: 'gemini',
} as const

describe.each(Object.entries(PROVIDERS))('%s', (name, { baseUrl: path, body, read }) => {
  test.each(Object.keys(CASES))('says the same of %s', async (question) => {
    const baseUrl = `${mock.url}${path}`
    const dialect = (await import('../../src/index.ts'))[dialects[name as keyof typeof dialects]]
    const bytes: Uint8Array[] = []
    const recording: typeof fetch = async (input, init) => {
      const response = await fetch(input, init)
      expect(response.status).toBe(200)
      bytes.push(new Uint8Array(await response.clone().arrayBuffer()))
      return response
    }
    const live = await createClient({ baseUrl, apiKey, dialect, fetch: recording })
      .chat(body(question))
      .answer()
    const script = { body: bytes[0] as Uint8Array }
    const theirs = await read(scriptedFetch({ ...script, pieceBytes: 7 }), baseUrl, question)
    // The same bytes again, in other pieces, and without being told who speaks.
    const ours = await createClient({ baseUrl, fetch: scriptedFetch({ ...script, pieceBytes: 5 }) })
      .stream('', { json: {} })
      .answer()
    for (const { text, toolCalls, usage } of [live, ours]) {
      expect(text).toBe(theirs.text)
      expect(toolCalls.map((call) => ({ name: call.name, input: JSON.parse(call.arguments) }))).toEqual(
        theirs.calls,
      )
      expect({ inputTokens: usage?.inputTokens, outputTokens: usage?.outputTokens }).toEqual({
        ...{ inputTokens: theirs.inputTokens, outputTokens: theirs.outputTokens },
      })
    }
    const expected = CASES[question as keyof typeof CASES]
    expect(theirs.text).toBe('content' in expected ? expected.content : '')
    expect(theirs.calls).toHaveLength('toolCalls' in expected ? 1 : 0)
  })
})
