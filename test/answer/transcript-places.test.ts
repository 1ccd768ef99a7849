/** Places in an answer: how much there is, what stood there, where a stream goes on, and whether it gets on. */

import { describe, expect, test } from 'vitest'
import { upTo } from '../../src/answer/checkpoint.ts'
import { placeOf } from '../../src/answer/replay.ts'
import { deltasOf, type Transcript } from '../../src/answer/transcript.ts'
import { ProtocolError } from '../../src/errors/errors.ts'
import type { Delta, Place } from '../../src/events.ts'
import { call, finish, reasoning, rewind, text, usage } from '../support/deltas.ts'
import { comparing } from '../support/everything.ts'

function add(transcript: Transcript, ...deltas: readonly Delta[]): Transcript {
  for (const delta of deltas) transcript.add(delta)
  return transcript
}

function transcriptOf(...deltas: readonly Delta[]): Transcript {
  const transcript = comparing(0)
  transcript.beginAnew()
  return add(transcript, ...deltas)
}

/** A second attempt: the answer is given anew, and this much of it arrives. */
function again(transcript: Transcript, ...renewed: readonly Delta[]): Transcript {
  transcript.beginAnew()
  return add(transcript, ...transcript.align(renewed))
}

const at = (chars: number, thought = 0, calls?: Place['calls']): Place => ({
  ...{ text: chars, reasoning: thought },
  ...(calls && { calls }),
})

describe('the place reached', () => {
  test.each<[string, Delta[], Place]>([
    ['nothing', [], at(0)],
    ['text', [text('The '), text('sea')], at(7)],
    ['reasoning', [reasoning('why'), text('a')], at(1, 3)],
    ['calls, by their numbers', [call(7, 'ab'), call(3, ''), call(7, 'c')], at(0, 0, { 3: 0, 7: 3 })],
    ['UTF-16 units', [text('\u{1f600}')], at(2)],
    ['what a rewind left', [reasoning('why'), text('sea'), call(0, '{'), rewind(1, 2)], at(1, 2)],
    ['neither usage nor a finish', [usage, finish], at(0)],
  ])('counts %s', (_what, deltas, place) => {
    expect(placeOf(transcriptOf(...deltas).live)).toEqual(place)
  })
})

describe('the answer up to a place', () => {
  const transcript = transcriptOf(
    ...[reasoning('why'), text('The sea'), call(1, '{"a":1}', 'id-1', 'look'), call(0, '', 'id-0', 'act')],
  )
  const look = { index: 1, id: 'id-1', name: 'look' }
  const act = { index: 0, id: 'id-0', name: 'act', arguments: '' }

  test.each<[string, Place, object | undefined]>([
    ['nothing, at the start', at(0), { text: '', reasoning: '', toolCalls: [] }],
    ['all, at the end', placeOf(transcript.live), transcript.content],
    ['its text, in the middle of that', at(4), { text: 'The ', reasoning: '', toolCalls: [] }],
    ['its reasoning, in the middle of that', at(0, 2), { text: '', reasoning: 'wh', toolCalls: [] }],
    ['a call’s name before its arguments', at(7, 3, { 1: 0 }), { toolCalls: [{ ...look, arguments: '' }] }],
    ['arguments, in the middle of them', at(7, 3, { 1: 4 }), { toolCalls: [{ ...look, arguments: '{"a"' }] }],
    ['a call that has no arguments', at(7, 3, { 0: 0 }), { toolCalls: [act] }],
    [
      'all calls, in the order they came',
      at(7, 3, { 0: 0, 1: 7 }),
      { toolCalls: [{ ...look, arguments: '{"a":1}' }, act] },
    ],
    ['nothing known, beyond the text', at(8, 3), undefined],
    ['nothing known, beyond the reasoning', at(7, 4), undefined],
    ['nothing known, where a call is not there', at(7, 3, { 5: 0 }), undefined],
    ['nothing known, beyond the arguments', at(7, 3, { 1: 8 }), undefined],
  ])('is %s', (_what, place, expected) => {
    const found = upTo(transcript.content, place)
    if (expected) expect(found).toMatchObject(expected)
    else expect(found).toBeUndefined()
    if (found) expect(found.toolCalls).toHaveLength(Object.keys(place.calls ?? {}).length)
  })

  test('is not known any more where a rewind took it back', () => {
    const shortened = transcriptOf(reasoning('why'), text('The sea'), rewind(4, 2))
    expect(upTo(shortened.content, at(7, 3))).toBeUndefined()
    expect(upTo(shortened.content, at(4, 2))).toEqual({ text: 'The ', reasoning: 'wh', toolCalls: [] })
  })

  test('is a copy that stays as it is, and so is the place', () => {
    const grown = transcriptOf(text('a'), call(0, '{'))
    const place = placeOf(grown.live)
    const copy = upTo(grown.content, place)
    add(grown, text('b'), call(0, '}'), call(1, '{}'))
    expect(copy).toMatchObject({ text: 'a', toolCalls: [{ arguments: '{' }] })
    expect(copy?.toolCalls).toHaveLength(1)
    expect(upTo(grown.content, place)).toEqual(copy)
    expect(place).toEqual(at(1, 0, { 0: 1 }))
  })

  test('is the beginning of the new answer while that repeats the old one', () => {
    const replaying = again(transcriptOf(text('The sea')), text('The '))
    expect(placeOf(replaying.live)).toEqual(at(7))
    expect(upTo(replaying.content, at(4))).toMatchObject({ text: 'The ' })
  })
})

describe('a stream that goes on', () => {
  const there = () => transcriptOf(reasoning('why'), text('The sea'), call(0, '{}', 'x', 'f'))

  function goneOn(place: Place, transcript = there()): Transcript {
    transcript.goOnAt(place)
    return transcript
  }

  test('at the end stands by itself', () => {
    const transcript = goneOn(placeOf(there().live))
    const batch = [text(' holds'), call(0, '!'), finish]
    expect(transcript.isReplaying).toBe(false)
    expect(transcript.align(batch)).toBe(batch)
  })

  test('before the end has left out what it repeats', () => {
    const transcript = goneOn(at(4, 3))
    expect(transcript.isReplaying).toBe(true)
    expect(transcript.align([text('sea'), call(0, '{}', 'x', 'f'), text(' holds')])).toEqual([text(' holds')])
    expect(transcript.isReplaying).toBe(false)
  })

  test('before the end must not say something else', () => {
    expect(() => goneOn(at(4, 3)).align([text('sky')])).toThrow(ProtocolError)
    expect(() => goneOn(at(4, 3)).align([text('sea'), text(' holds')])).toThrow('but with another answer')
    expect(() => goneOn(at(4, 3)).align([finish])).toThrow(ProtocolError)
  })

  test('at the very start may be another answer', () => {
    expect(goneOn(at(0)).align([text('The sky'), finish])).toEqual([rewind(5, 0), text('ky'), finish])
  })

  test('after no more than the name of a call may not', () => {
    const named = transcriptOf(call(0, '', 'x', 'f'), text('The sea'))
    expect(() => goneOn(at(0, 0, { 0: 0 }), named).align([text('The sky')])).toThrow(ProtocolError)
  })

  test('may say something else where only the answer before has spoken', () => {
    const second = () => again(transcriptOf(text('The sea holds')), text('The '), text('sea '))
    expect(goneOn(at(4), second()).align([text('sea lies')])).toEqual([rewind(8), text('lies')])
    expect(() => goneOn(at(4), second()).align([text('sky')])).toThrow(ProtocolError)
  })

  test('again while it repeats is held to all it has said', () => {
    const twice = () => {
      const transcript = again(transcriptOf(text('The sea holds')), text('The sea '))
      transcript.goOnAt(at(4))
      transcript.align([text('sea h')])
      transcript.goOnAt(at(8))
      return transcript
    }
    expect(twice().align([text('hurls')])).toEqual([rewind(9), text('urls')])
    expect(() => twice().align([text('lies')])).toThrow(ProtocolError)
  })

  test('keeps the usage it has reported', () => {
    const transcript = goneOn(at(1), transcriptOf(text('abc'), usage))
    expect(transcript.live.usage).toBeDefined()
  })
})

describe('steps', () => {
  test.each<[string, Delta[], number]>([
    ['text', [text('a'), text('b')], 2],
    ['reasoning', [reasoning('a')], 1],
    ['tool calls, even without arguments', [call(0, ''), call(0, '{}')], 2],
    ['nothing', [], 0],
    ['empty text', [text(''), reasoning('')], 0],
    ['usage', [usage], 0],
    ['a finish', [finish], 0],
    ['what is taken back', [text('a'), rewind(0)], 1],
  ])('count %s', (_what, deltas, steps) => {
    expect(transcriptOf(...deltas).steps).toBe(steps)
  })

  test('are not taken by a replay that repeats, but by one that gets on', () => {
    const transcript = again(transcriptOf(text('abc'), call(0, '{')), text('abc'), call(0, '{'), usage)
    expect(transcript.steps).toBe(2)
    add(transcript, ...transcript.align([call(0, '}'), text('d')]))
    expect(transcript.steps).toBe(4)
  })

  test('go on over attempts', () => {
    expect(again(transcriptOf(text('a'))).steps).toBe(1)
  })
})

describe('a transcript is replaying', () => {
  test.each<[string, Delta[], Delta[], boolean]>([
    ['from the start of a further attempt', [text('abc')], [], true],
    ['while it repeats', [text('abc')], [text('ab')], true],
    ['not once it has caught up', [text('abc')], [text('abc')], false],
    ['not beyond the old answer', [text('abc')], [text('abcd')], false],
    ['not after it went another way', [text('abc')], [text('aX')], false],
    ['not after its finish', [text('abc')], [finish], false],
    ['while only usage came', [text('abc')], [usage], true],
    ['while the reasoning is not through', [reasoning('ab'), text('c')], [reasoning('a')], true],
    ['where tool calls are not there yet', [text('a'), call(0, '{}')], [text('a')], true],
    ['where their arguments are not', [text('a'), call(0, '{}')], [text('a'), call(0, '{')], true],
    ['where an empty call is not', [text('a'), call(0, '')], [text('a')], true],
    ['not once they are', [text('a'), call(0, '{}')], [text('a'), call(0, '{}')], false],
  ])('%s', (_when, old, renewed, isReplaying) => {
    const transcript = transcriptOf(...old)
    transcript.beginAnew()
    transcript.align(renewed)
    expect(transcript.isReplaying).toBe(isReplaying)
  })

  test('never on a first attempt, or where nothing had arrived', () => {
    expect(transcriptOf(text('a')).isReplaying).toBe(false)
    expect(again(transcriptOf(usage)).isReplaying).toBe(false)
  })
})

describe('the deltas of an answer', () => {
  test('are one for each part, in the order a model gives them', () => {
    const parts = [text('a'), reasoning('why'), text('b'), call(1, '{}', 'x', 'y'), usage, finish]
    expect(deltasOf(transcriptOf(...parts).live)).toEqual([
      ...[reasoning('why'), text('ab'), call(1, '{}', 'x', 'y'), usage, finish],
    ])
  })

  test('are none of what is not there', () => {
    expect(deltasOf({ text: '', reasoning: '', toolCalls: [] })).toEqual([])
    expect(deltasOf({ text: 'a', reasoning: '', toolCalls: [], usage: undefined })).toEqual([text('a')])
    expect(deltasOf(transcriptOf({ type: 'finish', reason: 'stop' }).live)).toStrictEqual([
      { type: 'finish', reason: 'stop' },
    ])
  })

  test('make the answer up to a place again', () => {
    const transcript = transcriptOf(
      ...[reasoning('why'), text('The '), call(0, '{"a"', 'x', 'y'), call(1, '')],
    )
    const place = placeOf(transcript.live)
    add(transcript, text('sea'), call(0, ':1}'))
    const known = upTo(transcript.content, place)
    const from = comparing(0, known)
    expect(from.content).toEqual(known)
    expect(placeOf(from.live)).toEqual(place)
    expect(from.isFinished).toBe(false)
  })
})
