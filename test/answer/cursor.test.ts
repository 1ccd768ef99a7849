/** Where a broken stream can be gone on from, and where one is that has been asked to. */
import { describe, expect, test } from 'vitest'
import { type Position, ResumeCursor, type SeenEvent } from '../../src/answer/cursor.ts'
import { START } from '../../src/answer/replay.ts'
import type { Delta, Place } from '../../src/events.ts'
import { call, finish, reasoning, text, usage } from '../support/deltas.ts'

/** An event: its id (`undefined`: none), what it brings, and what the dialect knows after it. */
interface Event {
  readonly id?: string | undefined
  readonly deltas?: readonly Delta[]
  readonly state?: unknown
}

/** Reads events as a response brings them. */
class Reader {
  readonly cursor = new ResumeCursor()
  #state: unknown

  constructor(position?: Position) {
    this.cursor.begin('https://a.example/', position, position?.place)
    this.#state = position?.state
  }

  /** One network read of these events, each with a letter of text unless it says otherwise. */
  read(...events: readonly (string | Event)[]): this {
    for (const given of events) {
      const {
        id,
        deltas = [text('x')],
        state = this.#state,
      } = typeof given === 'string' ? { id: given } : given
      if (id !== undefined) this.cursor.enter(id, this.#state)
      this.#state = state
      this.cursor.advance(deltas, 0)
      if (id !== undefined) this.cursor.leave(id, this.#state)
    }
    this.cursor.commit(this.#state, undefined)
    return this
  }

  each(...ids: readonly string[]): this {
    for (const id of ids) this.read(id)
    return this
  }
}

/** Ids as a server gives them: `e1`, `e2`, … */
const ids = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, n) => `e${from + n}`)
const at = (chars: number): Place => ({ text: chars, reasoning: 0 })
const positionAfter = (...read: readonly string[]) => new Reader().each(...read).cursor.position
const seenBy = ({ position }: ResumeCursor) => position?.seen?.map(({ id }) => id)

/** The same stream goes on after a break, perhaps after a page load. */
function resumed(position: Position | undefined): Reader {
  return new Reader(JSON.parse(JSON.stringify(position ?? null)) ?? undefined)
}

/** The server begins with this event; if that has been before, from there. */
function begunWith(reader: Reader, id: string): Reader {
  const beginning = reader.cursor.beginning(id)
  if (typeof beginning === 'object') reader.cursor.goBack(beginning)
  return reader
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
    expect(positionAfter(...read)).toBeUndefined()
  })

  test('is the last id, with the place reached and what stood before each event', () => {
    const seen = ['a', 'b'].map((id, before) => ({ id, ...at(before) }))
    expect(positionAfter('a')).toEqual({ lastEventId: 'a', place: at(1), seen: seen.slice(0, 1) })
    expect(positionAfter('a', 'b')).toEqual({ lastEventId: 'b', place: at(2), seen })
  })

  test('is the same however the events were read', () => {
    expect(new Reader().read().read('a', 'b').read('c').cursor.position).toEqual(positionAfter('a', 'b', 'c'))
  })

  test('is where the last whole read ended: what is not handed out yet comes again', () => {
    const { cursor } = new Reader().read('a')
    cursor.enter('b', undefined)
    cursor.advance([text('more')], 0)
    cursor.leave('b', undefined)
    expect([cursor.position?.lastEventId, cursor.position?.place, cursor.place]).toEqual(['a', at(1), at(1)])
    cursor.commit(undefined, undefined)
    expect([cursor.position?.lastEventId, cursor.position?.place, cursor.place]).toEqual(['b', at(5), at(5)])
  })

  test('is there again after empty ids, with the next one', () => {
    const position = positionAfter('a', '', '', 'b')
    expect([position?.lastEventId, position?.seen?.map(({ id }) => id)]).toEqual(['b', ['a', 'b']])
  })

  test('lies before what came without an id since', () => {
    const { cursor } = new Reader().read('a', { deltas: [text('more')] })
    expect([cursor.position?.lastEventId, cursor.position?.place, cursor.place]).toEqual(['a', at(1), at(5)])
  })

  test('may be an event’s that brought nothing but its id', () => {
    const { position } = new Reader().read('a', { id: 'b', deltas: [] }).cursor
    const seen = ['a', 'b'].map((id, before) => ({ id, ...at(before) }))
    expect(position).toEqual({ lastEventId: 'b', place: at(1), seen })
  })

  test('is never that of an event that was not understood to its end', () => {
    const { cursor } = new Reader().read('a')
    cursor.enter('b', undefined)
    cursor.commit(undefined, undefined)
    expect(cursor.position).toEqual(positionAfter('a'))
  })

  test('counts text, reasoning and each call’s arguments', () => {
    const deltas = [reasoning('why'), text('ab'), call(1, '{"a"'), call(0, ''), call(1, ':1}'), usage, finish]
    const { position } = new Reader().read({ id: 'a', deltas }, 'b').cursor
    expect(position?.place).toEqual({ text: 3, reasoning: 3, calls: { 0: 0, 1: 7 } })
    expect(position?.seen).toEqual([
      { id: 'a', ...at(0) },
      { id: 'b', text: 2, reasoning: 3, calls: { 0: 0, 1: 7 } },
    ])
  })

  test('stays through JSON, a break and another one', () => {
    const { position } = new Reader().each(...ids(1, 300)).read({ state: { cursor: [7] } }).cursor
    const second = resumed(position).cursor.position
    expect(second).toEqual(position)
    expect(resumed(second).cursor.position).toEqual(position)
  })

  test('says that it has forgotten what it was not told', () => {
    const position = { lastEventId: 'e7', place: at(3), seen: [{ id: 'e1', ...at(0) }] }
    expect(resumed(position).cursor.position).toEqual({ ...position, forgot: true })
  })

  test('moves on in the stream that goes on', () => {
    expect(resumed(positionAfter('a')).read('b').cursor.position).toEqual(positionAfter('a', 'b'))
  })

  test('is forgotten when the stream is asked for anew, and so is that its ids named no place', () => {
    const { cursor } = new Reader().each('a', 'a').read({ state: 1 })
    cursor.begin('https://b.example/')
    expect([cursor.position, cursor.url]).toEqual([undefined, 'https://b.example/'])
    cursor.enter('a', undefined)
    cursor.leave('a', undefined)
    cursor.commit(undefined, undefined)
    expect(cursor.position).toEqual({ lastEventId: 'a', place: at(0), seen: [{ id: 'a', ...at(0) }] })
  })

  test('changes no place it was given, nor the one before', () => {
    const place = Object.freeze({ ...at(1), calls: Object.freeze({ 0: 1 }) })
    const reader = new Reader({ lastEventId: 'a', place, seen: [] })
    const { position } = reader.cursor
    reader.read({ id: 'b', deltas: [call(0, 'x'), text('y')] })
    expect(position?.place).toEqual({ ...at(1), calls: { 0: 1 } })
    expect(reader.cursor.position?.place).toEqual({ ...at(2), calls: { 0: 2 } })
    expect(START).toEqual(at(0))
  })
})

describe('the state of the dialect', () => {
  test('belongs to the last id, and to each event the one before it', () => {
    const events = [{ id: 'a', state: 1 }, { state: 2 }, { id: 'b', state: 3 }, { state: 4 }]
    const { position } = new Reader().read(...events).cursor
    expect(position).toMatchObject({ lastEventId: 'b', place: at(3), state: 3 })
    expect(position?.seen).toEqual([
      { id: 'a', ...at(0) },
      { id: 'b', ...at(2), state: 2 },
    ])
  })

  test.each([
    ['without ids', []],
    ['with ids that name no place', ['a', 'a']],
    ['with an empty id', ['']],
  ])('is the position alone %s', (_what, read) => {
    const { position } = new Reader().each(...read).read({ state: 0 }).cursor
    expect(position).toEqual({ place: at(read.length + 1), state: 0 })
  })
})

describe('the id of the answer', () => {
  const completionAfter = (...all: readonly (string | undefined)[]) => {
    const { cursor } = new Reader()
    for (const completion of all) cursor.commit(1, completion)
    return cursor.position?.completion
  }

  test.each([
    ['is kept', ['one', undefined, 'one'], 'one'],
    ['tells nothing where each chunk has its own', ['one', 'two'], undefined],
    ['tells nothing any more, even where one comes again', ['one', 'two', 'two', 'one'], undefined],
  ])('%s', (_sentence, all, expected) => {
    expect(completionAfter(...all)).toBe(expected)
  })
})

test('a cursor that begins again has forgotten what the stream before was like', () => {
  const { cursor } = begunWith(resumed(positionAfter('a')), 'a')
  for (const completion of ['one', 'two']) cursor.commit(1, completion)
  cursor.begin('')
  cursor.commit(1, 'three')
  expect(cursor.position?.completion).toBe('three')
  cursor.begin('https://a.example/', positionAfter('a'), at(1))
  cursor.enter('a', undefined)
  expect(cursor.position).toBeUndefined()
})

describe('a stream that goes on', () => {
  const long = new Reader().each(...ids(1, 500)).cursor.position
  const event = (id: string, before: number): SeenEvent => ({ id, ...at(before) })

  test.each<[string, Position | undefined, string, unknown]>([
    ['as asked', positionAfter('a', 'b'), 'c', 'on'],
    ['with the last event', positionAfter('a', 'b'), 'b', event('b', 1)],
    ['with the first one', positionAfter('a', 'b'), 'a', event('a', 0)],
    ['where no place is known', undefined, 'a', 'on'],
    ['where a long one was asked to', long, 'e501', 'on'],
    ['with one of the last hundred', long, 'e410', event('e410', 409)],
    ['with the first one of a long one', long, 'e1', event('e1', 0)],
    ['with one that is forgotten', long, 'e200', 'lost'],
    ['with ids of another kind', long, 'x501', 'lost'],
  ])('begins %s', (_how, position, id, expected) => {
    expect(resumed(position).cursor.beginning(id)).toEqual(expected)
  })

  test('may begin with events that had been before, and is where it was once they are through', () => {
    const again = begunWith(resumed(positionAfter('a', 'b', 'c')), 'b')
    again.each('b')
    expect(again.cursor.position).toMatchObject({ lastEventId: 'b', place: at(2) })
    again.each('c', 'd')
    expect(again.cursor.position).toEqual(positionAfter('a', 'b', 'c', 'd'))
    expect(again.each('a').cursor.position).toBeUndefined()
  })

  test('may break while it repeats, and is known when it goes on from there', () => {
    const broken = begunWith(resumed(positionAfter('a', 'b', 'c')), 'a').each('a', 'b')
    const third = resumed(broken.cursor.position)
    expect(third.cursor.position).toMatchObject({ lastEventId: 'b', place: at(2) })
    expect(third.cursor.beginning('c')).toBe('on')
    expect(third.each('c', 'd').cursor.position).toEqual(positionAfter('a', 'b', 'c', 'd'))
  })

  test('that repeats without having begun so has ids that name no place', () => {
    expect(resumed(positionAfter('a', 'b')).each('c', 'a').cursor.position).toBeUndefined()
  })
})

test('a long stream that starts over is where it was once it is through, and may break on the way', () => {
  const long = new Reader().each(...ids(1, 500)).cursor.position
  const again = begunWith(resumed(long), 'e1').each(...ids(1, 200))
  const broken = resumed(again.cursor.position)
  expect(broken.cursor.position).toMatchObject({ lastEventId: 'e200', place: at(200), forgot: true })
  expect(['e201', 'e200', 'e150'].map((id) => broken.cursor.beginning(id))).toEqual(['on', 'lost', 'lost'])
  again.each(...ids(201, 502))
  expect(again.cursor.position).toEqual(new Reader().each(...ids(1, 502)).cursor.position)
})

test('ids of chunks tell nothing of the answer after a resumption, either', () => {
  const { cursor } = new Reader()
  for (const id of ['a', 'b']) {
    cursor.enter(id, undefined)
    cursor.leave(id, undefined)
    cursor.commit(undefined, `chunk-${id}`)
  }
  const again = resumed(cursor.position).cursor
  again.enter('c', undefined)
  again.leave('c', undefined)
  again.commit(undefined, 'chunk-c')
  expect(again.position).not.toHaveProperty('completion', 'chunk-c')
})

describe('of many ids', () => {
  const uuid = (n: number) => `${((n * 2_654_435_761) % 2 ** 32).toString(16).padStart(8, '0')}-4a`
  const count = (name: (n: number) => string, many: number) =>
    new Reader().each(...Array.from({ length: many }, (_, n) => name(n))).cursor

  test.each<[string, (n: number) => string, boolean]>([
    ['e9, e10', (n) => `e${n}`, true],
    ['bare numbers', (n) => `${n}`, true],
    ['with gaps', (n) => `${n * n + 3}`, true],
    ['padded with zeros', (n) => `run7-${String(n).padStart(6, '0')}`, true],
    ['padded now and then', (n) => (n % 2 ? `0${n}` : `${n}`), true],
    ['of more digits than a number holds', (n) => `9007199254740993${n + 1000}`, true],
    ['1718-0, 1718-1, 1719-0', (n) => `${1718 + Math.floor(n / 4)}-${n % 4}`, true],
    ['uuids', uuid, false],
    ['numbers that count down', (n) => `${1000 - n}`, false],
    ['one that grows', (n) => 'a'.repeat(n + 1), false],
  ])('those that count up need not be remembered: %s', (_what, name, countsUp) => {
    const cursor = count(name, 150)
    expect(cursor.position?.seen).toHaveLength(countsUp ? 100 : 150)
    expect(seenBy(cursor)?.at(0)).toBe(name(0))
    expect(seenBy(cursor)?.at(-1)).toBe(name(149))
    expect(cursor.position?.forgot).toBe(countsUp ? true : undefined)
    expect(cursor.beginning(name(150))).toBe('on')
    expect(cursor.beginning(name(20))).toEqual(countsUp ? 'lost' : { id: name(20), ...at(20) })
  })

  test('exactly a hundred are remembered: the first one and the last ones', () => {
    expect(count((n) => `e${n + 1}`, 100).position).not.toHaveProperty('forgot')
    expect(seenBy(count((n) => `e${n + 1}`, 102))).toEqual(['e1', ...ids(4, 102)])
  })

  test('ten thousand are where they do not count up; beyond that nobody can tell', () => {
    const cursor = count(uuid, 10_000)
    expect([cursor.beginning(uuid(1)), cursor.beginning('other')]).toEqual([{ id: uuid(1), ...at(1) }, 'on'])
    cursor.enter(uuid(10_000), undefined)
    expect([uuid(1), 'other'].map((id) => cursor.beginning(id))).toEqual(['lost', 'lost'])
    expect(cursor.beginning(uuid(0))).toEqual({ id: uuid(0), ...at(0) })
  })

  test('some are forgotten for good, even where they do not count up any more', () => {
    const cursor = count((n) => (n < 120 ? `e${n}` : `z${n}`), 130)
    for (const each of [cursor, resumed(cursor.position).cursor])
      expect(['e200', 'e10', 'z130'].map((id) => each.beginning(id))).toEqual(['lost', 'lost', 'lost'])
  })
})
