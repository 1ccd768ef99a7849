/** Official clients spell a provider's names in their own way, and servers of one's own pass on what those give. */
import { describe, expect, test } from 'vitest'
import { completions } from '../../src/dialects/completions.ts'
import { type Answer, auto, cohere, type Dialect, gemini, openaiChat, stream } from '../../src/index.ts'
import { scriptedFetch } from '../../src/testing/index.ts'

async function read(events: readonly unknown[], dialect: Dialect): Promise<unknown> {
  const fetch = scriptedFetch({ events })
  const answer = await stream('https://provider.invalid', { fetch, dialect, json: {}, retry: false }).answer()
  expect(fetch.requests).toHaveLength(1)
  const { text, reasoning, toolCalls, finishReason, rawFinishReason, usage, id, model }: Answer = answer
  return {
    text,
    reasoning,
    toolCalls,
    finishReason,
    rawFinishReason,
    id,
    model,
    usage: { ...usage, raw: undefined },
  }
}

const camel = (name: string) => name.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase())
const snake = (name: string) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)

/** The same with other names; what a call is given has the caller's. */
function respelled(value: unknown, spell: (name: string) => string): unknown {
  if (Array.isArray(value)) return value.map((each) => respelled(each, spell))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => [
      spell(name),
      name === 'args' ? each : respelled(each, spell),
    ]),
  )
}

const chunk = (delta: object, finish_reason: string | null = null) => ({
  ...{ id: 'c', object: 'chat.completion.chunk', model: 'm', choices: [{ index: 0, delta, finish_reason }] },
})
const counts = { prompt_tokens: 7, completion_tokens: 9, total_tokens: 16 }
const named = { name: 'look_up', arguments: '{"some_word":"kelp"}' }
const completion = (text: string, finish_reason: string | null) => ({
  ...{ object: 'text_completion', choices: [{ index: 0, text, finish_reason }], usage: counts },
})

describe.each<[string, Dialect, readonly unknown[]]>([
  [
    'Mistral and Azure',
    openaiChat,
    [
      chunk({ role: 'assistant', content: '' }),
      chunk({ content: 'Let me look.' }),
      chunk({ tool_calls: [{ index: 0, id: 'a', type: 'function', function: named }] }),
      { ...chunk({}, 'tool_calls'), usage: { ...counts, prompt_tokens_details: { cached_tokens: 3 } } },
    ],
  ],
  ['an answer that met its limit', openaiChat, [chunk({ content: 'Half' }), chunk({}, 'length'), '[DONE]']],
  ['a completion', completions, [completion('Hel', null), completion('lo', 'length'), '[DONE]']],
  [
    'Cohere',
    cohere,
    [
      { type: 'message-start', id: 'm', delta: { message: { role: 'assistant' } } },
      { type: 'tool-plan-delta', delta: { message: { tool_plan: 'I look.' } } },
      {
        type: 'tool-call-start',
        index: 0,
        delta: { message: { tool_calls: { id: 'a', function: { ...named, arguments: '' } } } },
      },
      {
        type: 'tool-call-delta',
        index: 0,
        delta: { message: { tool_calls: { function: { arguments: named.arguments } } } },
      },
      { type: 'content-delta', index: 1, delta: { message: { content: { text: 'Hello' } } } },
      {
        type: 'message-end',
        delta: { finish_reason: 'MAX_TOKENS', usage: { tokens: { input_tokens: 7, output_tokens: 9 } } },
      },
    ],
  ],
])('camel case, of a client for JavaScript: %s', (_who, dialect, events) => {
  test.each([dialect, auto])('is read as the provider’s own, by $name', async (by) => {
    const own = await read(events, by)
    expect(own).toMatchObject({ finishReason: expect.stringMatching(/length|tool-calls/) })
    expect(await read(respelled(events, camel) as unknown[], by)).toEqual(own)
  })
})

test('Cohere’s ERROR in camel case is no end', async () => {
  const events = [
    { type: 'content-delta', index: 0, delta: { message: { content: { text: 'Half' } } } },
    { type: 'message-end', delta: { finishReason: 'ERROR' } },
  ]
  await expect(read(events, cohere)).rejects.toMatchObject({ code: 'api', providerCode: 'ERROR' })
})

const part = (...parts: readonly object[]) => ({
  candidates: [{ index: 0, content: { role: 'model', parts } }],
})
const piece = (stringValue: string, willContinue: boolean) => ({
  jsonPath: '$.someWord',
  stringValue,
  willContinue,
})

describe('underscores, of Google’s client for Python', () => {
  test.each<[string, readonly unknown[]]>([
    [
      'text, thoughts, a call and the counts',
      [
        { responseId: 'r', modelVersion: 'g', ...part({ thought: true, text: 'Kelp?' }) },
        part(
          { text: 'Let me look.' },
          { functionCall: { id: 'a', name: 'lookUp', args: { someWord: 'kelp' } } },
        ),
        {
          candidates: [{ index: 0, content: { parts: [] }, finishReason: 'MAX_TOKENS' }],
          usageMetadata: {
            promptTokenCount: 7,
            candidatesTokenCount: 9,
            totalTokenCount: 18,
            thoughtsTokenCount: 2,
          },
        },
      ],
    ],
    [
      'a call in pieces',
      [
        part({ functionCall: { name: 'lookUp', willContinue: true } }),
        part({ functionCall: { partialArgs: [piece('ke', true)], willContinue: true } }),
        part({ functionCall: { partialArgs: [piece('lp', false)] } }),
        { candidates: [{ index: 0, finishReason: 'STOP' }] },
      ],
    ],
    ['a question that was refused', [{ promptFeedback: { blockReason: 'PROHIBITED_CONTENT' } }]],
  ])('%s', async (_what, events) => {
    for (const by of [gemini, auto])
      expect(await read(respelled(events, snake) as unknown[], by)).toEqual(await read(events, by))
  })
})
