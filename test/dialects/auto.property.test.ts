/** Whatever a server sends, `auto` is never whole for nothing, never asks twice, and never hands out JSON as text. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Answer, type StreamFailure, stream } from '../../src/index.ts'
import { scriptedFetch } from '../../src/testing/index.ts'
import { runs } from '../support/properties.ts'

// Names that servers use, so that what is generated looks like somebody's language.
const NAMES = [
  ...[
    'content',
    'text',
    'delta',
    'token',
    'message',
    'response',
    'answer',
    'type',
    'event',
    'id',
    'role',
    'model',
  ],
  ...[
    'choices',
    'candidates',
    'done',
    'finished',
    'data',
    'output',
    'result',
    'usage',
    'error',
    'code',
    'object',
  ],
]
const WORDS = [
  'start',
  'message',
  'ping',
  'done',
  'text',
  'stop',
  'ok',
  'assistant',
  'chat.completion',
  'Hel',
  '',
  'lo ',
]

const value = fc.letrec((tie) => ({
  any: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom(...WORDS),
    fc.string(),
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
    tie('object'),
    fc.array(tie('any'), { maxLength: 3 }),
  ),
  object: fc.dictionary(fc.constantFrom(...NAMES), tie('any'), { maxKeys: 4 }),
}))
const event = fc.oneof({ weight: 4, arbitrary: value.object }, { weight: 1, arbitrary: value.any })
const end = fc.constantFrom<unknown[]>(
  ['[DONE]'],
  [{ done: true }],
  [{ finished: true }],
  [{ type: 'done' }],
  [{ type: 'finish' }],
  [],
)
const pieceBytes = fc.constantFrom(undefined, 1, 13)

/** All texts in a value, and in what is in it; a number may be one. */
function textsIn(given: unknown): string[] {
  if (typeof given === 'string' || typeof given === 'number') return [String(given)]
  return typeof given === 'object' && given !== null ? Object.values(given).flatMap(textsIn) : []
}

async function read(events: readonly unknown[], bytes: number | undefined) {
  const body = events.map((each) => `data: ${JSON.stringify(each)}\n\n`).join('')
  const fetch = scriptedFetch({ body, pieceBytes: bytes })
  const result = await stream('https://example.invalid', {
    ...{ json: {}, fetch, retry: { baseMs: 1, jitter: 'none' } },
  })
    .answer()
    .catch((error: StreamFailure) => error)
  return { result, requests: fetch.requests.length }
}

/** An event that says in its own words why an answer ended. */
function saysWhy(given: unknown): boolean {
  return /finish|stop|done_reason|reason|refus|status/i.test(JSON.stringify(given))
}

function isPing(given: unknown): boolean {
  if (given === '') return true
  const { type, event: kind } = Object(given) as { readonly type?: unknown; readonly event?: unknown }
  return (type ?? kind) === 'ping'
}

const isWhole = (result: Answer | StreamFailure): result is Answer => !('code' in result)

describe('for any events', () => {
  test('an end without an answer is none, though an error comes after it', async () => {
    const { result, requests } = await read([{ content: '' }, { type: 'done' }, { error: {} }, '[DONE]'], 1)
    expect([isWhole(result), requests]).toEqual([false, 1])
  })

  test('of which nothing was understood there is no whole answer', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(event, { maxLength: 6 }), end, pieceBytes, async (some, last, bytes) => {
        const events = [...some, ...last]
        const { result } = await read(events, bytes)
        if (isWhole(result) && result.text === '' && result.toolCalls.length === 0 && result.reasoning === '')
          expect(events.some(saysWhy), JSON.stringify(events)).toBe(true)
      }),
      runs(300),
    )
  })

  test('text is what stands in them, and never JSON', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(event, { maxLength: 6 }), end, pieceBytes, async (some, last, bytes) => {
        const events = [...some, ...last]
        const { result } = await read(events, bytes)
        const { text } = isWhole(result) ? result : result.answer
        const said = events.flatMap(textsIn)
        // How far one comes in the text by some of them, in their order.
        const reached = new Set([0])
        for (const each of said)
          for (const at of [...reached]) if (text.startsWith(each, at)) reached.add(at + each.length)
        expect(reached, JSON.stringify([text, ...events])).toContain(text.length)
      }),
      runs(300),
    )
  })

  test('a stream that says it is over is asked for once, unless it reports trouble', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(event, { minLength: 1, maxLength: 6 }),
        end.filter((last) => last[0] === '[DONE]'),
        pieceBytes,
        async (some, last, bytes) => {
          // Signs of life, and then an end: nothing has been given, so nothing can have been paid for.
          if (some.every(isPing)) return
          const { result, requests } = await read([...some, ...last], bytes)
          if (isWhole(result) || result.code !== 'api') expect(requests, JSON.stringify(some)).toBe(1)
        },
      ),
      runs(300),
    )
  })
})
