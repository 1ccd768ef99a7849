/** Where an answer stood when all that had been read was handed out, and whether it gets on. */
import { describe, expect, test } from 'vitest'
import { deltasOf, Transcript } from '../../src/answer/transcript.ts'
import type { Delta } from '../../src/events.ts'
import { call, finish, reasoning, rewind, text, usage } from '../support/deltas.ts'

function add(transcript: Transcript, ...deltas: readonly Delta[]): Transcript {
  for (const delta of deltas) transcript.add(delta)
  return transcript
}

function transcriptOf(...deltas: readonly Delta[]): Transcript {
  const transcript = new Transcript(0)
  transcript.beginAnew()
  return add(transcript, ...deltas)
}

/** A read that has been handed out. */
function read(transcript: Transcript, ...deltas: readonly Delta[]): Transcript {
  add(transcript, ...deltas).mark()
  return transcript
}

describe('the marked answer', () => {
  test('is empty before the first mark', () => {
    const nothing = { text: '', reasoning: '', toolCalls: [] }
    expect(transcriptOf().marked()).toEqual(nothing)
    expect(transcriptOf(reasoning('why'), text('The'), call(0, '{')).marked()).toEqual(nothing)
  })

  test('is all there is right after a mark', () => {
    const transcript = read(
      transcriptOf(),
      reasoning('why'),
      text('The '),
      text('sea'),
      call(0, '{', 'a', 'b'),
    )
    expect(transcript.marked()).toEqual({
      ...{ text: 'The sea', reasoning: 'why' },
      toolCalls: [{ index: 0, id: 'a', name: 'b', arguments: '{' }],
    })
  })

  test('ends before a batch that is only half handed out', () => {
    const transcript = read(transcriptOf(), reasoning('why'), text('The '))
    add(transcript, reasoning(' not'), text('sea'))
    expect(transcript.marked()).toMatchObject({ text: 'The ', reasoning: 'why' })
    transcript.mark()
    expect(transcript.marked()).toMatchObject({ text: 'The sea', reasoning: 'why not' })
  })

  test('ends in the middle of arguments, and before a call that is new', () => {
    const transcript = read(transcriptOf(), call(0, '{"a"', 'id-0', 'look'), call(1, '', 'id-1', 'act'))
    add(transcript, call(0, ':1}'), call(1, '{}'), call(2, '{}', 'id-2', 'stop'))
    expect(transcript.marked().toolCalls).toEqual([
      { index: 0, id: 'id-0', name: 'look', arguments: '{"a"' },
      { index: 1, id: 'id-1', name: 'act', arguments: '' },
    ])
    transcript.mark()
    expect(transcript.marked().toolCalls.map((each) => each.arguments)).toEqual(['{"a":1}', '{}', '{}'])
  })

  test('counts calls as they came, whatever their numbers', () => {
    const transcript = read(transcriptOf(), call(7, 'a'), call(3, 'b'))
    add(transcript, call(3, 'B'), call(7, 'A'))
    expect(transcript.marked().toolCalls).toMatchObject([
      { index: 7, arguments: 'a' },
      { index: 3, arguments: 'b' },
    ])
  })

  test('never holds what a rewind took back', () => {
    const transcript = read(transcriptOf(), reasoning('why'), text('The sea'), call(0, '{'))
    add(transcript, rewind(4, 2))
    expect(transcript.marked()).toEqual({ text: 'The ', reasoning: 'wh', toolCalls: [] })
  })

  test('after a rewind ends there until the next mark', () => {
    const transcript = read(transcriptOf(), text('The sea'), call(0, '{', 'a', 'b'))
    add(transcript, rewind(4), text('sky is wide'), call(0, '{}', 'c', 'd'))
    expect(transcript.marked()).toEqual({ text: 'The ', reasoning: '', toolCalls: [] })
    transcript.mark()
    expect(transcript.marked()).toEqual({
      ...{ text: 'The sky is wide', reasoning: '' },
      toolCalls: [{ index: 0, id: 'c', name: 'd', arguments: '{}' }],
    })
  })

  test('is a copy that stays as it is', () => {
    const transcript = read(transcriptOf(), text('a'), call(0, '{'))
    const copy = transcript.marked()
    read(transcript, text('b'), call(0, '}'), call(1, '{}'))
    expect(copy).toMatchObject({ text: 'a', toolCalls: [{ arguments: '{' }] })
    expect(copy.toolCalls).toHaveLength(1)
  })
})

describe('steps', () => {
  test.each<[string, Delta[], number]>([
    ['text', [text('a'), text('b')], 2],
    ['reasoning', [reasoning('a')], 1],
    ['tool calls, even without arguments', [call(0, ''), call(0, '{}')], 2],
    ['nothing', [], 0],
    ['usage', [usage], 0],
    ['a finish', [finish], 0],
    ['what is taken back', [text('a'), rewind(0)], 1],
  ])('count %s', (_what, deltas, steps) => {
    expect(transcriptOf(...deltas).steps).toBe(steps)
  })

  test('are not taken by a replay that repeats, but by one that gets on', () => {
    const transcript = transcriptOf(text('abc'))
    transcript.beginAnew()
    add(transcript, ...transcript.align([text('ab'), usage]))
    expect(transcript.steps).toBe(1)
    add(transcript, ...transcript.align([text('cd')]))
    expect(transcript.steps).toBe(2)
  })

  test('go on over attempts', () => {
    const transcript = transcriptOf(text('a'))
    transcript.beginAnew()
    expect(transcript.steps).toBe(1)
  })
})

describe('a transcript is replaying', () => {
  function again(...old: readonly Delta[]): Transcript {
    const transcript = transcriptOf(...old)
    transcript.beginAnew()
    return transcript
  }

  test.each<[string, Delta[], Delta[], boolean]>([
    ['from the start of a further attempt', [text('abc')], [], true],
    ['while it repeats', [text('abc')], [text('ab')], true],
    ['not beyond the old answer', [text('abc')], [text('abcd')], false],
    ['not after it went another way', [text('abc')], [text('aX')], false],
    ['not after its finish', [text('abc')], [finish], false],
    ['while only usage came', [text('abc')], [usage], true],
    ['while the reasoning is not through', [reasoning('ab'), text('c')], [reasoning('a')], true],
    ['where tool calls are not there yet', [text('a'), call(0, '{}')], [text('a')], true],
    ['not once they are', [text('a'), call(0, '{}')], [text('a'), call(0, '{')], false],
  ])('%s', (_when, old, renewed, isReplaying) => {
    const transcript = again(...old)
    transcript.align(renewed)
    expect(transcript.isReplaying).toBe(isReplaying)
  })

  test('never on a first attempt, or where nothing had arrived', () => {
    expect(transcriptOf(text('a')).isReplaying).toBe(false)
    expect(again(usage).isReplaying).toBe(false)
  })
})

describe('the deltas of an answer', () => {
  test('are one for each part, in the order a model gives them', () => {
    const answer = transcriptOf(
      text('a'),
      reasoning('why'),
      text('b'),
      call(1, '{}', 'x', 'y'),
      usage,
      finish,
    )
    expect(deltasOf(answer.live)).toEqual([
      reasoning('why'),
      text('ab'),
      call(1, '{}', 'x', 'y'),
      usage,
      { type: 'finish', reason: 'stop', raw: undefined },
    ])
  })

  test('are none of what is not there', () => {
    expect(deltasOf({ text: '', reasoning: '', toolCalls: [] })).toEqual([])
    expect(deltasOf({ text: 'a', reasoning: '', toolCalls: [], usage: undefined })).toEqual([text('a')])
  })

  test('make the marked answer again', () => {
    const transcript = read(
      transcriptOf(),
      reasoning('why'),
      text('The '),
      call(0, '{"a"', 'x', 'y'),
      call(1, ''),
    )
    add(transcript, text('sea'))
    const again = read(transcriptOf(), ...deltasOf(transcript.marked()))
    expect(again.marked()).toEqual(transcript.marked())
    expect(again.isFinished).toBe(false)
  })
})
