/** Whatever never ends is bounded in what is kept of it. */
import { expect, test } from 'vitest'
import { endsAtClose, openaiChat, plain, text } from '../../src/dialects/index.ts'
import { type Endless, inUse, outcomeOf } from '../support/endless.ts'

const x = (length: number) => 'x'.repeat(length)
const data = (value: unknown) => `data: ${JSON.stringify(value)}\n\n`
const delta = (fields: object) => data({ id: 'i', choices: [{ index: 0, delta: fields }] })
const call = (fields: object) => delta({ tool_calls: [fields] })
const first = delta({ content: 'a' })
const json = { headers: { 'content-type': 'application/json' } }
const EVENT = /longer than 1000000 characters \(maxEventBytes\)/
const ANSWER = /longer than 1000000 characters \(maxAnswerChars\)/
const KEPT = /characters kept that are no answer yet/
const CUT = /ended/

const CASES: readonly (readonly [string, RegExp, Endless])[] = [
  ['white space', CUT, { unit: ' ' }],
  ['line breaks', CUT, { unit: '\r\n' }],
  ['comments', CUT, { unit: ': hello\n' }],
  ['a comment', EVENT, { first: ':', unit: 'x' }],
  ['comments in a stream', CUT, { first, unit: ':\n\n', mb: 16 }],
  ['unknown fields', CUT, { first, unit: 'x: y\n' }],
  ['an unknown field', CUT, { first, unit: 'x' }],
  ['ids that count up', CUT, { first, unit: (at) => `id: ${at}\n\n`, mb: 4 }],
  ['ids that do not', CUT, { first, unit: (at) => `id: ${x(999)}${(at * 7_919) % 10_007}\ndata: \n\n` }],
  ['ids of a megabyte', CUT, { first, unit: (at) => `id: ${x(900_000)}${at}\ndata: \n\n` }],
  ['an id', EVENT, { unit: 'x', first: `${first}id: ` }],
  ['names of events', CUT, { first, unit: `event: ${x(9_000)}\n\n` }],
  ['a name of an event', EVENT, { unit: 'x', first: `${first}event: ` }],
  ['retry fields', CUT, { first, unit: 'retry: 1\n' }],
  ['a retry field', EVENT, { unit: '1', first: `${first}retry: ` }],
  ['lines of data', EVENT, { first, unit: `data: ${x(90)}\n` }],
  ['data', EVENT, { unit: 'x', first: 'data: ' }],
  ['pings', CUT, { first, unit: data({ type: 'ping' }), mb: 16 }],
  ['events of nobody', CUT, { first, unit: data({ foo: x(50) }) }],
  ['glued objects', CUT, { first, unit: `data: ${'{"foo":1}'.repeat(1_000)}\n\n`, mb: 16 }],
  ['stray JSON', CUT, { first, unit: '{"foo":\n{}\n', mb: 8 }],
  ['stray brackets', CUT, { first, unit: '[\n[],\n[]\n[', mb: 16 }],
  ['a stray error', CUT, { unit: 'x', first: `${first}error: ` }],
  ['text', ANSWER, { unit: delta({ content: 'x' }) }],
  ['text in letters', ANSWER, { unit: 'data: x\n\n', options: { dialect: plain } }],
  [
    'text in lines between comments',
    CUT,
    { unit: `data: ${x(20)}\n\n:${x(9_000)}\n\n`, options: { dialect: plain } },
  ],
  ['reasoning', ANSWER, { unit: delta({ reasoning: 'because ' }) }],
  [
    'a body that is the text',
    ANSWER,
    {
      unit: 'Once upon a time ',
      init: { headers: { 'content-type': 'text/plain' } },
      options: { dialect: endsAtClose(text) },
    },
  ],
  ['arguments', ANSWER, { unit: call({ index: 0, function: { name: 'f', arguments: '[0],' } }) }],
  ['calls', ANSWER, { unit: (index) => call({ index, function: { name: 'f', arguments: '{}' } }) }],
  [
    'calls that are numbered strangely',
    ANSWER,
    { unit: (at) => call({ index: -at / 2, id: `${at}`, function: { name: 'f', arguments: '{}' } }) },
  ],
  ['an id of a call that is replaced', ANSWER, { unit: (at) => call({ index: 0, id: `${x(5_000)}${at}` }) }],
  [
    'a name of a call that is replaced',
    ANSWER,
    { unit: (at) => call({ index: 0, id: 'a', function: { name: `${x(5_000)}${at}` } }) },
  ],
  [
    'the id of the answer that is replaced',
    CUT,
    { unit: (at) => data({ id: `${x(5_000)}${at}`, choices: [{ index: 0, delta: { content: '' } }] }) },
  ],
  [
    'the id of the answer',
    ANSWER,
    {
      unit: data({ id: x(1_000_001 - 60), model: x(50), choices: [{ index: 0, delta: { content: 'a' } }] }),
      options: { maxEventBytes: 0 },
    },
  ],
  ['usage', CUT, { first, unit: data({ choices: [], usage: { prompt_tokens: 1, more: x(5_000) } }) }],
  [
    'usage that is long',
    ANSWER,
    { first, unit: data({ choices: [], usage: { more: x(1_000_000) } }), options: { maxEventBytes: 0 } },
  ],
  [
    'usage that has ever more',
    CUT,
    {
      first: data({ type: 'message_start', message: {} }),
      mb: 16,
      unit: (at) => data({ type: 'message_delta', delta: {}, usage: { [`${x(2_000)}${at}`]: 1 } }),
    },
  ],
  [
    'blocks that do not end',
    KEPT,
    {
      first: data({ type: 'message_start', message: {} }),
      unit: (index) =>
        data({ type: 'content_block_start', index, content_block: { type: 'text', text: x(999) } }),
    },
  ],
  [
    'arguments that are told at the end',
    KEPT,
    {
      unit: (at) =>
        data({
          candidates: [
            {
              content: {
                parts: [
                  {
                    functionCall: {
                      name: at ? undefined : 'f',
                      willContinue: true,
                      partialArgs: [{ jsonPath: '$.a', stringValue: x(500), willContinue: true }],
                    },
                  },
                ],
              },
            },
          ],
        }),
    },
  ],
  [
    'parts that are told once more',
    KEPT,
    { unit: (at) => data({ type: 'response.output_text.delta', output_index: at, delta: 'x' }) },
  ],
  [
    'messages that are none of the answer',
    KEPT,
    { unit: (at) => data({ type: 'TEXT_MESSAGE_START', role: 'user', messageId: `${x(99)}${at}` }) },
  ],
  ['runs', KEPT, { unit: (at) => data({ type: 'RUN_STARTED', runId: `${x(999)}${at}` }) }],
  [
    'tools of the provider',
    KEPT,
    { unit: (at) => data({ type: 'tool-input-start', providerExecuted: true, toolCallId: `${x(99)}${at}` }) },
  ],
  [
    'steps that are taken back',
    KEPT,
    {
      first: data({ type: 'start-step' }),
      unit: `${data({ type: 'text-delta', delta: 'x' })}${data({ type: 'reset-step' })}`,
    },
  ],
  ['events before it is clear who speaks', /was understood/, { unit: data({ foo: x(9_000) }) }],
  ['an error', EVENT, { unit: 'x', first: 'data: {"error":{"message":"' }],
  [
    'JSON objects',
    CUT,
    {
      first: '{"choices":[{"index":0,"delta":{"content":"a"}}]}',
      unit: '{"choices":[{"index":0,"delta":{}}]}\n',
      init: json,
      options: { dialect: openaiChat },
      mb: 16,
    },
  ],
  ['a JSON document', EVENT, { unit: '[', first: '{"a":', init: json }],
  ['a JSON list', /JSON document/, { unit: '1,', first: '[', init: json }],
  ['a page', /HTML page/, { unit: '<title', first: '<html>' }],
  ['a body of an error', /answered 500/, { unit: 'x', init: { status: 500 } }],
  ['a page of an error', /answered 502/, { unit: '<title', init: { status: 502 } }],
  [
    'plain text',
    /text instead of events/,
    { unit: 'It is fine. ', init: { headers: { 'content-type': 'text/html' } } },
  ],
]

const MB = 1024 * 1024
// Both bounds once and a half, in two bytes a character; what dialects keep; and what an engine has for itself.
const MOST = 2 * 1.5 * 2e6 + 8 * MB

test.each(CASES)('%s: little is kept', async (_what, message, endless) => {
  const before = inUse()
  const { mb = 64 } = endless
  let reads = 0
  let most = 0
  const error = await outcomeOf(endless, mb * MB, () => {
    if (++reads % (mb * 5) === 0) most = Math.max(most, inUse() - before)
  })
  most = Math.max(most, inUse() - before)
  expect(error.message).toMatch(message)
  expect(most).toBeLessThan(MOST)
})

/** The least of several times, in ms: what else the machine does only adds to it. */
async function msFor(endless: Endless, bytes: number): Promise<number> {
  let least = Number.POSITIVE_INFINITY
  for (let run = 0; run < 3; run++) {
    const began = performance.now()
    await outcomeOf(endless, bytes)
    least = Math.min(least, performance.now() - began)
  }
  return least
}

const UNBOUNDED = { maxEventBytes: 0, maxAnswerChars: 0 }
const pieces = (of: (at: number) => object): Endless => ({
  unit: (at) => data(of(at)),
  read: 1_024,
  options: UNBOUNDED,
})
const named = (index: number) => ({
  choices: [{ index: 0, delta: { tool_calls: [{ index, function: { name: 'f', arguments: '"}' } }] } }],
})

// What was quadratic, or looked as if it could be: in small reads where much is kept from one to the next.
const LINEAR: readonly (readonly [string, Endless])[] = [
  ...CASES.filter(([what]) => /^(a page|stray|glued|ids|lines of data|white)/.test(what)).map(
    ([what, , endless]) => [what, { ...endless, ...UNBOUNDED }] as const,
  ),
  ['white space in small reads', { unit: ' ', read: 16 }],
  ['a page in small reads', { unit: '<title', first: '<html>', read: 16 }],
  ['stray JSON in small reads', { first, unit: '[\n[],\n', read: 16 }],
  ['one line in small reads', { unit: 'x', first: 'data: ', read: 16, options: UNBOUNDED }],
  ['arguments with a name in each piece', pieces(() => named(0))],
  [
    'arguments of responses',
    pieces(() => ({ type: 'response.function_call_arguments.delta', output_index: 0, delta: '"}' })),
  ],
  [
    'arguments of messages',
    pieces((at) =>
      at === 0
        ? { type: 'content_block_start', index: 0, content_block: { type: 'tool_use', input: {} } }
        : { type: 'content_block_delta', index: 0, delta: { partial_json: '"}' } },
    ),
  ],
  [
    'arguments value by value',
    pieces((at) => ({
      candidates: [
        {
          content: {
            parts: [
              {
                functionCall: {
                  name: at === 0 ? 'f' : undefined,
                  willContinue: true,
                  partialArgs: [{ jsonPath: '$.a', stringValue: '}', willContinue: true }],
                },
              },
            ],
          },
        },
      ],
    })),
  ],
  [
    'arguments of the AI SDK',
    pieces(() => ({ type: 'tool-input-delta', toolCallId: 'a', inputTextDelta: '"}' })),
  ],
  [
    'text and all of it in turn',
    {
      ...pieces(() => ({})),
      unit: (at) =>
        `event: ${at % 2 ? 'values' : 'messages'}\ndata: ${JSON.stringify(at % 2 ? { messages: [{ type: 'ai', id: 'a', content: '' }] } : [{ type: 'AIMessageChunk', id: 'a', content: x(50) }])}\n\n`,
    },
  ],
]

test.each(LINEAR)('%s: four times as much takes no sixteen times as long', async (_what, endless) => {
  const size = endless.read === undefined ? MB / 2 : MB / 4
  await outcomeOf(endless, size)
  const short = await msFor(endless, size)
  // What takes no time at all has no ratio.
  expect((await msFor(endless, size * 4)) / Math.max(short, 20)).toBeLessThan(10)
})
