/** Any bytes, cut anywhere: no error but ours, and no more kept than the bound. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import * as dialects from '../../src/dialects/index.ts'
import { isStreamError, type StreamFailure, stream } from '../../src/index.ts'
import { FrameReader } from '../../src/wire/frames.ts'
import { PATIENCE_MS, runs } from '../support/properties.ts'

const MOST = 300
// So little that many a text outgrows it.
const MOST_OF_AN_ANSWER = 20
const PIECES = [
  ...[
    'data: ',
    'data:',
    'event: error',
    'id: ',
    'id',
    'retry: 1',
    ': ',
    'error: ',
    '\n',
    '\r',
    '\r\n',
    '\n\n',
    '\ufeff',
    '\0',
  ],
  ...[
    '{',
    '}',
    '[',
    ']',
    '"',
    '\\',
    '<title',
    '<!doctype html>',
    '</title>',
    ' ',
    '[DONE]',
    'NaN',
    'Grüße 😀',
    'x'.repeat(40),
  ],
  '{"choices":[{"index":0,"delta":{"content":"abc"}}]}',
  '{"choices":[{"index":0,"delta":{"tool_calls":[{"index":-1,"id":"a","function":{"name":"f","arguments":"{}"}}]}}]}',
  '{"choices":[],"usage":{"prompt_tokens":1}}',
  '{"type":"content_block_start","index":1e300,"content_block":{"type":"text","text":"abc"}}',
  '{"type":"message_stop"}',
  '{"error":{"message":"no"}}',
  '"abc"',
]
const bytes = fc
  .array(fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...PIECES) }, fc.string()), { maxLength: 60 })
  .map((pieces) => new TextEncoder().encode(pieces.join('')))
const garbled = fc
  .tuple(bytes, fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 3 }))
  .map(([all, changes]) => {
    for (const [at, byte] of changes) if (all.length > 0) all[at % all.length] = byte
    return all
  })
const { endsAtClose, ...plainOnes } = dialects
const speakers = Object.values(plainOnes).filter((each) => typeof each === 'object' && 'open' in each)

test(
  'whatever comes, however it is cut',
  async () => {
    await fc.assert(
      fc.asyncProperty(
        garbled,
        fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 8 }),
        fc.constantFrom(...speakers),
        fc.constantFrom('text/event-stream', 'text/plain', 'application/json'),
        fc.constantFrom(200, 500),
        async (all, sizes, dialect, type, status) => {
          let at = 0
          let turn = 0
          const body = new ReadableStream<Uint8Array>({
            pull(controller) {
              const from = at
              at += sizes[turn++ % sizes.length] ?? 1
              if (from >= all.length) controller.close()
              else controller.enqueue(all.slice(from, at))
            },
          })
          const reply = stream('https://a.example', {
            ...{ json: {}, retry: false, dialect: all.length % 2 ? endsAtClose(dialect) : dialect },
            ...{ maxEventBytes: MOST, maxAnswerChars: MOST_OF_AN_ANSWER },
            fetch: async () => new Response(body, { status, headers: { 'content-type': type } }),
          })
          const outcome = await reply.answer().catch((error: StreamFailure) => error)
          if (outcome instanceof Error) expect(isStreamError(outcome), String(outcome)).toBe(true)
          const { text, reasoning, toolCalls } = outcome instanceof Error ? outcome.answer : outcome
          const calls = toolCalls.map(({ id, name, arguments: json }) => id + name + json).join('')
          expect((text + reasoning + calls).length).toBeLessThanOrEqual(MOST_OF_AN_ANSWER)
        },
      ),
      runs(1_000),
    )
  },
  PATIENCE_MS,
)

const CHARACTERS = ['a', '\n', 'ü', '€', '😀', '\ufeff', '\ufffd']

test('whatever the bytes, they are the characters that one decoder makes of them all', () => {
  const whole = fc
    .array(fc.constantFrom(...CHARACTERS), { minLength: 1, maxLength: 30 })
    .map((characters) => new TextEncoder().encode(characters.join('')))
  const broken = fc
    .array(fc.constantFrom(0x0a, 0x61, 0x80, 0xbf, 0xbb, 0xc3, 0xe2, 0xef, 0xf0, 0xff), { maxLength: 30 })
    .map((each) => Uint8Array.from(each))
  fc.assert(
    fc.property(
      fc.oneof(whole, broken),
      fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 8 }),
      (all, sizes) => {
        let text = ''
        const never = () => {
          throw new Error('It is text')
        }
        const reader = new FrameReader({
          ...{ maxEventBytes: 0, isText: () => true, onText: (piece) => (text += piece) },
          ...{ onPage: never, onPiece: never, onEvent: never, onId: never },
          ...{ onStray: never, onComment: never, onRetry: never },
        })
        for (let at = 0, turn = 0; at < all.length; turn++) {
          const end = at + (sizes[turn % sizes.length] ?? 1)
          reader.feed(all.subarray(at, end))
          at = end
        }
        reader.end()
        expect(text).toBe(new TextDecoder().decode(all))
      },
    ),
    runs(3_000),
  )
})
