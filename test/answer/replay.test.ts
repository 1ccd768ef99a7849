/** A stream laid against what was handed out before, from its start or from a place. */

import { describe, expect, test } from 'vitest'
import { type Known, Replay, START } from '../../src/answer/replay.ts'
import { ProtocolError } from '../../src/errors/errors.ts'
import type { Delta, Place } from '../../src/events.ts'
import { call, finish, reasoning, rewind, text, usage } from '../support/deltas.ts'
import { comparing } from '../support/everything.ts'

function known(...deltas: readonly Delta[]): Known {
  const transcript = comparing(0)
  for (const delta of deltas) transcript.add(delta)
  return transcript.content
}

const SMILE = '\u{1f600}'
const GRIN = '\u{1f601}'
/** Its first half is the other one's, too. */
const [GR = '', IN = ''] = GRIN.split('')

/** A whole call, and the name it begins with. */
const look = (json: string, index = 0) => call(index, json, `id-${index}`, 'look')

/** The same in as few deltas as can be: in how many a call is given again does not matter. */
function joined(deltas: readonly Delta[]): Delta[] {
  const parts: Delta[] = []
  for (const delta of deltas) {
    const last = parts.at(-1)
    if (delta.type === 'tool-call' && last?.type === 'tool-call' && last.index === delta.index)
      parts.push({ ...(parts.pop() as typeof last), arguments: last.arguments + delta.arguments })
    else parts.push(delta)
  }
  return parts
}

/** A sentence; what there was, what comes, what is handed out. */
type Row = readonly [string, readonly Delta[], readonly Delta[], readonly Delta[]]

describe('of an answer that is given anew, text', () => {
  test.each<Row>([
    ['is not handed out while it repeats', [text('abc')], [text('a'), text('b')], []],
    ['goes on where the old one was cut', [text('abc')], [text('ab'), text('cd')], [text('d')]],
    ['that is the same brings the finish only', [text('abc')], [text('abc'), finish], [finish]],
    ['that differs is taken back', [text('abc')], [text('ab'), text('X')], [rewind(2), text('X')]],
    [
      'is taken back within a delta, once',
      [text('abc')],
      [text('aXc'), finish],
      [rewind(1), text('Xc'), finish],
    ],
    ['of another kind is all taken back', [text('abc')], [text('X')], [rewind(0), text('X')]],
    ['that is shorter has the rest taken back', [text('abc')], [text('ab'), finish], [rewind(2), finish]],
    ['that is none has all taken back', [text('abc')], [finish], [rewind(0), finish]],
    ['keeps no half of a character', [text(SMILE)], [text(GRIN)], [rewind(0), text(GRIN)]],
    ['keeps no half that came alone', [text(SMILE)], [text(GR), text(IN)], [rewind(0), text(GRIN)]],
    ['goes on with the other half where the old one was cut', [text(GR)], [text(GRIN)], [text(IN)]],
    [
      'and reasoning are compared each by itself',
      [reasoning('ab'), text('x')],
      [reasoning('aX')],
      [rewind(0, 1), reasoning('X')],
    ],
    [
      'that differs leaves the reasoning',
      [reasoning('ab'), text('xy')],
      [reasoning('ab'), text('xZ')],
      [rewind(1, 2), text('Z')],
    ],
    [
      'may not be longer while reasoning is missing',
      [reasoning('ab'), text('x')],
      [reasoning('a'), text('xyz')],
      [rewind(1, 1), text('yz')],
    ],
    ['lets usage pass at once', [text('abc')], [usage, text('a')], [usage]],
    ['that is empty says nothing', [text('abc')], [text(''), text('abc'), finish], [finish]],
  ])('%s', (_sentence, old, renewed, expected) => {
    expect(new Replay(known(...old)).align(renewed)).toEqual(expected)
  })
})

describe('of an answer that is given anew, tool calls', () => {
  const json = '{"a":1}'

  test.each<Row>([
    ['that are the same are not handed out', [look(json)], [look(json), finish], [finish]],
    ['that come in other pieces are the same', [look(json)], [look('{"a'), call(0, '":1}')], []],
    ['whose name comes alone are the same', [look(json)], [look(''), call(0, json), finish], [finish]],
    ['that come in another order are the same', [look('1'), look('2', 1)], [look('2', 1), look('1')], []],
    ['without a word are the same', [look('')], [look(''), finish], [finish]],
    ['that were cut go on', [look('{"a')], [look('{"a'), call(0, '":1}')], [call(0, '":1}')]],
    ['that are longer hand out the rest, without their name', [look('{')], [look('{}')], [call(0, '}')]],
    ['that had no arguments yet are given them', [look('')], [look(json)], [call(0, json)]],
    ['beyond the old ones are handed out', [look('1')], [look('1'), look('2', 1)], [look('2', 1)]],
    ['are handed out after the old text', [text('a')], [text('a'), look(json)], [look(json)]],
    [
      'that differ start anew, with what both say',
      [text('ab'), look(json)],
      [text('ab'), look('{"a"'), call(0, ':2}'), finish],
      [rewind(2), look('{"a"'), call(0, ':2}'), finish],
    ],
    ['that differ from the first letter start anew', [look(json)], [look('[]')], [rewind(0), look('[]')]],
    ['that are shorter start anew', [look(json)], [look('{"a'), finish], [rewind(0), look('{"a'), finish]],
    [
      'with another id start anew',
      [text('a'), look(json)],
      [text('a'), call(0, json, 'other', 'look')],
      [rewind(1), call(0, json, 'other', 'look')],
    ],
    [
      'of another tool start anew',
      [look(json)],
      [call(0, json, 'id-0', 'act')],
      [rewind(0), call(0, json, 'id-0', 'act')],
    ],
    [
      'that are fewer start anew with those that stay',
      [look('1'), look('2', 1)],
      [look('1'), finish],
      [rewind(0), look('1'), finish],
    ],
    ['that are gone are taken back', [text('a'), look('')], [text('a'), finish], [rewind(1), finish]],
    [
      'are taken back before the text goes beyond the old one',
      [text('a'), look(json)],
      [text('ab'), finish],
      [rewind(1), text('b'), finish],
    ],
    [
      'are given again where another one differs',
      [look('1'), look('2', 1)],
      [look('1'), look('3', 1), look('4', 2)],
      [rewind(0), look('1'), look('3', 1), look('4', 2)],
    ],
    [
      'may not be longer while others are missing',
      [look('1'), look('2', 1)],
      [look('1'), call(0, '!'), look('2', 1)],
      [rewind(0), look('1'), call(0, '!'), look('2', 1)],
    ],
  ])('%s', (_sentence, old, renewed, expected) => {
    expect(joined(new Replay(known(...old)).align(renewed))).toEqual(joined(expected))
  })

  test.each<Row>([
    ['are the same', [text('ab'), look(json)], [text('a'), look(json), text('b'), finish], [finish]],
    ['are the same in pieces', [text('ab'), look('12')], [look('1'), text('ab'), call(0, '2')], []],
    ['let the text go on', [text('ab'), look(json)], [look(json), text('abc')], [text('c')]],
    ['take text back when they are new', [text('ab')], [text('a'), look('1')], [rewind(1), look('1')]],
    [
      'are given again, in full, when the text differs',
      [text('ab'), look(json)],
      [text('a'), look(json), text('X')],
      [rewind(1), text('X'), look(json)],
    ],
    [
      'are given again as far as they came when the text differs',
      [text('ab'), look(json), look('2', 1)],
      [look('{"'), text('X'), call(0, 'b"}'), finish],
      [rewind(0), text('X'), look('{"'), call(0, 'b"}'), finish],
    ],
    [
      'are given again when the reasoning differs',
      [reasoning('ab'), look(json)],
      [look(json), reasoning('aX'), text('t')],
      [rewind(0, 1), reasoning('X'), look(json), text('t')],
    ],
  ])('between pieces of text %s', (_sentence, old, renewed, expected) => {
    expect(joined(new Replay(known(...old)).align(renewed))).toEqual(joined(expected))
  })
})

const at = (chars: number, calls?: Place['calls'], thought = 0): Place => ({
  ...{ text: chars, reasoning: thought },
  ...(calls && { calls }),
})

const old = [reasoning('why'), text('abc'), look('{"a":1}')]

describe('a stream that goes on at a place', () => {
  const end = at(3, { 0: 7 }, 3)

  test.each<[string, Place, readonly Delta[], readonly Delta[]]>([
    ['in the text repeats the rest', at(1, { 0: 7 }, 3), [text('bc'), text('d')], [text('d')]],
    [
      'in the reasoning repeats the rest',
      at(0, undefined, 1),
      [reasoning('hy'), text('abc'), look('{"a":1}')],
      [],
    ],
    [
      'in the arguments repeats the rest',
      at(3, { 0: 2 }, 3),
      [call(0, 'a":'), call(0, '1}!')],
      [call(0, '!')],
    ],
    ['before a call repeats it', at(3, undefined, 3), [look('{"a":1}'), finish], [finish]],
    ['at the end repeats nothing', end, [text('d'), call(0, '!'), finish], [text('d'), call(0, '!'), finish]],
  ])('%s', (_sentence, from, rest, expected) => {
    expect(new Replay(known(...old), from, end).align(rest)).toEqual(expected)
  })

  test.each<[string, Place, readonly Delta[]]>([
    ['other text', at(1, { 0: 7 }, 3), [text('X')]],
    ['other reasoning', at(3, { 0: 7 }, 1), [reasoning('X')]],
    ['other arguments', at(3, { 0: 2 }, 3), [call(0, 'X')]],
    ['another call', at(3, undefined, 3), [call(0, '{"a":1}', 'other', 'look')]],
    ['more text where a call has to come', at(3, undefined, 3), [text('d')]],
    ['the end, too early', at(1, { 0: 7 }, 3), [text('b'), finish]],
    ['the end, before a call without arguments', at(3, undefined, 3), [look(''), finish]],
  ])('contradicts itself with %s', (_what, from, rest) => {
    const align = () => new Replay(known(...old), from, end).align(rest)
    expect(align).toThrow(ProtocolError)
    expect(align).toThrow('The server did not go on where the stream had broken, but with another answer')
  })

  test.each<[string, Place, Place, readonly Delta[], readonly Delta[]]>([
    [
      'text',
      at(1, { 0: 7 }, 3),
      at(2, { 0: 7 }, 3),
      [text('b'), text('X')],
      [rewind(2, 3), text('X'), look('{"a":1}')],
    ],
    [
      'its end',
      at(1, { 0: 7 }, 3),
      at(2, {}, 3),
      [text('b'), finish],
      [rewind(2, 3), look('{"a":1}'), finish],
    ],
    [
      'arguments',
      at(3, { 0: 2 }, 3),
      at(3, { 0: 3 }, 3),
      [call(0, 'a'), call(0, 'X')],
      [rewind(3, 3), look('{"a'), call(0, 'X')],
    ],
    [
      'arguments, in one piece',
      at(3, { 0: 2 }, 3),
      at(3, { 0: 3 }, 3),
      [call(0, 'aX')],
      [rewind(3, 3), look('{"a'), call(0, 'X')],
    ],
    ['a call', at(2, undefined, 3), at(3, undefined, 3), [text('c'), text('d')], [rewind(3, 3), text('d')]],
  ])('may differ beyond what it has said itself: %s', (_what, from, own, rest, expected) => {
    expect(joined(new Replay(known(...old), from, own).align(rest))).toEqual(joined(expected))
  })

  test('in the middle of a character takes back none of its halves alone', () => {
    const replay = (own: number) => new Replay(known(text(`a${SMILE}`)), at(2), at(own))
    expect(replay(2).align([text(IN)])).toEqual([rewind(1), text(GRIN)])
    expect(replay(2).align([text(SMILE.charAt(1)), text('b')])).toEqual([text('b')])
    expect(() => replay(3).align([text(IN)])).toThrow(ProtocolError)
  })

  test('beyond all there is has nothing to repeat', () => {
    expect(new Replay(known(text('abc')), at(5)).isOver).toBe(true)
  })
})

describe('a replay', () => {
  test.each<[string, readonly Delta[], boolean]>([
    ['at its start', [], false],
    ['while text is missing', [text('a'), look('{}')], false],
    ['while arguments are missing', [text('ab'), look('{')], false],
    ['once it has caught up', [text('ab'), look('{}')], true],
    ['once it went another way', [text('X')], true],
    ['once the answer ends', [finish], true],
  ])('is over, or not: %s', (_when, renewed, isOver) => {
    const replay = new Replay(known(text('ab'), look('{}')))
    replay.align(renewed)
    expect(replay.isOver).toBe(isOver)
  })

  test('of nothing is over at once', () => {
    expect(new Replay(known()).isOver).toBe(true)
  })

  test('makes its own what the stream has said, and never less than before', () => {
    const replay = new Replay(known(text('abcd'), look('{"a":1}')), at(1), at(2, { 0: 1 }))
    expect(replay.own).toEqual(at(2, { 0: 1 }))
    replay.align([text('bc'), look('{"a')])
    expect(replay.own).toEqual(at(3, { 0: 3 }))
    const behind = new Replay(known(...old), at(1, { 0: 1 }), at(2, { 0: 2 }, 2))
    expect(behind.own).toEqual(at(2, { 0: 2 }, 2))
  })

  test('is held to a call of its own that has no arguments', () => {
    const named = known(text('ab'), look(''))
    expect(() => new Replay(named, at(1), at(2, { 0: 0 })).align([text('b'), finish])).toThrow(ProtocolError)
  })

  test('changes no place it is given', () => {
    const from = Object.freeze({ text: 0, reasoning: 0, calls: Object.freeze({ 0: 1 }) })
    new Replay(known(text('ab'), look('{}')), from, from).align([text('ab'), call(0, '}')])
    new Replay(known(text('ab'))).align([text('ab')])
    expect([from, START]).toEqual([at(0, { 0: 1 }), at(0)])
  })
})
