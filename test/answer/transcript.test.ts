/** What has arrived, and how a further attempt is laid against it. */

import { describe, expect, test } from 'vitest'
import { Transcript } from '../../src/answer/transcript.ts'
import type { Delta, Usage } from '../../src/events.ts'
import { call, finish, reasoning, rewind, spent, text, usage } from '../support/deltas.ts'
import { comparing } from '../support/everything.ts'

function transcriptOf(...deltas: readonly Delta[]): Transcript {
  const transcript = comparing(0)
  transcript.beginAnew()
  for (const delta of deltas) transcript.add(delta)
  return transcript
}

describe('an answer', () => {
  test('is joined from its deltas', () => {
    const transcript = transcriptOf(
      reasoning('why '),
      reasoning('not'),
      text('The '),
      text('sea'),
      call(0, '{"a"', 'id-0', 'look'),
      call(1, '{}', 'id-1', 'act'),
      call(0, ':1}'),
      usage,
      finish,
    )
    expect(transcript.snapshot()).toMatchObject({
      text: 'The sea',
      reasoning: 'why not',
      toolCalls: [
        { index: 0, id: 'id-0', name: 'look', arguments: '{"a":1}' },
        { index: 1, id: 'id-1', name: 'act', arguments: '{}' },
      ],
      usage: spent,
      finishReason: 'stop',
    })
  })

  test('begins empty', () => {
    const transcript = comparing(0)
    expect(transcript.snapshot()).toMatchObject({ text: '', reasoning: '', toolCalls: [], usage: undefined })
    expect(transcript.isFinished).toBe(false)
    expect(transcript.recall()).toEqual([])
  })

  test('is whole from its finish delta on', () => {
    const transcript = transcriptOf(text('a'))
    expect(transcript.isFinished).toBe(false)
    transcript.add(finish)
    expect(transcript.isFinished).toBe(true)
  })

  test.each([
    ['text', text('a'), true],
    ['reasoning', reasoning('a'), true],
    ['a tool call without arguments', call(0, ''), true],
    ['usage', usage, false],
    ['a finish', finish, false],
    ['no text', text(''), false],
  ])('has content with %s: %#', (_what, delta, hasContent) => {
    expect(transcriptOf(delta).hasContent).toBe(hasContent)
  })

  test('forgets the usage of the attempt before', () => {
    const transcript = transcriptOf(text('a'), usage)
    transcript.beginAnew()
    expect(transcript.snapshot()).toMatchObject({ text: 'a', usage: undefined })
  })

  test('takes later usage for earlier', () => {
    const later: Usage = { inputTokens: 9, raw: {} }
    expect(transcriptOf(usage, { type: 'usage', usage: later }).live.usage).toBe(later)
  })

  test('says who makes it, and the last one to say so counts', () => {
    const transcript = transcriptOf(text('a'))
    expect(transcript.snapshot()).toMatchObject({ id: undefined, model: undefined })
    transcript.sign({ id: 'one', model: 'small' })
    transcript.sign({ id: 'two', model: undefined })
    expect(transcript.live).toMatchObject({ id: 'two', model: undefined })
  })

  test.each([
    ['the provider’s own word, if it gave one', finish, 'stop'],
    ['no word of our own', { type: 'finish', reason: 'unknown' } as const, undefined],
  ])('ends with %s', (_what, delta, raw) => {
    expect(transcriptOf(text('a'), delta).snapshot().rawFinishReason).toBe(raw)
  })

  test('is cut by a rewind, and its tool calls start anew', () => {
    const transcript = transcriptOf(reasoning('why'), text('The sea'), call(0, '{', 'a', 'b'), rewind(4, 2))
    expect(transcript.snapshot()).toMatchObject({ text: 'The ', reasoning: 'wh', toolCalls: [] })
    transcript.add(call(0, '{}', 'c', 'd'))
    expect(transcript.snapshot().toolCalls).toEqual([{ index: 0, id: 'c', name: 'd', arguments: '{}' }])
  })
})

describe('a copy', () => {
  test('stays as it is while the answer grows', () => {
    const transcript = transcriptOf(text('a'), call(0, '{'))
    const copy = transcript.snapshot()
    transcript.add(text('b'))
    transcript.add(call(0, '}'))
    transcript.add(call(1, '{}'))
    transcript.stats.bytes = 99
    expect(copy).toMatchObject({ text: 'a', toolCalls: [{ arguments: '{' }], stats: { bytes: 0 } })
    expect(copy.toolCalls).toHaveLength(1)
  })

  test('is not needed where the live answer will do: that one grows', () => {
    const transcript = transcriptOf(text('a'))
    const { live } = transcript
    transcript.add(text('b'))
    expect(transcript.live).toBe(live)
    expect(live.text).toBe('ab')
  })
})

describe('a late reader', () => {
  test('is given what has arrived, as deltas that make the same answer', () => {
    const first = transcriptOf(reasoning('why'), text('a'), text('b'), call(1, '{}', 'x', 'y'), usage, finish)
    const past = first.recall()
    expect(past.filter((delta) => delta.type === 'text')).toEqual([text('ab')])
    expect(transcriptOf(...past).snapshot()).toEqual(first.snapshot())
  })

  test('is not given what was taken back', () => {
    const transcript = transcriptOf(text('old'), call(0, '{}'), rewind(0), text('new'))
    expect(transcript.recall()).toEqual([text('new')])
  })
})

describe('a replay', () => {
  test('is none on a first attempt: the batch comes back as it is', () => {
    const batch = [text('a'), finish]
    expect(transcriptOf().align(batch)).toBe(batch)
  })

  test('is none where nothing had arrived', () => {
    const transcript = transcriptOf(usage)
    transcript.beginAnew()
    const batch = [text('a')]
    expect(transcript.align(batch)).toBe(batch)
  })

  test('without anything that compares forgets what there was', () => {
    const transcript = new Transcript(0)
    transcript.add(text('abc'))
    transcript.beginAnew()
    const batch = [text('abd')]
    expect(transcript.align(batch)).toBe(batch)
    expect([transcript.live.text, transcript.isReplaying]).toEqual(['', false])
  })

  test('is laid against all there is, tool calls included', () => {
    const transcript = transcriptOf(reasoning('why'), text('abc'), call(0, '{}', 'x', 'f'))
    transcript.beginAnew()
    const renewed = [reasoning('why'), text('abc'), call(0, '{}', 'x', 'f'), text('d'), finish]
    expect(transcript.align(renewed)).toEqual([text('d'), finish])
  })

  test('may be cut between any two batches', () => {
    const transcript = transcriptOf(text('abc'))
    transcript.beginAnew()
    expect(transcript.align([text('a')])).toEqual([])
    expect(transcript.align([text('b')])).toEqual([])
    expect(transcript.align([text('X')])).toEqual([rewind(2), text('X')])
    expect(transcript.align([text('Y')])).toEqual([text('Y')])
  })
})
