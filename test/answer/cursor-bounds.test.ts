/** What is remembered of a stream's ids is bounded, whatever they are. */
import { expect, test } from 'vitest'
import { ResumeCursor } from '../../src/answer/cursor.ts'
import { call, text } from '../support/deltas.ts'

const letters = (length: number) => 'x'.repeat(length)

/** A cursor that has read an event for each id, with a letter of text in each. */
function after(ids: readonly string[], stateOf: (at: number) => unknown = () => undefined): ResumeCursor {
  const cursor = new ResumeCursor()
  cursor.begin('https://a.example/')
  for (const [at, id] of ids.entries()) {
    cursor.enter(id, stateOf(at))
    cursor.advance([text('x')], 0)
    cursor.leave(id, stateOf(at))
    cursor.commit(stateOf(at), undefined)
  }
  return cursor
}

const chars = ({ position }: ResumeCursor) =>
  (position?.seen ?? []).reduce((sum, { id }) => sum + id.length, 0)

/** Ids that do not count up, each of so many characters. */
const strange = (count: number, length: number) =>
  Array.from({ length: count }, (_, at) => `${letters(length)}${(at * 7_919) % 10_007}`)

test('ids that do not count up are remembered up to so many characters, the first one and the last', () => {
  const ids = strange(2_000, 4_000)
  const cursor = after(ids)
  expect(chars(cursor)).toBeLessThan(2.1e6)
  expect(chars(cursor)).toBeGreaterThan(1.9e6)
  const seen = cursor.position?.seen?.map(({ id }) => id) ?? []
  expect([seen[0], seen.at(-1), cursor.position?.lastEventId]).toEqual([ids[0], ids.at(-1), ids.at(-1)])
  expect(cursor.position?.forgot).toBe(true)
  expect(cursor.beginning(ids[1] as string)).toBe('lost')
})

test('ten thousand short ones are remembered', () => {
  const ids = strange(9_000, 10)
  expect(after(ids).position?.seen).toHaveLength(9_000)
})

test('what is remembered with them counts, too', () => {
  const said = Array.from({ length: 10_000 }, (_, at) => at)
  const { position } = after(strange(1_000, 1), () => ({ name: 'x', state: { said: [...said] } }))
  expect(position?.seen?.length).toBeLessThan(20)
})

test('the lengths of many calls count, and are copied only when they change', () => {
  const cursor = new ResumeCursor()
  cursor.begin('https://a.example/')
  cursor.advance(
    Array.from({ length: 10_000 }, (_, index) => call(index, '{}')),
    0,
  )
  for (const id of strange(1_000, 1)) {
    cursor.enter(id, undefined)
    cursor.advance([text('x')], 0)
    cursor.leave(id, undefined)
    cursor.commit(undefined, undefined)
  }
  const { place, seen = [] } = cursor.position ?? {}
  expect(seen.length).toBeLessThan(20)
  expect(seen[0]?.calls).toBe(place?.calls)
  cursor.advance([call(0, 'more')], 0)
  expect(place?.calls?.[0]).toBe(2)
})

test('an id that no server could be sent is no place, and does not come up as one', () => {
  const long = letters(5_000)
  const cursor = after(['a', long])
  expect(cursor.position).toBeUndefined()
  cursor.enter('b', undefined)
  cursor.leave('b', undefined)
  cursor.commit(undefined, undefined)
  expect(cursor.position).toMatchObject({ lastEventId: 'b', forgot: true })
  expect(cursor.position?.seen?.map(({ id }) => id)).toEqual(['a', 'b'])
  expect(cursor.beginning(long)).toBe('lost')
})
