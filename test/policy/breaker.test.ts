/** One server's circuit breaker, by the clock. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { AbortedError, CircuitOpenError, NetworkError, type StreamError } from '../../src/errors/errors.ts'
import { Breaker, breakerDefaults } from '../../src/policy/breaker.ts'
import { http } from '../support/decisions.ts'

const MINUTE = 60_000
const failure = new NetworkError('connect')
const options = { failures: 3, windowMs: 5 * MINUTE, cooldownMs: MINUTE / 2 }

beforeEach(() => {
  vi.useFakeTimers({ now: 1_800_000_000_000 })
})
afterEach(() => {
  vi.useRealTimers()
})

function fail(breaker: Breaker, times = 1): void {
  for (let i = 0; i < times; i++) breaker.admit().settle(failure)
}

function opened(): Breaker {
  const breaker = new Breaker(options)
  fail(breaker, 3)
  return breaker
}

function refusal(breaker: Breaker, cause?: StreamError): CircuitOpenError {
  try {
    breaker.admit(cause)
  } catch (error) {
    return error as CircuitOpenError
  }
  return expect.unreachable('the breaker was expected to refuse')
}

describe('a closed circuit', () => {
  test('lets everything through and counts failures', () => {
    const breaker = new Breaker(options)
    fail(breaker, 2)
    expect(breaker.health()).toEqual({ state: 'closed', failures: 2, retryAt: undefined })
    expect(breaker.admit()).toHaveProperty('settle')
  })

  test('forgets failures when an answer is whole', () => {
    const breaker = new Breaker(options)
    fail(breaker, 2)
    breaker.admit().settle(undefined)
    fail(breaker, 2)
    expect(breaker.health()).toMatchObject({ state: 'closed', failures: 2 })
  })

  test('forgets failures that are older than the window', () => {
    const breaker = new Breaker(options)
    fail(breaker, 2)
    vi.advanceTimersByTime(5 * MINUTE - 1)
    expect(breaker.health().failures).toBe(2)
    vi.advanceTimersByTime(1)
    expect(breaker.health().failures).toBe(0)
    fail(breaker, 1)
    expect(breaker.health()).toMatchObject({ state: 'closed', failures: 1 })
  })

  test('opens with the last failure it was given', () => {
    const breaker = new Breaker(options)
    fail(breaker, 2)
    expect(breaker.health().state).toBe('closed')
    fail(breaker)
    expect(breaker.health()).toEqual({ state: 'open', failures: 3, retryAt: Date.now() + MINUTE / 2 })
  })

  test('opens at once when one failure is enough', () => {
    const breaker = new Breaker({ ...options, failures: 1 })
    fail(breaker)
    expect(breaker.health().state).toBe('open')
  })
})

describe('an open circuit', () => {
  test('refuses and says until when', () => {
    const error = refusal(opened())
    expect(error).toBeInstanceOf(CircuitOpenError)
    expect(error).toMatchObject({ code: 'circuit-open', retryAtMs: Date.now() + MINUTE / 2 })
    expect(error.message).toContain(new Date(Date.now() + MINUTE / 2).toISOString())
  })

  test('names the failure that was being retried as the cause, and none where there was none', () => {
    expect(refusal(opened(), failure).cause).toBe(failure)
    expect(refusal(opened())).not.toHaveProperty('cause')
  })

  test('does not hear streams that began before it opened', () => {
    const breaker = new Breaker(options)
    const [early, other] = [breaker.admit(), breaker.admit()]
    fail(breaker, 3)
    vi.advanceTimersByTime(1_000)
    early.settle(undefined)
    other.settle(failure)
    expect(breaker.health()).toEqual({ state: 'open', failures: 3, retryAt: Date.now() + MINUTE / 2 - 1_000 })
  })

  test('is half open when the cool-down is over, not before, and without a timer', () => {
    const breaker = opened()
    vi.advanceTimersByTime(MINUTE / 2 - 1)
    expect(breaker.health().state).toBe('open')
    vi.advanceTimersByTime(1)
    expect(breaker.health()).toEqual({ state: 'half-open', failures: 3, retryAt: undefined })
    expect(vi.getTimerCount()).toBe(0)
  })
})

describe('a half-open circuit', () => {
  function halfOpen(): Breaker {
    const breaker = opened()
    vi.advanceTimersByTime(MINUTE / 2)
    return breaker
  }

  test('lets one probe through and refuses the rest until its verdict', () => {
    const breaker = halfOpen()
    breaker.admit()
    expect(refusal(breaker, failure)).toMatchObject({ retryAtMs: Date.now(), cause: failure })
    expect(breaker.health().state).toBe('half-open')
  })

  test('closes when the probe brings a whole answer', () => {
    const breaker = halfOpen()
    breaker.admit().settle(undefined)
    expect(breaker.health()).toEqual({ state: 'closed', failures: 0, retryAt: undefined })
  })

  test('opens for another cool-down when the probe fails', () => {
    const breaker = halfOpen()
    const probe = breaker.admit()
    vi.advanceTimersByTime(1_000)
    probe.settle(failure)
    expect(breaker.health()).toEqual({ state: 'open', failures: 4, retryAt: Date.now() + MINUTE / 2 })
    refusal(breaker)
  })

  test.each([
    ['aborted', new AbortedError()],
    ['refused with a 4xx', http(401)],
  ])('lets another probe through when the first was %s', (_what, verdict) => {
    const breaker = halfOpen()
    breaker.admit().settle(verdict)
    expect(breaker.health()).toMatchObject({ state: 'half-open', failures: 3 })
    const second = breaker.admit()
    refusal(breaker)
    second.settle(undefined)
    expect(breaker.health().state).toBe('closed')
  })

  test('waits for its probe, whatever permit is given back meanwhile', () => {
    const breaker = new Breaker(options)
    const early = breaker.admit()
    fail(breaker, 3)
    vi.advanceTimersByTime(MINUTE / 2)
    const probe = breaker.admit()
    early.settle(new AbortedError())
    refusal(breaker)
    probe.settle(new AbortedError())
    expect(breaker.admit()).toHaveProperty('settle')
  })

  test('lets one probe through, however often the one before is given back', () => {
    const breaker = halfOpen()
    const first = breaker.admit()
    first.settle(new AbortedError())
    breaker.admit()
    first.settle(new AbortedError())
    refusal(breaker)
  })

  test('does not hear streams that began before it opened', () => {
    const breaker = new Breaker(options)
    const [early, other] = [breaker.admit(), breaker.admit()]
    fail(breaker, 3)
    vi.advanceTimersByTime(MINUTE / 2)
    early.settle(undefined)
    expect(breaker.health().state).toBe('half-open')
    const probe = breaker.admit()
    other.settle(failure)
    expect(breaker.health().state).toBe('half-open')
    probe.settle(undefined)
    expect(breaker.health().state).toBe('closed')
  })
})

test('the defaults are those the documentation names', () => {
  expect(breakerDefaults).toEqual({ failures: 5, windowMs: 300_000, cooldownMs: 30_000 })
})
