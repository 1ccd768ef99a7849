/** Where a broken stream can be gone on from, and what of it comes twice. */
import { describe, expect, test } from 'vitest'
import { type Checkpoint, checkpointFault, type Position, Trail } from '../../src/policy/resume.ts'

/** Ids as a server gives them: `e1`, `e2`, … */
const ids = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, n) => `e${from + n}`)

/** A trail that has read these events, each with a read of its own. */
function trailOf(...read: readonly string[]): Trail {
  const trail = new Trail()
  for (const id of read) trail.reached([id], undefined)
  return trail
}

/** The same stream goes on after a break, perhaps after a page load. */
function resumed(position: Position | undefined): Trail {
  const trail = new Trail()
  trail.resume(JSON.parse(JSON.stringify(position ?? null)) ?? undefined)
  return trail
}

/** Those events that are new; they are taken in one by one, as the reader does. */
function fresh(trail: Trail, events: readonly (string | undefined)[]): (string | undefined)[] {
  return events.filter((id) => {
    if (trail.hasSeen(id)) return false
    if (id !== undefined) trail.reached([id], undefined)
    return true
  })
}

describe('a position', () => {
  test.each([
    ['no event', []],
    ['an empty id', ['']],
    ['an empty id after others, which takes them back', ['a', 'b', '']],
    ['one id for all events', ['a', 'a', 'a']],
    ['an id that comes again later', ['a', 'b', 'c', 'a']],
    ['an id that came again before others', ['a', 'a', 'b']],
  ])('is none after %s', (_what, read) => {
    expect(trailOf(...read).position).toBeUndefined()
  })

  test('is the last id, with the first and those between', () => {
    expect(trailOf('a', 'b', 'c').position).toEqual({ lastEventId: 'c', ids: ['a', 'b', 'c'] })
    expect(trailOf('a').position).toEqual({ lastEventId: 'a', ids: ['a'] })
  })

  test('is the same however the events were read', () => {
    const trail = new Trail()
    trail.reached([], undefined)
    trail.reached(['a', 'b'], undefined)
    trail.reached([], undefined)
    trail.reached(['c'], undefined)
    expect(trail.position).toEqual(trailOf('a', 'b', 'c').position)
  })

  test('is there again after an empty id, with the next one', () => {
    expect(trailOf('a', '', 'b').position?.lastEventId).toBe('b')
  })

  test('remembers the first id and the last hundred', () => {
    const position = trailOf(...ids(1, 100)).position
    expect(position?.ids).toEqual(ids(1, 100))
    expect(trailOf(...ids(1, 102)).position).toEqual({ lastEventId: 'e102', ids: ['e1', ...ids(3, 102)] })
    expect(trailOf(...ids(1, 5_000)).position?.ids).toHaveLength(101)
  })

  test('has the state of the dialect, the last one it gave', () => {
    const trail = new Trail()
    trail.reached(['a'], { cursor: 1 })
    trail.reached(['b'], undefined)
    expect(trail.position).toEqual({ lastEventId: 'b', ids: ['a', 'b'], state: { cursor: 1 } })
    trail.reached([], { cursor: 2 })
    expect(trail.position?.state).toEqual({ cursor: 2 })
  })

  test.each([
    ['without ids', []],
    ['with ids that name no place', ['a', 'a']],
    ['with an empty id', ['']],
  ])('is the state alone %s', (_what, read) => {
    const trail = trailOf(...read)
    trail.reached([], 0)
    expect(trail.position).toEqual({ state: 0 })
  })

  test('is forgotten when the stream is asked for anew, and so is that its ids named no place', () => {
    const trail = trailOf('a', 'a')
    trail.reached([], { cursor: 1 })
    trail.begin()
    expect(trail.position).toBeUndefined()
    trail.reached(['a'], undefined)
    expect(trail.position).toEqual({ lastEventId: 'a', ids: ['a'] })
  })

  test('stays through JSON, a break and another one', () => {
    const trail = trailOf(...ids(1, 300))
    trail.reached([], { cursor: [7] })
    const { position } = trail
    const second = resumed(position)
    expect(second.position).toEqual(position)
    expect(resumed(second.position).position).toEqual(position)
  })

  test('moves on in the stream that goes on', () => {
    const trail = resumed({ ...trailOf('a', 'b').position, state: 1 })
    trail.reached(['c'], undefined)
    expect(trail.position).toEqual({ lastEventId: 'c', ids: ['a', 'b', 'c'], state: 1 })
  })

  test('is none where there was none', () => {
    expect(resumed(undefined).position).toBeUndefined()
  })
})

describe('a stream that is read from its start', () => {
  test('has no event twice, whatever its ids', () => {
    expect(fresh(new Trail(), ['a', 'a', undefined, '', 'a'])).toHaveLength(5)
    const trail = resumed(trailOf('a', 'b').position)
    trail.begin()
    expect(fresh(trail, ['a', 'b', 'c'])).toEqual(['a', 'b', 'c'])
  })
})

describe('of a stream that goes on, dropped is', () => {
  const abc = trailOf('a', 'b', 'c').position
  const long = trailOf(...ids(1, 500)).position

  test.each<[string, Position | undefined, (string | undefined)[], (string | undefined)[]]>([
    ['nothing, where the server goes on as asked', abc, ['d', 'e'], ['d', 'e']],
    ['the last event, where it begins with that', abc, ['c', 'd'], ['d']],
    ['some events, where it begins a little early', abc, ['b', 'c', 'd'], ['d']],
    ['all events, where it starts over', abc, ['a', 'b', 'c', 'd', 'e'], ['d', 'e']],
    ['all of a long stream, where it starts over', long, ids(1, 502), ids(501, 502)],
    ['the last hundred of a long stream', long, ids(401, 502), ids(501, 502)],
    ['events without id between known ones', abc, ['b', undefined, 'c', 'd'], ['d']],
    ['no event without id after the last known one', abc, ['c', undefined, 'd'], [undefined, 'd']],
    ['no event without id at its start', abc, [undefined, 'd'], [undefined, 'd']],
    ['nothing, where there are no ids at all', abc, [undefined, undefined], [undefined, undefined]],
    ['all, where it has nothing new', abc, ['a', 'b', 'c'], []],
    ['all it brings, where it breaks before it gets on', abc, ['a', 'b'], []],
    ['nothing of another stream', abc, ['x', 'y'], ['x', 'y']],
    ['nothing after the first new event', abc, ['d', 'a', 'c', 'd'], ['d', 'a', 'c', 'd']],
    ['nothing, where no place is known', undefined, ['a', 'b'], ['a', 'b']],
    ['nothing, where only the state is known', { state: 1 }, ['a', 'b'], ['a', 'b']],
  ])('%s', (_what, position, events, expected) => {
    expect(fresh(resumed(position), events)).toEqual(expected)
  })

  test('what is known, over another break as well', () => {
    const second = resumed(abc)
    expect(fresh(second, ['a', 'b'])).toEqual([])
    const third = resumed(second.position)
    expect(third.position).toEqual(abc)
    expect(fresh(third, ['a', 'b', 'c', 'd'])).toEqual(['d'])
    expect(fresh(resumed(third.position), ['c', 'd', 'e'])).toEqual(['e'])
  })

  test('the only event there was, where the server starts over', () => {
    expect(fresh(resumed(trailOf('a').position), ['a', 'b'])).toEqual(['b'])
  })
})

describe('what the server asks for with retry:', () => {
  test('outlasts the stream that said it', () => {
    const trail = new Trail()
    expect(trail.retryMs).toBe(0)
    trail.retryMs = 3_000
    trail.resume(undefined)
    expect(trail.retryMs).toBe(3_000)
    trail.begin()
    expect(trail.retryMs).toBe(3_000)
  })
})

describe('a checkpoint', () => {
  const toolCall = { index: 0, id: 'x', name: 'look', arguments: '{' }
  const good: Checkpoint = {
    ...{ version: 1, url: 'https://a.example/', text: 'The sea', reasoning: '', toolCalls: [toolCall] },
    position: { lastEventId: 'c', ids: ['a', 'b', 'c'], state: { cursor: 1 } },
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
    ['a list', [good], 'is not of version 1'],
    ['no version', { ...good, version: undefined }, 'is not of version 1'],
    ['another version', { ...good, version: 2 }, 'is not of version 1'],
    ['a version in text', { ...good, version: '1' }, 'is not of version 1'],
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
    ['a last id that is a number', { ...good, position: { lastEventId: 7 } }, 'has no valid position'],
    ['ids that are no list', { ...good, position: { ids: 'abc' } }, 'has no valid position'],
    ['ids that are numbers', { ...good, position: { ids: ['a', 7] } }, 'has no valid position'],
  ])('that is or has %s is refused', (_what, value, fault) => {
    expect(checkpointFault(value)).toBe(fault)
  })
})
