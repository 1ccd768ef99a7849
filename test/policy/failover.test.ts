/** The way of one reply among servers that can stand in for each other, by the clock. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { Route } from '../../src/policy/failover.ts'

beforeEach(() => {
  vi.useFakeTimers({ now: 1_800_000_000_000 })
})
afterEach(() => {
  vi.useRealTimers()
})

/** Whom it asks, from the one at hand on. */
function way(route: Route, steps: number): number[] {
  const asked = [route.at]
  for (let i = 0; i < steps; i++) {
    route.advance()
    asked.push(route.at)
  }
  return asked
}

describe('a route', () => {
  test.each([
    [1, 0, [0, 0, 0, 0]],
    [2, 0, [0, 1, 0, 1, 0]],
    [3, 0, [0, 1, 2, 0, 1, 2, 0]],
    [3, 1, [1, 2, 0, 1, 2, 0]],
    [3, 2, [2, 0, 1, 2, 0, 1]],
  ])('of %i servers that begins with %i goes %j', (count, first, expected) => {
    expect(way(new Route(count, first), expected.length - 1)).toEqual(expected)
  })

  test('begins with the first server, which has not asked for anything', () => {
    const route = new Route(2)
    expect([route.at, route.waitMs]).toEqual([0, 0])
  })

  test('says whether the next one has been asked in this round', () => {
    const route = new Route(3)
    const fresh: boolean[] = []
    for (let i = 0; i < 7; i++) {
      fresh.push(route.next().isFresh)
      route.advance()
    }
    // Each round has two alternatives to the one it begins with.
    expect(fresh).toEqual([true, true, false, true, true, false, true])
  })

  test('of one server has no alternative, whatever it asks for', () => {
    const route = new Route(1)
    expect(route.next()).toEqual({ index: 0, waitMs: 0, isFresh: false })
    route.postpone(500)
    expect(route.next()).toEqual({ index: 0, waitMs: 500, isFresh: false })
    route.advance()
    expect([route.at, route.waitMs]).toEqual([0, 500])
  })

  test('goes on to what it said would be next, and looking changes nothing', () => {
    const route = new Route(3)
    expect(route.next()).toEqual(route.next())
    const { index } = route.next()
    route.advance()
    expect(route.at).toBe(index)
  })
})

describe('a server that asks to be left alone', () => {
  test('is left alone for so long, to the millisecond', () => {
    const route = new Route(2)
    route.postpone(500)
    vi.advanceTimersByTime(499)
    expect(route.waitMs).toBe(1)
    vi.advanceTimersByTime(1)
    expect(route.waitMs).toBe(0)
    vi.advanceTimersByTime(1_000)
    expect(route.waitMs).toBe(0)
  })

  test('needs no timer', () => {
    new Route(2).postpone(500)
    expect(vi.getTimerCount()).toBe(0)
  })

  test('is passed over while there is another one', () => {
    const route = new Route(3)
    route.advance()
    route.postpone(500)
    expect(way(route, 4)).toEqual([1, 2, 0, 2, 0])
  })

  test('may be asked again when its time has come', () => {
    const route = new Route(3)
    route.advance()
    route.postpone(500)
    expect(way(route, 1)).toEqual([1, 2])
    vi.advanceTimersByTime(500)
    expect(way(route, 3)).toEqual([2, 0, 1, 2])
  })

  test('counts as asked in the round in which it was', () => {
    const route = new Route(2)
    route.postpone(500)
    route.advance()
    vi.advanceTimersByTime(500)
    expect(route.next()).toEqual({ index: 0, waitMs: 0, isFresh: false })
  })

  test('is an alternative in the round in which it was not asked, once its time has come', () => {
    const route = new Route(2)
    route.advance()
    route.postpone(500)
    route.advance()
    expect(route.next()).toMatchObject({ index: 0, isFresh: false })
    vi.advanceTimersByTime(500)
    expect(route.next()).toEqual({ index: 1, waitMs: 0, isFresh: true })
  })

  test.each([
    ['the one that is free soonest', [900, 300, 600], { index: 1, waitMs: 300 }],
    ['the one at hand, if that is free soonest', [900, 300, 100], { index: 2, waitMs: 100 }],
    ['the next in turn of those that are free together', [300, 300, 300], { index: 0, waitMs: 300 }],
    ['any but one that never is', [Number.POSITIVE_INFINITY, 900, 600], { index: 2, waitMs: 600 }],
  ])('is asked where all do: %s', (_whom, waits, expected) => {
    const route = new Route(waits.length)
    for (const [index, ms] of waits.entries()) {
      if (index > 0) route.advance()
      expect(route.at).toBe(index)
      route.postpone(ms)
    }
    expect(route.next()).toEqual({ ...expected, isFresh: false })
  })

  test('has its last word: less, or nothing', () => {
    const route = new Route(1)
    route.postpone(Number.POSITIVE_INFINITY)
    expect(route.waitMs).toBe(Number.POSITIVE_INFINITY)
    route.postpone(20)
    expect(route.waitMs).toBe(20)
    route.postpone(0)
    expect(route.waitMs).toBe(0)
  })

  test('that asks for the past asks for nothing', () => {
    const route = new Route(1)
    route.postpone(-500)
    expect(route.waitMs).toBe(0)
  })

  test('leaves the order of the others as it was', () => {
    const route = new Route(4, 1)
    route.postpone(500)
    expect(way(route, 6)).toEqual([1, 2, 3, 0, 2, 3, 0])
  })
})
