/** What a checkpoint has to hold: it may come from a storage that others write to. */
import { describe, expect, test } from 'vitest'
import { checkpointFault, isPosition, type TextCheckpoint } from '../../src/answer/checkpoint.ts'
import { ResumeCursor } from '../../src/answer/cursor.ts'

describe('a checkpoint', () => {
  const place = { text: 7, reasoning: 0, calls: { 0: 1 } }
  const seen = { id: 'a', text: 0, reasoning: 0, state: { cursor: 0 } }
  const toolCall = { index: 0, id: 'x', name: 'look', arguments: '{' }
  const good: TextCheckpoint = {
    ...{ version: 1, url: 'https://a.example/', text: 'The sea', reasoning: '', toolCalls: [toolCall] },
    position: {
      lastEventId: 'c',
      place,
      seen: [seen],
      forgot: true,
      completion: 'one',
      state: { cursor: 1 },
    },
  }
  const { position: _none, ...plain } = good

  test.each<[string, unknown]>([
    ['as it was given', good],
    ['that went through JSON', JSON.parse(JSON.stringify(good))],
    ['without a position', plain],
    ['with a position of undefined', { ...plain, position: undefined }],
    ['with an empty position', { ...good, position: {} }],
    ['with the state alone', { ...good, position: { state: null } }],
    ['without tool calls', { ...good, toolCalls: [] }],
    ['with more than we know, from a later version of ours', { ...good, more: 1 }],
  ])('%s is fine', (_what, value) => {
    expect(checkpointFault(value)).toBeUndefined()
  })

  test.each<[string, unknown, string]>([
    ['nothing', undefined, 'is no object'],
    ['null', null, 'is no object'],
    ['JSON that was not parsed', JSON.stringify(good), 'is no object'],
    ['a number', 1, 'is no object'],
    ['a list', [good], 'has no known version'],
    ['no version', { ...good, version: undefined }, 'has no known version'],
    ['another version', { ...good, version: 3 }, 'has no known version'],
    ['a version in text', { ...good, version: '1' }, 'has no known version'],
    ['no url', { ...good, url: undefined }, 'has no url'],
    ['a url that is none', { ...good, url: {} }, 'has no url'],
    ['no text', { ...good, text: null }, 'has no text'],
    ['text that is a number', { ...good, text: 5 }, 'has no text'],
    ['no reasoning', { ...good, reasoning: undefined }, 'has no text'],
    ['no toolCalls', { ...good, toolCalls: undefined }, 'has no valid toolCalls'],
    ['toolCalls that are no list', { ...good, toolCalls: { 0: toolCall } }, 'has no valid toolCalls'],
    ['a tool call of null', { ...good, toolCalls: [null] }, 'has no valid toolCalls'],
    [
      'a tool call without index',
      { ...good, toolCalls: [{ ...toolCall, index: null }] },
      'has no valid toolCalls',
    ],
    ['a tool call at half', { ...good, toolCalls: [{ ...toolCall, index: 0.5 }] }, 'has no valid toolCalls'],
    [
      'arguments that were parsed',
      { ...good, toolCalls: [{ ...toolCall, arguments: {} }] },
      'has no valid toolCalls',
    ],
    [
      'a tool call without id',
      { ...good, toolCalls: [{ ...toolCall, id: undefined }] },
      'has no valid toolCalls',
    ],
    ['a second tool call that is none', { ...good, toolCalls: [toolCall, {}] }, 'has no valid toolCalls'],
    ['a position of null', { ...good, position: null }, 'has no valid position'],
    ['a position in text', { ...good, position: 'c' }, 'has no valid position'],
  ])('that is or has %s is refused', (_what, value, fault) => {
    expect(checkpointFault(value)).toBe(fault)
  })

  test.each<[string, unknown]>([
    ['no object', 'c'],
    ['null', null],
    ['a last id that is a number', { lastEventId: 7 }],
    ['a completion that is a number', { completion: 7 }],
    ['a place of null', { place: null }],
    ['a place that is a number', { place: 7 }],
    ['a place without text', { place: { reasoning: 0 } }],
    ['a place without reasoning', { place: { text: 0 } }],
    ['a place at half', { place: { ...place, text: 0.5 } }],
    ['a place before the start', { place: { ...place, reasoning: -1 } }],
    ['a place at infinity', { place: { ...place, text: Number.POSITIVE_INFINITY } }],
    ['a place in text', { place: { ...place, text: '7' } }],
    ['a place at half of a call', { place: { ...place, calls: { 0: 1, 1: 0.5 } } }],
    ['a place before a call', { place: { ...place, calls: { 0: -1 } } }],
    ['calls in text', { place: { ...place, calls: '{}' } }],
    ['seen events of null', { seen: null }],
    ['seen events that are no list', { seen: { 0: seen } }],
    ['a seen event that is an id alone', { seen: ['a'] }],
    ['a seen event of null', { seen: [seen, null] }],
    ['a seen event without id', { seen: [{ ...seen, id: undefined }] }],
    ['a seen event whose id is a number', { seen: [{ ...seen, id: 1 }] }],
    ['a seen event at no place', { seen: [{ id: 'a' }] }],
    ['a second seen event at no place', { seen: [seen, { ...seen, text: -1 }] }],
  ])('whose position is or has %s is refused', (_what, position) => {
    expect(isPosition(position)).toBe(false)
    expect(checkpointFault({ ...good, position })).toBe('has no valid position')
  })

  test.each<[string, unknown]>([
    ['all a cursor may say', good.position],
    ['an id alone', { lastEventId: 'c' }],
    ['an empty id', { lastEventId: '' }],
    ['the start', { place: { text: 0, reasoning: 0 }, seen: [] }],
    ['more than we know', { more: 1 }],
  ])('whose position is %s is fine', (_what, position) => {
    expect(isPosition(position)).toBe(true)
    expect(checkpointFault({ ...good, position })).toBeUndefined()
  })

  test('is fine with whatever a cursor gives, through JSON', () => {
    const cursor = new ResumeCursor()
    cursor.begin(good.url)
    for (let n = 0; n < 300; n++) {
      cursor.enter(`e${n}`, { n })
      cursor.advance(
        [
          { type: 'tool-call', ...toolCall },
          { type: 'text', text: 'a' },
        ],
        0,
      )
      cursor.leave(`e${n}`, { n: n + 1 })
      cursor.commit({ n: n + 1 }, 'one')
    }
    const checkpoint = { ...good, position: cursor.position }
    expect(checkpointFault(JSON.parse(JSON.stringify(checkpoint)))).toBeUndefined()
    expect(JSON.parse(JSON.stringify(checkpoint))).toEqual(checkpoint)
  })
})
