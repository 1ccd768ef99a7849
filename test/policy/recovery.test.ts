/** Where to go on after a failure: here, elsewhere or not at all. The rows of the table that retry.test.ts leaves out. */
import { describe, expect, test, vi } from 'vitest'
import {
  AbortedError,
  ApiError,
  CallbackError,
  CircuitOpenError,
  NetworkError,
  type StreamFailure,
  TimeoutError,
  TruncatedError,
} from '../../src/errors/errors.ts'
import {
  askedMs,
  type Decision,
  decide,
  type Progress,
  type ResolvedRetry,
  retryDefaults,
} from '../../src/policy/retry.ts'
import { type Case, early, http } from '../support/decisions.ts'

function verdict(error: StreamFailure, { progress, options, recovery, chance }: Case = {}): Decision {
  const retry: ResolvedRetry = { ...retryDefaults, jitter: 'none', ...options }
  return decide(error, { ...early, ...progress }, retry, recovery ?? 'auto', chance ?? 0.5)
}

const broken = new NetworkError('body')
const cut = new TruncatedError('cut')
const denied = http(401)
const quota = http(429, { body: { error: { code: 'insufficient_quota' } } })
const inBandQuota = new ApiError({ message: 'x', type: 'billing_error', code: undefined })
const held = new CircuitOpenError(0)
const isolated = new CircuitOpenError(undefined)
const longWait = new TimeoutError('idle', 60_001)

const resumable = { committed: true, canResume: true, canRewind: false }
const alternative = { hasAlternative: true }
/** Handed out, and not to be taken back. */
const shown = { committed: true, canRewind: false }

describe('of the ways to go on', () => {
  test.each<[string, StreamFailure, Partial<Progress>, Decision['action']]>([
    ['the rest of a stream is one', broken, resumable, 'resume'],
    ['another server goes before the same one', broken, alternative, 'failover'],
    ['the rest goes before another server', broken, { ...resumable, ...alternative }, 'resume'],
    ['the rest goes before another answer', cut, { ...resumable, canRewind: true }, 'resume'],
    ['a fresh token goes before another server', denied, { ...alternative, canRefresh: true }, 'refresh'],
    ['a fresh token goes before the rest', denied, { ...resumable, canRefresh: true }, 'refresh'],
    ['a fresh token is for a 401 only', http(503), { canRefresh: true }, 'retry'],
    ['the same again comes last', broken, {}, 'retry'],
  ])('%s', (_sentence, error, progress, action) => {
    expect(verdict(error, { progress }).action).toBe(action)
  })

  test('all say why', () => {
    expect(verdict(broken, { progress: resumable }).reason).toBe('the connection broke')
    expect(verdict(broken, { progress: alternative }).reason).toBe('the connection broke')
    expect(verdict(denied, { progress: { canRefresh: true } }).reason).toBe('the server answered 401')
  })
})

describe('a stream that can be gone on with', () => {
  test.each<[string, StreamFailure, Partial<Progress>, Decision['action']]>([
    ['needs no consent', broken, {}, 'resume'],
    ['is not gone on with beyond the limit', broken, { failures: 3 }, 'give-up'],
    ['is not gone on with without budget', broken, { hasBudget: false }, 'give-up'],
    ['is not gone on with after an abort', new AbortedError(), {}, 'give-up'],
    ['is not gone on with after a callback threw', new CallbackError('onChunk', 1), {}, 'give-up'],
    ['is not gone on with after totalMs', new TimeoutError('total', 5), {}, 'give-up'],
    ['is not gone on with after a 400', http(400), {}, 'give-up'],
    ['is not gone on with while the circuit is open', held, {}, 'give-up'],
    ['is not gone on with after two long waits', longWait, { longTimeouts: 2 }, 'give-up'],
  ])('%s', (_sentence, error, progress, action) => {
    expect(verdict(error, { progress: { ...resumable, ...progress } }).action).toBe(action)
  })

  test('is asked for after the same wait as a new one', () => {
    const progress = { ...resumable, failures: 2 }
    expect(verdict(broken, { progress })).toMatchObject({ action: 'resume', delayMs: 1_000 })
    const chance = { options: { jitter: 'full' }, chance: 0.25 } as const
    expect(verdict(broken, { progress, ...chance })).toMatchObject({ delayMs: 250 })
  })

  test('is not asked for before the server wants to be asked', () => {
    const asked = { progress: { ...resumable, askedMs: 3_000 } }
    expect(verdict(broken, asked)).toMatchObject({ action: 'resume', delayMs: 3_500 })
    expect(verdict(broken, { ...asked, options: { jitter: 'full' }, chance: 0 })).toMatchObject({
      action: 'resume',
      delayMs: 3_000,
    })
  })

  test.each([
    [60_000, Number.POSITIVE_INFINITY, 'resume', 'the connection broke'],
    [
      60_001,
      Number.POSITIVE_INFINITY,
      'give-up',
      'the server asks to wait 61 s, longer than retry.maxRetryAfterMs',
    ],
    [1_000, 1_501, 'resume', 'the connection broke'],
    [1_000, 1_500, 'give-up', 'timeouts.totalMs ends before the next attempt'],
  ])('with %i ms asked for and %d ms left: %s, %s', (askedFor, remainingMs, action, reason) => {
    const progress = { ...resumable, askedMs: askedFor, remainingMs }
    expect(verdict(broken, { progress })).toMatchObject({ action, reason })
  })
})

describe('a server that would not give the rest', () => {
  test.each([
    ['before it was asked for', {}, 'give-up'],
    ['and consent to another answer', { isRestRefused: true, committed: true }, 'retry'],
    ['and nothing shown', { isRestRefused: true, canRewind: false }, 'retry'],
    ['and nobody who agrees', { isRestRefused: true, ...shown }, 'give-up'],
    ['and another server', { isRestRefused: true, ...alternative }, 'failover'],
    ['and no budget', { isRestRefused: true, hasBudget: false }, 'give-up'],
    ['and no further attempt', { isRestRefused: true, failures: 3 }, 'give-up'],
  ] as const)('%s', (_what, progress, action) => {
    expect(verdict(http(404), { progress }).action).toBe(action)
  })

  test('is not asked anew where the caller says so', () => {
    const progress = { isRestRefused: true }
    expect(verdict(http(404), { progress, options: { shouldRetry: () => false } }).action).toBe('give-up')
  })
})

describe("with recovery 'resume'", () => {
  test.each([
    ['nothing shown yet is asked for anew', {}, 'retry'],
    ['nothing shown yet may come from another server', alternative, 'failover'],
    ['what was shown is gone on with', resumable, 'resume'],
    ['what was shown is not taken back', { committed: true, canRewind: true }, 'give-up'],
    ['what was shown is not taken back for another server', { committed: true, ...alternative }, 'give-up'],
  ] as const)('%s', (_sentence, progress, action) => {
    expect(verdict(broken, { progress, recovery: 'resume' }).action).toBe(action)
  })

  test('a stream that named no place says so', () => {
    expect(verdict(broken, { progress: { committed: true }, recovery: 'resume' })).toEqual({
      action: 'give-up',
      reason: "recovery is 'resume' and the stream said nothing it could go on from",
    })
  })
})

describe('another server', () => {
  test.each<[string, StreamFailure, Partial<Progress>, Decision['action']]>([
    ['is asked where a quota is used up', quota, alternative, 'failover'],
    ['is asked where an in-band quota is used up', inBandQuota, alternative, 'failover'],
    ['is asked where the circuit is open', held, alternative, 'failover'],
    ['is asked where one is isolated', isolated, alternative, 'failover'],
    ['is needed for a used-up quota', quota, {}, 'give-up'],
    ['is needed for an in-band quota', inBandQuota, {}, 'give-up'],
    ['is needed for an open circuit', held, {}, 'give-up'],
    ['is needed for an isolated one', isolated, {}, 'give-up'],
    ['would refuse a bad request, too', http(400), alternative, 'give-up'],
    ['would refuse a bad token, too', denied, alternative, 'give-up'],
    ['may not take text back', quota, { ...alternative, ...shown }, 'give-up'],
    ['may not take text back for an open circuit', held, { ...alternative, ...shown }, 'give-up'],
    ['may take text back with consent', held, { ...alternative, committed: true }, 'failover'],
    ['is no way round the limit', broken, { ...alternative, failures: 3 }, 'give-up'],
    ['is no way round the budget', broken, { ...alternative, hasBudget: false }, 'give-up'],
    ['is no way round a stream as a body', broken, { ...alternative, canResend: false }, 'give-up'],
    [
      'costs nothing for an open circuit',
      held,
      { ...alternative, failures: 9, hasBudget: false },
      'failover',
    ],
  ])('%s', (_sentence, error, progress, action) => {
    expect(verdict(error, { progress }).action).toBe(action)
  })

  test("is none with recovery 'fail' and something shown", () => {
    const progress = { ...alternative, committed: true }
    expect(verdict(held, { progress, recovery: 'fail' }).action).toBe('give-up')
    expect(verdict(held, { progress: alternative, recovery: 'fail' }).action).toBe('failover')
  })

  test('is not asked about a quota where the caller says no', () => {
    const options = { shouldRetry: () => false }
    expect(verdict(quota, { progress: alternative, options }).action).toBe('give-up')
  })

  test('is asked at once, whatever the last one wanted', () => {
    const wants = http(503, { retryAfterMs: 600_000 })
    const progress = { ...alternative, failures: 2, remainingMs: 1 }
    const reason = 'the server answered 503'
    expect(verdict(wants, { progress })).toEqual({ action: 'failover', delayMs: 0, reason })
  })
})

describe('a 401', () => {
  const fresh = { canRefresh: true }

  test.each<[string, Partial<Progress>, Decision['action']]>([
    ['is final where the headers are what they are', {}, 'give-up'],
    ['asks for fresh headers where they are made', fresh, 'refresh'],
    ['does so without consent while nothing is shown', { ...fresh, canRewind: false }, 'refresh'],
    ['does not do so without consent to take text back', { ...fresh, ...shown }, 'give-up'],
    ['does so beyond the limit', { ...fresh, failures: 3 }, 'refresh'],
    ['does so without budget', { ...fresh, hasBudget: false }, 'refresh'],
    ['does not do so with a stream as a body', { ...fresh, canResend: false }, 'give-up'],
  ])('%s', (_sentence, progress, action) => {
    expect(verdict(denied, { progress }).action).toBe(action)
  })

  test('is for the caller to decide', () => {
    expect(verdict(denied, { progress: fresh, options: { shouldRetry: () => false } }).action).toBe('give-up')
    expect(verdict(denied, { options: { shouldRetry: () => true } }).action).toBe('retry')
  })

  test('is asked about again at once', () => {
    const progress = { ...fresh, failures: 2, remainingMs: 1, askedMs: 600_000 }
    expect(verdict(denied, { progress })).toMatchObject({ action: 'refresh', delayMs: 0 })
  })

  test.each([400, 403, 407])('is another thing than a %i', (status) => {
    expect(verdict(http(status), { progress: fresh }).action).toBe('give-up')
  })
})

describe('what is counted', () => {
  test.each([
    ['failures in a row', { attempts: 9, failures: 2 }, 'retry'],
    ['not the requests', { attempts: 1, failures: 3 }, 'give-up'],
  ] as const)('against the limit: %s', (_what, progress, action) => {
    expect(verdict(broken, { progress }).action).toBe(action)
  })

  test('for the wait: failures in a row', () => {
    expect(verdict(broken, { progress: { attempts: 9, failures: 1 } })).toMatchObject({ delayMs: 500 })
  })

  test('by the budget: nothing goes on without', () => {
    expect(verdict(broken, { progress: { hasBudget: false } })).toEqual({
      action: 'give-up',
      reason: 'retry.budget is used up',
    })
    const shouldRetry = vi.fn(() => true)
    expect(verdict(broken, { progress: { hasBudget: false }, options: { shouldRetry } }).action).toBe(
      'give-up',
    )
    expect(shouldRetry).toHaveBeenCalledOnce()
  })
})

describe('what a failure asks for', () => {
  test.each<[string, StreamFailure, number]>([
    ['a response with Retry-After', http(503, { retryAfterMs: 20 }), 20],
    ['a response without', http(503), 0],
    [
      'an in-band error that says when',
      new ApiError({ message: 'x', type: 'a', code: 'b', retryAfterMs: 30 }),
      30,
    ],
    ['an in-band error that does not', inBandQuota, 0],
    ['a broken connection', broken, 0],
    ['an open circuit', held, 0],
  ])('%s', (_what, error, ms) => {
    expect(askedMs(error)).toBe(ms)
  })
})
