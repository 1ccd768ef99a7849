/** Whatever never ends takes time by its length: eight megabytes about four times as much as two. */
import { expect, test } from 'vitest'
import { type Endless, outcomeOf } from '../support/endless.ts'
import { KINDS } from '../support/endless-kinds.ts'

const MB = 1024 * 1024
const x = (length: number) => 'x'.repeat(length)
const data = (value: unknown) => `data: ${JSON.stringify(value)}\n\n`
const delta = (fields: object) => data({ id: 'i', choices: [{ index: 0, delta: fields }] })
const first = delta({ content: 'a' })
const pieces = (of: (at: number) => object): Endless => ({
  unit: (at) => data(of(at)),
  read: 1_024,
})
const named = (index: number) => ({
  choices: [{ index: 0, delta: { tool_calls: [{ index, function: { name: 'f', arguments: '"}' } }] } }],
})

// How many of the eight: each event is small and costs what an event costs. With each read the lengths of all calls are
// copied, for the place that may be gone on from: calls that come one by one cost by the square of their number, which
// `maxAnswerChars` bounds. They are not measured here.
const LESS: Readonly<Record<string, number>> = {
  ...{ 'ids that count up': 4, pings: 4, 'glued objects': 4, 'stray JSON': 4, 'stray brackets': 4 },
  ...{ 'text in letters': 4, calls: 4, 'calls that are numbered strangely': 1 },
}

// In small reads, where much is kept from one to the next. A read costs more than what is in it: of a kilobyte 4 MB are
// enough, of less 1 MB.
const READS: readonly (readonly [string, Endless])[] = [
  ['white space in small reads', { unit: ' ', read: 16 }],
  ['a page in small reads', { unit: '<title', first: '<html>', read: 16 }],
  ['stray JSON in small reads', { first, unit: '[\n[],\n', read: 16 }],
  ['one line in small reads', { unit: 'x', first: 'data: ', read: 16 }],
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
  [
    'messages that are none of the answer, one by one',
    { unit: (at) => data({ type: 'TEXT_MESSAGE_START', role: 'user', messageId: `${at}` }), read: 64 },
  ],
  ['runs, one by one', { unit: (at) => data({ type: 'RUN_STARTED', runId: `${at}` }), read: 64 }],
  [
    'tools of the provider, one by one',
    {
      unit: (at) => data({ type: 'tool-input-start', providerExecuted: true, toolCallId: `${at}` }),
      read: 64,
    },
  ],
  [
    'blocks that do not end, one by one',
    {
      first: data({ type: 'message_start', message: {} }),
      unit: (index) =>
        data({ type: 'content_block_start', index, content_block: { type: 'text', text: 'x' } }),
      read: 64,
    },
  ],
]

test.each([
  ...KINDS.map(([what, , endless]) => [what, endless, LESS[what] ?? 8] as const),
  ...READS.map(([what, endless]) => [what, endless, (endless.read ?? 0) < 1_024 ? 1 : 4] as const),
])('%s: four times as much takes less than eight times as long', async (_what, endless, mb) => {
  const unbounded = { ...endless, options: { ...endless.options, maxEventBytes: 0, maxAnswerChars: 0 } }
  let [short, long] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY]
  // What takes next to no time has no ratio, but that of two collections of garbage.
  const ratio = () => long / Math.max(short, 50)
  const measure = async () => {
    short = Math.min(short, await msFor(unbounded, (mb * MB) / 4))
    long = Math.min(long, await msFor(unbounded, mb * MB))
  }
  await measure()
  // Who was disturbed is measured once more: the best of two is what the code takes.
  if (ratio() >= 8) await measure()
  expect(ratio()).toBeLessThan(8)
})

/** The time that this process was at work, in ms: what else the machine does takes none of it. */
async function msFor(endless: Endless, bytes: number): Promise<number> {
  const before = process.cpuUsage()
  // Some are whole where nothing bounds them.
  await outcomeOf(endless, bytes).catch(() => {})
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1_000
}
