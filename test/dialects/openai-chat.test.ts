/** What OpenAI's chunks mean, and those of the many servers that speak like it. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { openaiChat } from '../../src/dialects/openai-chat.ts'
import type { ApiError } from '../../src/errors/errors.ts'
import type { Delta } from '../../src/events.ts'

interface Read {
  readonly deltas: Delta[]
  readonly verdicts: unknown[]
}

/** Reads these events as one response; what is no text is sent as JSON. */
function read(...events: readonly unknown[]): Read {
  const reader = openaiChat.open()
  const deltas: Delta[] = []
  const verdicts = events.map((event) =>
    reader.read({ data: typeof event === 'string' ? event : JSON.stringify(event) }, deltas),
  )
  return { deltas, verdicts }
}

function chunk(delta: unknown, finish_reason: unknown = null): object {
  return {
    id: 'x',
    object: 'chat.completion.chunk',
    choices: [{ index: 0, delta, finish_reason }],
    usage: null,
  }
}

const text = (piece: string): Delta => ({ type: 'text', text: piece })
const reasoning = (piece: string): Delta => ({ type: 'reasoning', text: piece })
const call = (index: number, id: string, name: string, json: string): Delta => ({
  type: 'tool-call',
  ...{ index, id, name, arguments: json },
})

describe('a delta', () => {
  test.each<[string, unknown, Delta[]]>([
    ['text', { content: 'Hi' }, [text('Hi')]],
    ['a role', { role: 'assistant', content: '', refusal: null }, []],
    ['nothing', {}, []],
    ['null', null, []],
    ['null text', { content: null }, []],
    ['text that is none', { content: { a: 1 } }, []],
    ['a number, as Workers AI sends digits', { content: 5 }, [text('5')]],
    ['reasoning, as DeepSeek names it', { content: null, reasoning_content: 'Hm' }, [reasoning('Hm')]],
    ['reasoning, as OpenRouter names it', { content: '', reasoning: 'Hm' }, [reasoning('Hm')]],
    ['reasoning under both names, once', { reasoning_content: 'Hm', reasoning: 'Hm' }, [reasoning('Hm')]],
    [
      'reasoning under the second name beside null',
      { reasoning_content: null, reasoning: 'Hm' },
      [reasoning('Hm')],
    ],
    ['reasoning and text, in this order', { content: 'Hi', reasoning: 'Hm' }, [reasoning('Hm'), text('Hi')]],
    ['reasoning that is none', { reasoning: { a: 1 }, reasoning_content: 5 }, []],
    ['a word', 'Hi', [text('Hi')]],
  ])('with %s', (_what, delta, expected) => {
    expect(read(chunk(delta))).toEqual({ deltas: expected, verdicts: ['more'] })
  })
})

describe('a tool call', () => {
  test('comes in pieces, of which the first has id and name', () => {
    const pieces = [
      { index: 0, id: 'call-1', type: 'function', function: { name: 'look', arguments: '' } },
      { index: 0, function: { arguments: '{"a"' } },
      { index: 1, id: 'call-2', function: { name: 'act', arguments: '{}' } },
      { index: 0, function: { arguments: ':1}' } },
    ]
    expect(read(...pieces.map((piece) => chunk({ tool_calls: [piece] }))).deltas).toEqual([
      call(0, 'call-1', 'look', ''),
      call(0, '', '', '{"a"'),
      call(1, 'call-2', 'act', ''),
      call(0, '', '', ':1}'),
    ])
  })

  test('may stand beside another in one chunk, after the text', () => {
    const calls = [
      { index: 0, id: 'a' },
      { index: 1, id: 'b' },
    ]
    expect(read(chunk({ content: 'Hi', tool_calls: calls })).deltas).toEqual([
      text('Hi'),
      call(0, 'a', '', ''),
      call(1, 'b', '', ''),
    ])
  })

  test.each<[string, unknown, Delta[]]>([
    ['no index', [{ id: 'a', function: { name: 'f', arguments: '{}' } }], [call(0, 'a', 'f', '')]],
    [
      'null fields',
      [{ index: 1, id: null, function: { name: null, arguments: '1' } }],
      [call(1, '', '', '1')],
    ],
    ['no function', [{ index: 1, id: 'a', function: null }], [call(1, 'a', '', '')]],
    [
      'arguments that are no text',
      [{ index: 0, id: 'a', function: { arguments: { a: 1 } } }],
      [call(0, 'a', '', '{"a":1}')],
    ],
    ['null for a list', null, []],
    ['an empty list', [], []],
    ['an object for a list', { index: 0 }, []],
    ['null in the list', [null, { index: 1, id: 'a' }], [call(1, 'a', '', '')]],
  ])('with %s', (_what, tool_calls, expected) => {
    expect(read(chunk({ tool_calls }))).toEqual({ deltas: expected, verdicts: ['more'] })
  })
})

describe('the end', () => {
  test.each([
    ['stop', 'stop'],
    ['length', 'length'],
    ['tool_calls', 'tool-calls'],
    ['function_call', 'tool-calls'],
    ['content_filter', 'content-filter'],
    ['eos', 'stop'],
    ['MAX_TOKENS', 'length'],
    ['sensitive', 'content-filter'],
    ['insomnia', 'other'],
    ['__proto__', 'other'],
    ['constructor', 'other'],
  ])('of finish_reason %s is %s, and the reading goes on', (raw, reason) => {
    expect(read(chunk({}, raw))).toEqual({ deltas: [{ type: 'finish', reason, raw }], verdicts: ['more'] })
  })

  test('of [DONE] alone is unknown, and the reading is over', () => {
    expect(read('[DONE]')).toEqual({
      deltas: [{ type: 'finish', reason: 'unknown', raw: undefined }],
      verdicts: ['end'],
    })
  })

  test('is told once, with the first reason', () => {
    const { deltas, verdicts } = read(chunk({}, 'length'), chunk({}, 'stop'), '[DONE]')
    expect(deltas).toEqual([{ type: 'finish', reason: 'length', raw: 'length' }])
    expect(verdicts).toEqual(['more', 'more', 'end'])
  })

  test('comes after the text of its chunk', () => {
    expect(read(chunk({ content: '.' }, 'stop')).deltas.map(({ type }) => type)).toEqual(['text', 'finish'])
  })

  test.each([null, '', undefined])('is not there with finish_reason %o', (raw) => {
    expect(read(chunk({ content: 'a' }, raw)).deltas).toEqual([text('a')])
  })

  test('is not made up when the file ends', () => {
    expect(openaiChat.open().close).toBeUndefined()
  })

  test('of one response is not that of the next', () => {
    read(chunk({}, 'stop'))
    expect(read(chunk({}, 'stop')).deltas).toHaveLength(1)
  })
})

describe('usage', () => {
  const raw = {
    prompt_tokens: 22,
    completion_tokens: 2,
    total_tokens: 24,
    completion_tokens_details: { reasoning_tokens: 1 },
    prompt_tokens_details: { cached_tokens: 20 },
  }

  test('is read in its own chunk, after the end', () => {
    expect(read(chunk({}, 'stop'), { choices: [], usage: raw }).deltas[1]).toEqual({
      type: 'usage',
      usage: {
        ...{ inputTokens: 22, outputTokens: 2, totalTokens: 24, reasoningTokens: 1, cachedTokens: 20 },
        raw,
      },
    })
  })

  test('may come early and again, beside text', () => {
    const { deltas } = read(
      { ...chunk({ content: 'a' }), usage: { prompt_tokens: 1 } },
      { ...chunk({ content: 'b' }), usage: { prompt_tokens: 2 } },
    )
    expect(deltas.map(({ type }) => type)).toEqual(['text', 'usage', 'text', 'usage'])
  })

  test.each([
    ['null details', { prompt_tokens: 1, completion_tokens_details: null }, { inputTokens: 1 }],
    ['counts that are none', { prompt_tokens: '1', completion_tokens: null, total_tokens: {} }, {}],
    ['a count of 0', { completion_tokens: 0 }, { outputTokens: 0 }],
    ['nothing', {}, {}],
  ])('with %s has no count made up', (_what, given, counts) => {
    expect(read({ choices: [], usage: given }).deltas).toEqual([
      { type: 'usage', usage: { ...counts, raw: given } },
    ])
  })

  test.each([null, undefined])('of %o is none', (usage) => {
    expect(read({ choices: [], usage }).deltas).toEqual([])
  })
})

describe('a chunk', () => {
  test('of which only the first answer is read', () => {
    const choices = [
      { index: 1, delta: { content: 'other' }, finish_reason: 'stop' },
      { index: 0, delta: { content: 'mine' }, finish_reason: null },
      { index: 2, delta: { content: 'other' }, finish_reason: 'error' },
    ]
    expect(read({ choices })).toEqual({ deltas: [text('mine')], verdicts: ['more'] })
  })

  test('without an index is the first answer', () => {
    expect(read({ choices: [{ delta: { content: 'a' } }] }).deltas).toEqual([text('a')])
  })

  test.each([
    ['a choice of null', { choices: [null] }],
    ['a choice that is none', { choices: [5, 'x', true] }],
    ['choices that are no list', { choices: { 0: { delta: { content: 'a' } } } }],
    ['an error of null', { error: null, choices: [] }],
    ['an error that is empty', { error: '', choices: [] }],
  ])('with %s says nothing', (_what, given) => {
    expect(read(given)).toEqual({ deltas: [], verdicts: ['more'] })
  })

  test.each([
    ['no choices', { id: 'x' }],
    ['null choices', { choices: null }],
    ['another language', { type: 'message_start' }],
  ])('with %s is none', (_what, given) => {
    expect(read(given)).toEqual({ deltas: [], verdicts: ['foreign'] })
  })

  test.each(['', '  ', { type: 'ping' }, { type: 'keepalive' }])('of %o is a sign of life', (given) => {
    expect(read(given)).toEqual({ deltas: [], verdicts: ['ping'] })
  })

  test.each(['hello', '{"choices":[{"ind', '5', 'null', '"text"', '[DONE', '[]'])(
    'of %o is malformed',
    (data) => {
      expect(read(data)).toEqual({ deltas: [], verdicts: ['malformed'] })
    },
  )

  test('may hold anything: it is read without a throw', () => {
    const any = fc.jsonValue({ maxDepth: 3 })
    const delta = fc.record({ content: any, reasoning: any, tool_calls: fc.oneof(any, fc.array(any)) })
    const choice = fc.oneof(any, fc.record({ index: any, delta: fc.oneof(any, delta), finish_reason: any }))
    const choices = fc.oneof(any, fc.array(choice))
    const chunks = fc.record({ choices, usage: any, error: any }, { requiredKeys: [] })
    fc.assert(fc.property(fc.oneof(any, chunks), (given) => void read(JSON.stringify(given))))
  })

  test('with __proto__ for a key changes nobody', () => {
    const data =
      '{"__proto__":{"error":"x"},"choices":[{"delta":{"__proto__":{"content":"x"}}}],"usage":{"__proto__":{"prompt_tokens":1}}}'
    const { deltas, verdicts } = read(data)
    expect(verdicts).toEqual(['more'])
    expect(deltas.map(({ type }) => type)).toEqual(['usage'])
    expect(deltas[0]).not.toHaveProperty('usage.inputTokens')
    expect({}).not.toHaveProperty('error')
  })
})

describe('an error', () => {
  test.each([
    [
      'an object',
      { error: { message: 'Busy', type: 'overloaded', code: 503 } },
      ['Busy', 'overloaded', '503'],
    ],
    ['a text', { error: 'Busy' }, ['Busy', undefined, undefined]],
    ['an object without fields', { error: {} }, ['The provider reported an error', undefined, undefined]],
    ['true beside a message', { error: true, message: 'Busy' }, ['Busy', undefined, undefined]],
    [
      'a choice that ends in it',
      chunk({ content: 'a' }, 'error'),
      ['The provider broke the answer off (error)', 'interrupted', 'error'],
    ],
  ])('is read from %s', (_what, given, [message, type, providerCode]) => {
    const { verdicts } = read(given)
    expect(verdicts).toEqual([expect.objectContaining({ code: 'api', message, type, providerCode })])
    expect((verdicts[0] as ApiError).name).toBe('ApiError')
  })

  test('goes before the choices beside it', () => {
    const { deltas, verdicts } = read({ ...chunk({ content: '' }, 'stop'), error: { message: 'Busy' } })
    expect(deltas).toEqual([])
    expect(verdicts).toEqual([expect.objectContaining({ message: 'Busy' })])
  })

  test('may come after text', () => {
    const { deltas, verdicts } = read(chunk({ content: 'a' }), { error: 'Busy' })
    expect(deltas).toEqual([text('a')])
    expect(verdicts).toEqual(['more', expect.objectContaining({ code: 'api' })])
  })
})
