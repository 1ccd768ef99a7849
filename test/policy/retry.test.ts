/** The decision about another attempt, as a table: no clock, no chance, no network. */
import { describe, expect, test, vi } from 'vitest'
import {
  AbortedError,
  ApiError,
  CallbackError,
  CircuitOpenError,
  NetworkError,
  ProtocolError,
  type StreamFailure,
  TimeoutError,
  TruncatedError,
} from '../../src/errors/errors.ts'
import { askedMs, decide, isLongTimeout, type ResolvedRetry, retryDefaults } from '../../src/policy/retry.ts'
import { isRetryable } from '../../src/policy/trouble.ts'
import { type Case, early, http } from '../support/decisions.ts'

const even: ResolvedRetry = { ...retryDefaults, jitter: 'none' }

function verdict(error: StreamFailure, { progress, options, recovery, chance }: Case = {}) {
  return decide(
    error,
    { ...early, askedMs: askedMs(error), ...progress },
    { ...even, ...options },
    recovery ?? 'auto',
    chance ?? 0.5,
  )
}

function reasonNotTo(error: StreamFailure, situation: Case = {}): string {
  const decision = verdict(error, situation)
  expect(decision.action).toBe('give-up')
  return decision.reason
}

function api(type: string | undefined, code?: string) {
  return new ApiError({ message: 'x', type, code })
}

const network = new NetworkError('connect')
const broken = new NetworkError('body')
const truncated = new TruncatedError('cut')
const idle = new TimeoutError('idle', 5_000)
const quota = { error: { code: 'insufficient_quota' } }

const WORTH_IT: readonly (readonly [string, StreamFailure, string])[] = [
  ['a connection that fails', network, 'the request did not get through'],
  ['a connection that breaks', broken, 'the connection broke'],
  ['an answer that is cut off', truncated, 'the stream ended before the answer did'],
  ['silence', idle, 'no delta for 5000 ms (timeouts.idleMs)'],
  [
    'no headers',
    new TimeoutError('connect', 5),
    'no response headers after 5 ms (timeouts.connectMs), or a proxy keeps them (nginx: proxy_buffering off)',
  ],
  ['no delta', new TimeoutError('first', 5), 'no delta 5 ms after the attempt began (timeouts.firstMs)'],
  ['no byte', new TimeoutError('silence', 5), 'not a byte for 5 ms (timeouts.silenceMs)'],
  ...[408, 425, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524, 529].map(
    (status) => [`a ${status}`, http(status), `the server answered ${status}`] as const,
  ),
  ['a 400 that says x-should-retry', http(400, { shouldRetry: true }), 'the server answered 400'],
  ['an overload', api('overloaded_error'), 'the provider reported overloaded_error'],
  ['a server error', api('server_error'), 'the provider reported server_error'],
  ['a server error under a vague type', api('error', 'server_error'), 'the provider reported error'],
  ['an in-band rate limit', api('rate_limit_error'), 'the provider reported rate_limit_error'],
  ['an in-band 429', api(undefined, '429'), 'the provider reported 429'],
  ['an in-band 502', api(undefined, '502'), 'the provider reported 502'],
]

const NOT_WORTH_IT: readonly (readonly [string, StreamFailure, string])[] = [
  ['an abort', new AbortedError(), 'the reply was aborted'],
  ['a callback that throws', new CallbackError('onChunk', 1), "the caller's onChunk threw"],
  ['an open circuit', new CircuitOpenError(0), 'the circuit is open'],
  ['the end of totalMs', new TimeoutError('total', 5), 'not finished after 5 ms (timeouts.totalMs)'],
  ...[400, 401, 403, 404, 409, 413, 422, 501, 505].map(
    (status) =>
      [
        `a ${status}`,
        http(status),
        `the server answered ${status}, which another attempt would not change`,
      ] as const,
  ),
  [
    'a used-up quota',
    http(429, { body: quota }),
    'the server answered 429, which another attempt would not change',
  ],
  [
    'a used-up quota that says x-should-retry',
    http(429, { body: quota, shouldRetry: true }),
    'the server answered 429, which another attempt would not change',
  ],
  [
    'a 503 that says x-should-retry: false',
    http(503, { shouldRetry: false }),
    'the server answered 503, which another attempt would not change',
  ],
  [
    'another content type',
    new ProtocolError('html'),
    'the response is not a stream, which another attempt would not change',
  ],
  [
    'an in-band refusal',
    api('invalid_request_error'),
    'the provider reported invalid_request_error, which another attempt would not change',
  ],
  [
    'an in-band quota',
    api('server_error', 'insufficient_quota'),
    'the provider reported server_error, which another attempt would not change',
  ],
  [
    'an unnamed error',
    api(undefined),
    'the provider reported an error, which another attempt would not change',
  ],
]

describe('before output', () => {
  test.each(WORTH_IT)('%s is worth another attempt', (_what, error, reason) => {
    expect(verdict(error)).toEqual({ action: 'retry', delayMs: 500, reason })
    expect(isRetryable(error, even)).toBe(true)
  })

  test.each(NOT_WORTH_IT)('%s is not', (_what, error, reason) => {
    expect(verdict(error)).toEqual({ action: 'give-up', reason })
    expect(isRetryable(error, even)).toBe(false)
  })

  test('nobody has to agree to anything', () => {
    expect(verdict(broken, { recovery: 'fail', progress: { canRewind: false } }).action).toBe('retry')
  })

  test('the caller has his own list of statuses', () => {
    expect(verdict(http(503), { options: { statuses: [418] } }).action).toBe('give-up')
    expect(verdict(http(418), { options: { statuses: [418] } }).action).toBe('retry')
  })
})

describe('after output', () => {
  test.each([
    ['auto', true, 'retry'],
    ['auto', false, 'give-up'],
    ['replay', true, 'retry'],
    ['fail', true, 'give-up'],
    ['fail', false, 'give-up'],
  ] as const)("with recovery '%s' and canRewind %s: %s", (recovery, canRewind, action) => {
    expect(verdict(truncated, { recovery, progress: { committed: true, canRewind } }).action).toBe(action)
  })

  test('the reason says what the caller could do', () => {
    const nobody = { progress: { committed: true, canRewind: false } }
    expect(reasonNotTo(broken, nobody)).toMatch(/nobody agreed.*recovery, onRewind or render/)
    expect(reasonNotTo(broken, { ...nobody, recovery: 'fail' })).toBe(
      "recovery is 'fail' and output has been handed out",
    )
  })

  test.each(WORTH_IT)('%s is worth another attempt with consent only', (_what, error) => {
    const actions = [true, false].map((canRewind) =>
      verdict(error, { progress: { committed: true, canRewind } }),
    )
    expect(actions.map(({ action }) => action)).toEqual(['retry', 'give-up'])
  })

  test.each(NOT_WORTH_IT)('%s is still not worth another attempt', (_what, error) => {
    expect(verdict(error, { recovery: 'replay', progress: { committed: true } }).action).toBe('give-up')
  })
})

describe('the limit', () => {
  test.each([
    [2, 2, 'retry'],
    [3, 2, 'give-up'],
    [1, 0, 'give-up'],
    [1, 1, 'retry'],
  ] as const)('after %i attempts with retry.limit %i: %s', (attempts, limit, action) => {
    expect(verdict(network, { progress: { failures: attempts }, options: { limit } }).action).toBe(action)
  })

  test('is named', () => {
    expect(reasonNotTo(network, { progress: { failures: 3 } })).toBe('retry.limit is 2')
  })

  test('a body that is a stream is sent once', () => {
    expect(reasonNotTo(network, { progress: { canResend: false } })).toMatch(/stream, which can be sent once/)
  })
})

describe('a long timeout', () => {
  const long = new TimeoutError('first', 60_001)

  test.each([
    ['the first', long, 1, 'retry'],
    ['the second', long, 2, 'give-up'],
    ['a short one after two long ones', idle, 2, 'retry'],
    ['another error after two long ones', network, 2, 'retry'],
  ] as const)('%s', (_which, error, longTimeouts, action) => {
    expect(verdict(error, { progress: { longTimeouts } }).action).toBe(action)
  })

  test.each([
    [60_000, false],
    [60_001, true],
  ])('%i ms is one: %s', (ms, isLong) => {
    expect(isLongTimeout(new TimeoutError('idle', ms))).toBe(isLong)
  })

  test('is only a timeout', () => {
    expect(isLongTimeout(network)).toBe(false)
  })
})

describe('shouldRetry', () => {
  const yes: Case = { options: { shouldRetry: () => true } }
  const no: Case = { options: { shouldRetry: () => false } }
  const perhaps: Case = { options: { shouldRetry: () => undefined } }

  test.each([
    ['makes a 400 worth it', http(400), yes, 'retry'],
    ['makes another content type worth it', new ProtocolError('html'), yes, 'retry'],
    ['makes a used-up quota worth it', http(429, { body: quota }), yes, 'retry'],
    ['makes a 503 not worth it', http(503), no, 'give-up'],
    ['leaves a 503 to the table', http(503), perhaps, 'retry'],
    ['leaves a 400 to the table', http(400), perhaps, 'give-up'],
    ['cannot lift the limit', network, { ...yes, progress: { failures: 3 } }, 'give-up'],
    [
      'cannot consent for the reader',
      broken,
      { ...yes, progress: { committed: true, canRewind: false } },
      'give-up',
    ],
    ['cannot send a stream twice', network, { ...yes, progress: { canResend: false } }, 'give-up'],
    ['cannot outlast totalMs', network, { ...yes, progress: { remainingMs: 500 } }, 'give-up'],
    ['is not asked about an abort', new AbortedError(), yes, 'give-up'],
    ['is not asked about a callback', new CallbackError('onChunk', 1), yes, 'give-up'],
    ['is not asked about an open circuit', new CircuitOpenError(0), yes, 'give-up'],
    ['is not asked about the end of totalMs', new TimeoutError('total', 5), yes, 'give-up'],
  ] as const)('%s', (_sentence, error, situation, action) => {
    expect(verdict(error, situation).action).toBe(action)
  })

  test('is told the error and how far the reply has come', () => {
    const shouldRetry = vi.fn(() => true)
    verdict(network, { options: { shouldRetry } })
    expect(shouldRetry).toHaveBeenCalledExactlyOnceWith(network, early)
  })
})

describe('the delay', () => {
  test.each([
    ['grows with the attempts', network, { progress: { failures: 2 } }, 1_000],
    ['is drawn by chance', network, { options: { jitter: 'full' }, chance: 0.25 }, 125],
    ['stays above Retry-After', http(429, { retryAfterMs: 3_000 }), {}, 3_500],
    [
      'is no more than Retry-After where chance says so',
      http(429, { retryAfterMs: 3_000 }),
      { options: { jitter: 'full' }, chance: 0 },
      3_000,
    ],
    ['waits for a Retry-After at the cap', http(503, { retryAfterMs: 60_000 }), {}, 60_500],
    ['fits into what is left of totalMs', network, { progress: { remainingMs: 501 } }, 500],
  ] as const)('%s', (_sentence, error, situation, delayMs) => {
    expect(verdict(error, situation)).toMatchObject({ action: 'retry', delayMs })
  })

  test('is not waited for beyond the cap on Retry-After', () => {
    expect(reasonNotTo(http(429, { retryAfterMs: 60_001 }))).toBe(
      'the server asks to wait 61 s, longer than retry.maxRetryAfterMs',
    )
  })

  test('is not waited for where totalMs would run out', () => {
    expect(reasonNotTo(network, { progress: { remainingMs: 500 } })).toBe(
      'timeouts.totalMs ends before the next attempt',
    )
  })
})
