/** What a breaker tells, keeps and is held to: its changes, its memory as JSON, and isolation. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { AbortedError, CircuitOpenError, NetworkError } from '../../src/errors/errors.ts'
import { Breaker, isSavedBreaker, type SavedBreaker } from '../../src/policy/breaker.ts'

const MINUTE = 60_000
const failure = new NetworkError('connect')
const aborted = new AbortedError()
const options = { failures: 2, windowMs: 5 * MINUTE, cooldownMs: MINUTE }

beforeEach(() => {
  vi.useFakeTimers({ now: 1_800_000_000_000 })
})
afterEach(() => {
  vi.useRealTimers()
})

/** A breaker and the changes it has told of. */
function watched(saved?: SavedBreaker) {
  const changes: string[] = []
  const breaker = new Breaker(options, saved, (from, to) => changes.push(`${from} → ${to}`))
  return { breaker, changes }
}

function fail(breaker: Breaker, times = 1): void {
  for (let i = 0; i < times; i++) breaker.admit().settle(failure)
}

const STATES = {
  closed: () => new Breaker(options),
  failing() {
    const breaker = new Breaker(options)
    fail(breaker)
    return breaker
  },
  open() {
    const breaker = new Breaker(options)
    fail(breaker, 2)
    return breaker
  },
  'half-open'() {
    const breaker = STATES.open()
    vi.advanceTimersByTime(MINUTE)
    return breaker
  },
  probing() {
    const breaker = STATES['half-open']()
    breaker.admit()
    return breaker
  },
  awaited() {
    const breaker = STATES.probing()
    void breaker.admit(undefined, true)
    return breaker
  },
  isolated() {
    const breaker = STATES.open()
    breaker.isolate()
    return breaker
  },
}

/** The same breaker after the page was loaded anew. */
function reloaded(breaker: Breaker): Breaker {
  const saved: unknown = JSON.parse(JSON.stringify(breaker.save()))
  if (!isSavedBreaker(saved)) return expect.unreachable('what was saved was expected to be known again')
  return new Breaker(options, saved)
}

describe('each change is told', () => {
  test('once, from closed to open to half-open to closed', () => {
    const { breaker, changes } = watched()
    fail(breaker)
    expect(changes).toEqual([])
    fail(breaker)
    expect(changes).toEqual(['closed → open'])
    vi.advanceTimersByTime(MINUTE)
    // Nobody has asked: without a timer nobody can have noticed.
    expect(changes).toHaveLength(1)
    breaker.health()
    breaker.health()
    expect(changes).toEqual(['closed → open', 'open → half-open'])
    breaker.admit().settle(undefined)
    expect(changes.slice(2)).toEqual(['half-open → closed'])
  })

  test('when a probe fails, and none when it is given back', () => {
    const { breaker, changes } = watched()
    fail(breaker, 2)
    vi.advanceTimersByTime(MINUTE)
    breaker.admit().settle(aborted)
    expect(changes.slice(1)).toEqual(['open → half-open'])
    breaker.admit().settle(failure)
    expect(changes.slice(2)).toEqual(['half-open → open'])
  })

  test.each([
    ['asking', (breaker: Breaker) => breaker.admit()],
    ['looking', (breaker: Breaker) => breaker.health()],
    ['saving', (breaker: Breaker) => breaker.save()],
  ])('by %s, when a cool-down is over', (_what, notice) => {
    const { breaker, changes } = watched()
    fail(breaker, 2)
    vi.advanceTimersByTime(MINUTE)
    notice(breaker)
    expect(changes).toEqual(['closed → open', 'open → half-open'])
  })

  test('when a server is isolated and put back', () => {
    const { breaker, changes } = watched()
    const release = breaker.isolate()
    expect(changes).toEqual(['closed → isolated'])
    release()
    release()
    expect(changes.slice(1)).toEqual(['isolated → closed'])
  })

  test('and none where the state stays, or is restored', () => {
    const { breaker, changes } = watched({ state: 'open', until: Date.now() + 1, failures: 2 })
    breaker.isolate()
    breaker.isolate()
    expect(changes).toEqual(['open → isolated'])
    const closed = watched()
    fail(closed.breaker)
    closed.breaker.admit().settle(undefined)
    expect(closed.changes).toEqual([])
  })

  test('after it has happened', () => {
    const seen: string[] = []
    const breaker: Breaker = new Breaker(options, undefined, () => seen.push(breaker.health().state))
    fail(breaker, 2)
    expect(seen).toEqual(['open'])
  })
})

describe('an isolated server', () => {
  test('is refused without an end, whatever the clock says', () => {
    const breaker = STATES.isolated()
    vi.advanceTimersByTime(1_000 * MINUTE)
    expect(breaker.health()).toEqual({ state: 'isolated', failures: 0, retryAt: undefined })
    expect(() => breaker.admit(failure)).toThrow(CircuitOpenError)
    expect(() => breaker.admit(failure)).toThrow(/held open \(isolate\)/)
    expect(() => breaker.admit(failure)).toThrow(
      expect.objectContaining({ retryAtMs: undefined, cause: failure }),
    )
  })

  test.each(['closed', 'open', 'half-open', 'probing', 'awaited'] as const)(
    'that was %s is closed when put back',
    (name) => {
      const breaker = STATES[name]()
      const release = breaker.isolate()
      expect(breaker.health().state).toBe('isolated')
      release()
      expect(breaker.health()).toEqual({ state: 'closed', failures: 0, retryAt: undefined })
      expect(breaker.admit()).toHaveProperty('settle')
    },
  )

  test('is put back by whoever isolated it last', () => {
    const breaker = STATES.closed()
    const [first, second] = [breaker.isolate(), breaker.isolate()]
    first()
    expect(breaker.health().state).toBe('isolated')
    second()
    expect(breaker.health().state).toBe('closed')
  })

  test('is not put back by a release that was used before', () => {
    const breaker = STATES.closed()
    const release = breaker.isolate()
    release()
    breaker.isolate()
    release()
    expect(breaker.health().state).toBe('isolated')
  })

  test('is not opened by a late release', () => {
    const breaker = STATES.closed()
    const release = breaker.isolate()
    release()
    fail(breaker, 2)
    release()
    expect(breaker.health().state).toBe('open')
  })

  test.each([
    ['a whole answer', undefined],
    ['a failure', failure],
    ['an abort', aborted],
  ])('does not hear how streams end that began before: %s', (_what, verdict) => {
    const breaker = STATES['half-open']()
    const [probe, release] = [breaker.admit(), breaker.isolate()]
    probe.settle(verdict)
    expect(breaker.health().state).toBe('isolated')
    release()
    expect(breaker.health()).toMatchObject({ state: 'closed', failures: 0 })
  })
})

describe('the memory', () => {
  test.each<[keyof typeof STATES, SavedBreaker['state'], object]>([
    ['closed', 'closed', { failedAt: [] }],
    ['failing', 'closed', { failedAt: [1_800_000_000_000] }],
    ['open', 'open', { until: 1_800_000_000_000 + MINUTE, failures: 2 }],
    ['half-open', 'open', { until: 1_800_000_000_000 + MINUTE, failures: 2 }],
    ['probing', 'open', { until: 1_800_000_000_000 + MINUTE, failures: 2 }],
    ['awaited', 'open', { until: 1_800_000_000_000 + MINUTE, failures: 2 }],
    ['isolated', 'isolated', {}],
  ])('of one that is %s is JSON', (name, state, more) => {
    const saved = STATES[name]().save()
    expect(saved).toEqual({ state, ...more })
    expect(JSON.parse(JSON.stringify(saved))).toEqual(saved)
  })

  test.each(Object.keys(STATES) as (keyof typeof STATES)[])(
    'of one that is %s makes the same one',
    (name) => {
      const breaker = STATES[name]()
      expect(reloaded(breaker).health()).toEqual(breaker.health())
      expect(reloaded(reloaded(breaker)).save()).toEqual(breaker.save())
    },
  )

  test('keeps counting where it was', () => {
    const again = reloaded(STATES.failing())
    fail(again)
    expect(again.health()).toMatchObject({ state: 'open', failures: 2 })
  })

  test('holds only the failures that count', () => {
    const breaker = STATES.failing()
    vi.advanceTimersByTime(5 * MINUTE)
    expect(breaker.save()).toEqual({ state: 'closed', failedAt: [] })
    const late = reloaded(STATES.failing())
    vi.advanceTimersByTime(5 * MINUTE)
    expect(late.health().failures).toBe(0)
  })

  test('keeps the end of the cool-down, which may have come meanwhile', () => {
    const saved = STATES.open().save()
    vi.advanceTimersByTime(MINUTE - 1)
    expect(new Breaker(options, saved).health().state).toBe('open')
    vi.advanceTimersByTime(1)
    expect(new Breaker(options, saved).health().state).toBe('half-open')
  })

  test('does not hold a probe: whoever restores it makes the next one', () => {
    const again = reloaded(STATES.probing())
    again.admit().settle(undefined)
    expect(again.health().state).toBe('closed')
  })

  test('does not hold who waited for the probe: whoever asks first makes the next one', () => {
    const again = reloaded(STATES.awaited())
    expect(again.admit()).toHaveProperty('settle')
    expect(() => again.admit()).toThrow(CircuitOpenError)
  })

  test('keeps isolation, which whoever isolates anew can end', () => {
    const again = reloaded(STATES.isolated())
    again.isolate()()
    expect(again.health().state).toBe('closed')
  })

  test('is a copy: what is done to it is not done to the breaker', () => {
    const breaker = STATES.failing()
    const { failedAt } = breaker.save() as unknown as { failedAt: number[] }
    failedAt.pop()
    expect(breaker.health().failures).toBe(1)
  })

  test('is not what it was made from: both go their own ways', () => {
    const breaker = STATES.failing()
    const saved = breaker.save()
    fail(breaker)
    expect(new Breaker(options, saved).health()).toMatchObject({ state: 'closed', failures: 1 })
  })
})

test('a memory from a clock that was ahead keeps nobody out for longer than the cool-down', () => {
  for (const until of [1e300, Date.now() + 1_000 * MINUTE]) {
    const { breaker } = watched({ state: 'open', until, failures: 2 })
    expect(() => breaker.admit()).toThrow(CircuitOpenError)
    vi.advanceTimersByTime(MINUTE)
    expect(breaker.health().state).toBe('half-open')
  }
})
