/** Half a character is never handed out while its other half may come. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Pairs } from '../../src/answer/pairs.ts'
import type { Delta } from '../../src/events.ts'
import { type StreamOptions, stream } from '../../src/index.ts'
import { type FetchScript, scriptedFetch } from '../../src/testing/index.ts'

const FACE = '\u{1f600}'
const [HIGH = '', LOW = ''] = FACE.split('')
const text = (piece: string): Delta => ({ type: 'text', text: piece })
const call = (index: number, piece: string, name = ''): Delta => {
  return { type: 'tool-call', index, id: name && 'id', name, arguments: piece }
}
const FINISH: Delta = { type: 'finish', reason: 'stop' }

describe('a batch', () => {
  test.each<[string, readonly (readonly Delta[])[], readonly (readonly Delta[])[]]>([
    ['without halves is the same', [[text('a'), FINISH]], [[text('a'), FINISH]]],
    ['that is half a character waits', [[text(HIGH)], [text(LOW)]], [[], [text(FACE)]]],
    [
      'that ends in half of one waits with the half',
      [[text(`a${HIGH}`)], [text(`${LOW}b`)]],
      [[text('a')], [text(`${FACE}b`)]],
    ],
    ['with both halves joins them', [[text(HIGH), text(LOW)]], [[text(FACE)]]],
    [
      'of another kind does not come between them',
      [
        [text(HIGH), { type: 'reasoning', text: HIGH }],
        [text(LOW), { type: 'reasoning', text: LOW }],
      ],
      [[], [text(FACE), { type: 'reasoning', text: FACE }]],
    ],
    [
      'of a tool call keeps its name',
      [
        [call(0, HIGH, 'f'), call(1, HIGH)],
        [call(1, LOW), call(0, LOW)],
      ],
      [
        [call(0, '', 'f'), call(1, '')],
        [call(1, FACE), call(0, FACE)],
      ],
    ],
    ['gives the half before the end', [[text(`a${HIGH}`)], [FINISH]], [[text('a')], [text(HIGH), FINISH]]],
    [
      'that takes text back takes the half along',
      [[text(`a${HIGH}`)], [{ type: 'rewind', text: 0, reasoning: 0 }, text('b')]],
      [[text('a')], [{ type: 'rewind', text: 0, reasoning: 0 }, text('b')]],
    ],
    ['leaves a half that was sent so', [[text(`${LOW}a`)]], [[text(`${LOW}a`)]]],
  ])('%s', (_sentence, batches, expected) => {
    const pairs = new Pairs()
    expect(batches.map((batch) => pairs.join(batch))).toEqual(expected)
    expect(pairs.rest()).toEqual([])
  })

  test('without halves is handed on as it is, not copied', () => {
    const batch = [text('a'), text('b')]
    expect(new Pairs().join(batch)).toBe(batch)
  })

  test('cut anywhere adds up, and no piece but the last ends in half a character', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme' }),
        fc.infiniteStream(fc.integer({ min: 1, max: 3 })),
        (whole, sizes) => {
          const pieces: string[] = []
          for (let at = 0; at < whole.length; ) {
            const size = sizes.next().value
            pieces.push(whole.slice(at, at + size))
            at += size
          }
          const pairs = new Pairs()
          const joined = pieces.flatMap((piece) => pairs.join([text(piece)]))
          const shown = joined.map((delta) => (delta.type === 'text' ? delta.text : '?'))
          for (const piece of shown) expect(piece).not.toMatch(/[\ud800-\udbff]$/)
          expect(shown.join('')).toBe(whole)
          expect(pairs.rest()).toEqual([])
        },
      ),
    )
  })
})

describe('an answer whose server cuts text in UTF-16', () => {
  const delta = (content: string) => ({ choices: [{ index: 0, delta: { content } }] })
  const halves = [delta(`a${HIGH}`), delta(`${LOW}b${HIGH}`), delta(LOW)]
  const told = async (...scripts: readonly FetchScript[]) => {
    const pieces: string[] = []
    const given: StreamOptions = { fetch: scriptedFetch(...scripts), json: {}, retry: { baseMs: 0 } }
    const answer = await stream('https://api.example.com', {
      ...given,
      recovery: 'replay',
      onChunk: (piece) => void pieces.push(piece),
    }).answer()
    return { pieces, text: answer.text }
  }

  test.each([
    ['in one read', undefined],
    ['in one byte a read', 1],
  ])('is handed out in whole characters, %s', async (_how, pieceBytes) => {
    const { pieces, text } = await told({ events: [...halves, '[DONE]'], pieceBytes })
    expect(pieces.join('')).toBe(`a${FACE}b${FACE}`)
    expect(text).toBe(`a${FACE}b${FACE}`)
    for (const piece of pieces) expect(piece).not.toMatch(/[\ud800-\udbff]$/)
  })

  test.each([1, 2, 3])('and breaks after %i pieces is replayed without a seam', async (count) => {
    const broken = { events: halves.slice(0, count), end: 'reset' } as const
    const { pieces, text } = await told(broken, { events: [...halves, '[DONE]'] })
    expect(pieces.join('')).toBe(`a${FACE}b${FACE}`)
    expect(text).toBe(`a${FACE}b${FACE}`)
  })
})
