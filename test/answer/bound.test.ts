/** All that is kept of an answer is counted, and meets its bound. */
import { describe, expect, test } from 'vitest'
import { transcriptLimits } from '../../src/answer/bound.ts'
import type { Transcript } from '../../src/answer/transcript.ts'
import { ProtocolError } from '../../src/errors/errors.ts'
import type { Delta } from '../../src/events.ts'
import { call, reasoning, rewind, text } from '../support/deltas.ts'
import { comparing } from '../support/everything.ts'

const MESSAGE = (max: number) => `The answer is longer than ${max} characters (maxAnswerChars)`
const spends = (raw: unknown): Delta => ({ type: 'usage', usage: { raw } })
const ends = (raw: string): Delta => ({ type: 'finish', reason: 'other', raw })

function grown(max: number, ...deltas: readonly Delta[]): () => Transcript {
  const transcript = comparing(max)
  transcript.beginAnew()
  return () => {
    for (const delta of deltas) transcript.add(delta)
    return transcript
  }
}

test.each([
  ['text', 4, [text('abc'), text('d')]],
  ['reasoning', 4, [reasoning('abcd')]],
  ['arguments', 1_003, [call(0, 'abc')]],
  ['the ids of calls', 1_003, [call(0, '', 'abc')]],
  ['the names of calls', 1_003, [call(0, '', '', 'abc')]],
  ['an id that is replaced', 1_007, [call(0, '', 'abc'), call(0, '', 'def')]],
  ['a name that is replaced', 1_007, [call(0, '', '', 'abc'), call(0, '', '', 'def')]],
  ['an id and a name that are repeated', 1_008, [call(0, '', 'abc', 'def'), call(0, 'a', 'abc', 'def')]],
  ['pieces of calls that say nothing', 1_003, [call(0, ''), call(0, ''), call(0, ''), call(0, '')]],
  ['calls, one by one', 3_000, [call(0, ''), call(1, ''), call(1e15, '')]],
  ['usage as it was sent, as JSON', 11, [spends({ said: 'x'.repeat(0) })]],
  ['the last usage alone', 13, [spends({ a: 'bcd' }), spends({ a: 'bcdef' })]],
  ['the word for the end, as JSON', 6, [text('a'), ends('bcd')]],
  ['all together', 1_004, [text('ab'), reasoning('b'), call(0, 'a')]],
] as const)('the bound is met by %s', (_what, chars, deltas) => {
  expect(grown(chars, ...deltas)).not.toThrow()
  expect(grown(chars - 1, ...deltas)).toThrow(ProtocolError)
  expect(grown(chars - 1, ...deltas)).toThrow(MESSAGE(chars - 1))
})

test('the bound is met by what the answer and its model are called, the last ones alone', () => {
  const transcript = comparing(33)
  transcript.sign({ id: '12345', model: '67890' })
  transcript.sign({ id: 'abcde', model: undefined })
  transcript.add(text('fghij'))
  expect(() => transcript.sign({ id: 'x'.repeat(22), model: undefined })).toThrow(MESSAGE(33))
  expect(transcript.live).toMatchObject({ id: 'abcde', model: undefined })
})

test('usage that cannot be written down harms nobody', () => {
  const circle: { self?: unknown } = {}
  circle.self = circle
  expect(grown(1, spends(circle), spends(1n), spends(undefined))).not.toThrow()
})

describe('the bound', () => {
  test.each<[string, Delta, Delta]>([
    ['text', text('abc'), text('b')],
    ['reasoning', reasoning('abc'), reasoning('b')],
    ['a new call', call(0, '', 'x', 'f'), call(7, '', 'id', 'g')],
    ['a call that is known', call(7, 'ab'), call(7, '')],
  ])('keeps out what outgrows it: %s', (_what, long, short) => {
    const transcript = comparing(1_007)
    for (const delta of [text('a'), call(7, 'x', 'id', 'g')]) transcript.add(delta)
    const { steps, content } = transcript
    expect(() => transcript.add(long)).toThrow(ProtocolError)
    expect(transcript.content).toEqual(content)
    expect(transcript.steps).toBe(steps)
    expect(() => transcript.add(short)).not.toThrow()
  })

  test('holds for what a checkpoint brings, too', () => {
    const from = { text: 'abc', reasoning: 'd', toolCalls: [] }
    expect(comparing(4, from).content).toEqual(from)
    expect(() => comparing(3, from)).toThrow(MESSAGE(3))
  })

  test('does not count what was taken back', () => {
    expect(grown(1_004, text('abc'), call(0, ''), rewind(1), text('xyz'))).not.toThrow()
    expect(grown(4, text('abc'), rewind(1), text('wxyz'))).toThrow(ProtocolError)
  })

  test('is none at 0', () => {
    expect(grown(0, text('a'.repeat(100_000)))).not.toThrow()
  })

  test('is 64 Mi by default', () => {
    expect(transcriptLimits.maxAnswerChars).toBe(64 * 1024 * 1024)
  })
})

test('a text is whole, whatever the pieces it grows by and is cut back to', () => {
  const transcript = comparing()
  let whole = ''
  for (let at = 0; at < 5_000; at++) {
    const piece = at % 7 === 0 ? '\ud83d' : `${at} `.repeat(at % 50)
    const cut = at % 997 === 500 ? whole.length >> 1 : undefined
    if (cut !== undefined) transcript.add(rewind(cut))
    whole = whole.slice(0, cut) + piece
    transcript.add(text(piece))
    if (at % 100 === 0) expect(transcript.live.text).toBe(whole)
  }
  expect(transcript.live.text).toBe(whole)
})
