/** Every kind of what never ends. */
import { endsAtClose, openaiChat, plain, text } from '../../src/dialects/index.ts'
import type { Endless } from './endless.ts'

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

/** What it is, what becomes of it, and how it is made. */
export const KINDS: readonly (readonly [string, RegExp, Endless])[] = [
  ['white space', CUT, { unit: ' ' }],
  ['line breaks', CUT, { unit: '\r\n' }],
  ['comments', CUT, { unit: ': hello\n' }],
  ['a comment', EVENT, { first: ':', unit: 'x' }],
  ['comments in a stream', CUT, { first, unit: ':\n\n' }],
  ['unknown fields', CUT, { first, unit: 'x: y\n' }],
  ['an unknown field', CUT, { first, unit: 'x' }],
  // Of what costs 300 ms a megabyte less than 16 MB: a million ids, each an event's end.
  ['ids that count up', CUT, { first, unit: (at) => `id: ${at}\n\n`, mb: 8 }],
  ['ids that do not', CUT, { first, unit: (at) => `id: ${x(999)}${(at * 7_919) % 10_007}\ndata: \n\n` }],
  ['ids of a megabyte', CUT, { first, unit: (at) => `id: ${x(900_000)}${at}\ndata: \n\n` }],
  ['an id', EVENT, { unit: 'x', first: `${first}id: ` }],
  ['names of events', CUT, { first, unit: `event: ${x(9_000)}\n\n` }],
  ['a name of an event', EVENT, { unit: 'x', first: `${first}event: ` }],
  ['retry fields', CUT, { first, unit: 'retry: 1\n' }],
  ['a retry field', EVENT, { unit: '1', first: `${first}retry: ` }],
  ['lines of data', EVENT, { first, unit: `data: ${x(90)}\n` }],
  ['data', EVENT, { unit: 'x', first: 'data: ' }],
  ['pings', CUT, { first, unit: data({ type: 'ping' }) }],
  ['events of nobody', CUT, { first, unit: data({ foo: x(50) }) }],
  ['glued objects', CUT, { first, unit: `data: ${'{"foo":1}'.repeat(1_000)}\n\n` }],
  ['stray JSON', CUT, { first, unit: '{"foo":\n{}\n' }],
  ['stray brackets', CUT, { first, unit: '[\n[],\n[]\n[' }],
  ['a stray error', CUT, { unit: 'x', first: `${first}error: ` }],
  // Its million letters are this much; and of arguments a million characters.
  ['text', ANSWER, { unit: delta({ content: 'x' }), mb: 64 }],
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
  ['arguments', ANSWER, { unit: call({ index: 0, function: { name: 'f', arguments: '[0],' } }), mb: 32 }],
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
