/** The way of one reply among servers that can stand in for each other. */
import { describe, expect, test } from 'vitest'
import {
  advanced,
  changed,
  nextServer,
  postponed,
  type Rotation,
  rotation,
  waitMs,
} from '../../src/policy/failover.ts'

/** The monotonic clock need not begin at 0. */
const NOW = 40_000

/** Frozen through and through: whoever changes it throws. */
function frozen(value: Rotation): Rotation {
  for (const server of value.servers) Object.freeze(server)
  Object.freeze(value.servers)
  return Object.freeze(value)
}

const start = (count: number, first = 0) => frozen(rotation(count, first))
const next = (from: Rotation, now = NOW) => frozen(advanced(from, now))
const later = (from: Rotation, ms: number, now = NOW) => frozen(postponed(from, ms, now))

/** Whom it asks, from the one at hand on. */
function way(from: Rotation, steps: number, now = NOW): number[] {
  return steps === 0 ? [from.at] : [from.at, ...way(next(from, now), steps - 1, now)]
}

describe('a rotation', () => {
  test.each([
    [1, 0, [0, 0, 0, 0]],
    [2, 0, [0, 1, 0, 1, 0]],
    [3, 0, [0, 1, 2, 0, 1, 2, 0]],
    [3, 1, [1, 2, 0, 1, 2, 0]],
    [3, 2, [2, 0, 1, 2, 0, 1]],
  ])('of %i servers that begins with %i goes %j', (count, first, expected) => {
    expect(way(start(count, first), expected.length - 1)).toEqual(expected)
  })

  test('begins with servers of which none has asked for anything, and one is asked', () => {
    const untouched = { freeAtMs: 0, retryMs: 0, wasAsked: false }
    expect(start(3, 1)).toEqual({ at: 1, servers: [untouched, { ...untouched, wasAsked: true }, untouched] })
    expect(waitMs(start(3, 1), NOW)).toBe(0)
  })

  test('says whether the next one has been asked in this round', () => {
    const fresh: boolean[] = []
    for (let at = start(3); fresh.length < 7; at = next(at)) fresh.push(nextServer(at, NOW).isFresh)
    // Each round has two alternatives to the one it begins with.
    expect(fresh).toEqual([true, true, false, true, true, false, true])
  })

  test('of one server has no alternative, whatever it asks for', () => {
    expect(nextServer(start(1), NOW)).toEqual({ at: 0, waitMs: 0, isFresh: false })
    const waiting = later(start(1), 500)
    expect(nextServer(waiting, NOW)).toEqual({ at: 0, waitMs: 500, isFresh: false })
    expect([next(waiting).at, waitMs(next(waiting), NOW)]).toEqual([0, 500])
  })

  test('goes on to what it said would be next', () => {
    const waits = later(next(start(3)), 500)
    for (const each of [start(3), waits, next(waits)]) expect(next(each).at).toBe(nextServer(each, NOW).at)
  })

  test('is a value: what is made of it leaves it as it was', () => {
    const before = start(3, 1)
    const copy = structuredClone(before)
    const all = [next(before), later(before, 500), changed(before, { retryMs: 7 })]
    for (const each of all) expect(each).not.toBe(before)
    expect(before).toEqual(copy)
    expect(next(before)).toEqual(all[0])
  })

  test('is plain data', () => {
    const made = changed(later(next(start(2)), 500), { retryMs: 7 })
    expect(JSON.parse(JSON.stringify(made))).toEqual(made)
  })

  test('changes only what is known of the server at hand, and only what is named', () => {
    const before = later(next(start(3)), 500)
    const after = changed(before, { retryMs: 3_000 })
    expect(after.at).toBe(1)
    expect(after.servers[1]).toEqual({ freeAtMs: NOW + 500, retryMs: 3_000, wasAsked: true })
    expect([after.servers[0], after.servers[2]]).toEqual([before.servers[0], before.servers[2]])
  })
})

describe('a server that asks to be left alone', () => {
  test('is left alone for so long, to the millisecond', () => {
    const waiting = later(start(2), 500)
    expect([0, 499, 500, 1_500].map((past) => waitMs(waiting, NOW + past))).toEqual([500, 1, 0, 0])
  })

  test('is passed over while there is another one', () => {
    expect(way(later(next(start(3)), 500), 4)).toEqual([1, 2, 0, 2, 0])
  })

  test('may be asked again when its time has come', () => {
    const second = next(later(next(start(3)), 500))
    expect(second.at).toBe(2)
    expect(way(second, 3, NOW + 500)).toEqual([2, 0, 1, 2])
  })

  test('counts as asked in the round in which it was', () => {
    const waiting = next(later(start(2), 500))
    expect(nextServer(waiting, NOW + 500)).toEqual({ at: 0, waitMs: 0, isFresh: false })
  })

  test('is an alternative in the round in which it was not asked, once its time has come', () => {
    const waiting = next(later(next(start(2)), 500))
    expect(nextServer(waiting, NOW)).toMatchObject({ at: 0, isFresh: false })
    expect(nextServer(waiting, NOW + 500)).toEqual({ at: 1, waitMs: 0, isFresh: true })
  })

  test.each([
    ['the one that is free soonest', [900, 300, 600], { at: 1, waitMs: 300 }],
    ['the one at hand, if that is free soonest', [900, 300, 100], { at: 2, waitMs: 100 }],
    ['the next in turn of those that are free together', [300, 300, 300], { at: 0, waitMs: 300 }],
    ['any but one that never is', [Number.POSITIVE_INFINITY, 900, 600], { at: 2, waitMs: 600 }],
  ])('is asked where all do: %s', (_whom, waits, expected) => {
    let all = later(start(waits.length), waits[0] ?? 0)
    for (const [at, ms] of waits.slice(1).entries()) {
      all = next(all)
      expect(all.at).toBe(at + 1)
      all = later(all, ms)
    }
    expect(nextServer(all, NOW)).toEqual({ ...expected, isFresh: false })
  })

  test('has its last word: less, or nothing', () => {
    const never = later(start(1), Number.POSITIVE_INFINITY)
    expect(waitMs(never, NOW)).toBe(Number.POSITIVE_INFINITY)
    expect(waitMs(later(never, 20), NOW)).toBe(20)
    expect(waitMs(later(never, 0), NOW)).toBe(0)
  })

  test('that asks for the past asks for nothing', () => {
    expect(waitMs(later(start(1), -500), NOW)).toBe(0)
  })

  test('leaves the order of the others as it was', () => {
    expect(way(later(start(4, 1), 500), 6)).toEqual([1, 2, 3, 0, 2, 3, 0])
  })
})
