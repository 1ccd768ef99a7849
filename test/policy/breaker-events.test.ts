/** What a breaker counts: events, not the streams that one event breaks together. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { AbortedError, NetworkError, type StreamError } from '../../src/errors/errors.ts'
import { Breaker, type Permit } from '../../src/policy/breaker.ts'

const MINUTE = 60_000
const failure = new NetworkError('body')
const aborted = new AbortedError()
const options = { failures: 3, windowMs: 60 * MINUTE, cooldownMs: MINUTE / 2 }

beforeEach(() => {
  vi.useFakeTimers({ now: 1_800_000_000_000 })
})
afterEach(() => {
  vi.useRealTimers()
})

function admitted(breaker: Breaker, count: number): Permit[] {
  return Array.from({ length: count }, () => breaker.admit())
}

function settle(permits: readonly Permit[], error: StreamError | undefined): void {
  for (const permit of permits) permit.settle(error)
}

function opened(): Breaker {
  const breaker = new Breaker(options)
  for (let i = 0; i < 3; i++) breaker.admit().settle(failure)
  return breaker
}

function halfOpen(): Breaker {
  const breaker = opened()
  vi.advanceTimersByTime(MINUTE / 2)
  return breaker
}

describe('two hundred streams', () => {
  test('that one blip breaks are one failure', () => {
    const breaker = new Breaker(options)
    settle(admitted(breaker, 200), failure)
    expect(breaker.health()).toMatchObject({ state: 'closed', failures: 1 })
  })

  test('that are broken round after round are one failure a round', () => {
    const breaker = new Breaker(options)
    const counts = [1, 2, 3].map(() => {
      settle(admitted(breaker, 200), failure)
      return breaker.health().failures
    })
    expect(counts).toEqual([1, 2, 3])
    expect(breaker.health().state).toBe('open')
  })

  test('are one failure, however long the last takes to notice', () => {
    const breaker = new Breaker(options)
    for (const permit of admitted(breaker, 200)) {
      permit.settle(failure)
      vi.advanceTimersByTime(1_000)
    }
    expect(breaker.health()).toMatchObject({ state: 'closed', failures: 1 })
  })

  test('that began before an outage count for nothing after it', () => {
    const breaker = new Breaker(options)
    const early = admitted(breaker, 200)
    for (const permit of admitted(breaker, 3)) permit.settle(failure)
    for (let i = 0; i < 2; i++) breaker.admit().settle(failure)
    vi.advanceTimersByTime(MINUTE / 2)
    breaker.admit().settle(undefined)
    settle(early, failure)
    expect(breaker.health()).toEqual({ state: 'closed', failures: 0, retryAt: undefined })
  })
})

/** `+` asks, `>` shows a first delta, `.` is whole, `!` breaks, `~` is broken by ourselves. */
function play(breaker: Breaker, history: string): void {
  const permits = new Map<string, Permit>()
  for (const [name = '', what] of history.split(' ')) {
    if (what === '+') permits.set(name, breaker.admit())
    const permit = permits.get(name)
    if (what === '>') permit?.progressed()
    if (what === '.') permit?.settle(undefined)
    if (what === '!') permit?.settle(failure)
    if (what === '~') permit?.settle(failure, true)
  }
}

describe('a history', () => {
  test.each([
    ['of failures one after another counts each', 'a+ a! b+ b!', 2],
    ['of failures side by side counts one', 'a+ b+ a! b!', 1],
    ['with a straggler does not count it, but what was admitted since', 'a+ b+ a! c+ b! c!', 2],
    ['in which the straggler comes last does not count it', 'a+ b+ a! c+ c! b!', 2],
    ['of three overlapping rounds counts each', 'a+ b+ a! c+ b! c! d+ d!', 3],
    ['that ends whole counts none', 'a+ a! b+ b! c+ c.', 0],
    ['in which a stream outlives the blip counts none', 'a+ b+ a! b.', 0],
    ['with a whole answer amid one blip does not begin anew', 'a+ b+ c+ a! b. c!', 0],
    ['with a whole answer between two counts the second', 'a+ b+ a! b. c+ c!', 1],
    ['in which we broke one ourselves counts the others', 'a+ b+ a~ b!', 1],
    ['in which we broke all ourselves counts none', 'a+ b+ a~ b~', 0],
    ['in which we broke one after a failure still counts that', 'a+ a! b+ b~', 1],
    ['with a first delta after a failure still counts it', 'a+ b+ a! b> c+ c>', 1],
  ])('%s', (_what, history, failures) => {
    const breaker = new Breaker({ ...options, failures: 10 })
    play(breaker, history)
    expect(breaker.health()).toEqual({ state: 'closed', failures, retryAt: undefined })
  })
})

describe('of the verdicts on one permit', () => {
  test.each<[string, readonly (StreamError | undefined)[], number]>([
    ['a failure, then an abort', [failure, aborted], 1],
    ['a failure, then a whole answer', [failure, undefined], 1],
    ['an abort, then a failure', [aborted, failure], 0],
    ['a whole answer, then a failure', [undefined, failure], 0],
    ['a failure, twice', [failure, failure], 1],
  ])('only the first counts: %s', (_what, verdicts, failures) => {
    const breaker = new Breaker(options)
    const permit = breaker.admit()
    for (const verdict of verdicts) permit.settle(verdict)
    expect(breaker.health().failures).toBe(failures)
  })

  test('only the first counts, also while it is being told', () => {
    const seen: string[] = []
    const breaker = new Breaker({ ...options, failures: 1, cooldownMs: 0 }, undefined, (_from, to) => {
      seen.push(to)
      permit.settle(failure)
    })
    const permit = breaker.admit()
    permit.settle(failure)
    expect(seen).toEqual(['open'])
  })
})

describe("a probe's first delta", () => {
  test('closes the circuit at once, and once', () => {
    const changes: string[] = []
    const saved = { state: 'open' as const, until: Date.now(), failures: 3 }
    const breaker = new Breaker(options, saved, (from, to) => changes.push(`${from} → ${to}`))
    const probe = breaker.admit()
    probe.progressed()
    expect(breaker.health()).toEqual({ state: 'closed', failures: 0, retryAt: undefined })
    probe.progressed()
    expect(changes).toEqual(['open → half-open', 'half-open → closed'])
  })

  test.each<[string, StreamError | undefined, number]>([
    ['its failure is the first of a new row', failure, 1],
    ['its whole answer is one like others', undefined, 0],
    ['its abort is nothing', aborted, 0],
  ])('makes it a stream like others: %s', (_what, verdict, failures) => {
    const breaker = halfOpen()
    const probe = breaker.admit()
    probe.progressed()
    probe.settle(verdict)
    expect(breaker.health()).toEqual({ state: 'closed', failures, retryAt: undefined })
  })

  test('lets others in, whom the event that breaks the probe may break with it', () => {
    const breaker = halfOpen()
    const probe = breaker.admit()
    probe.progressed()
    const others = admitted(breaker, 200)
    settle([probe, ...others], failure)
    expect(breaker.health()).toMatchObject({ state: 'closed', failures: 1 })
  })
})

describe('a first delta', () => {
  test('of a stream that began before does not close what has opened since', () => {
    const breaker = new Breaker(options)
    const early = breaker.admit()
    for (let i = 0; i < 3; i++) breaker.admit().settle(failure)
    early.progressed()
    expect(breaker.health().state).toBe('open')
    vi.advanceTimersByTime(MINUTE / 2)
    early.progressed()
    expect(breaker.health().state).toBe('half-open')
    breaker.admit()
    early.progressed()
    expect(breaker.health().state).toBe('half-open')
  })

  test.each([
    ['given back', aborted, 'half-open'],
    ['that has failed', failure, 'open'],
  ])('of a probe %s says nothing', (_what, verdict, state) => {
    const breaker = halfOpen()
    const probe = breaker.admit()
    probe.settle(verdict)
    probe.progressed()
    expect(breaker.health().state).toBe(state)
  })

  test('does not end isolation', () => {
    const breaker = halfOpen()
    const probe = breaker.admit()
    breaker.isolate()
    probe.progressed()
    expect(breaker.health().state).toBe('isolated')
  })
})

test('a probe that we broke ourselves is given back', () => {
  const breaker = halfOpen()
  breaker.admit().settle(failure, true)
  expect(breaker.health()).toEqual({ state: 'half-open', failures: 3, retryAt: undefined })
  breaker.admit().settle(undefined)
  expect(breaker.health().state).toBe('closed')
})
