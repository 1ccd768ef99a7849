/** The vocabulary of failure, and what never shows up in it. */

import { inspect } from 'node:util'
import { describe, expect, test } from 'vitest'
import {
  AbortedError,
  ApiError,
  CallbackError,
  CircuitOpenError,
  HttpError,
  NetworkError,
  ProtocolError,
  StreamError,
  type StreamFailure,
  TimeoutError,
  TruncatedError,
} from '../../src/errors/errors.ts'
import { withEvidence } from '../../src/errors/evidence.ts'
import { providerError } from '../../src/errors/provider-error.ts'
import { engineCause, redact, scrubbed } from '../../src/errors/redact.ts'
import { type Answer, nothing } from '../../src/events.ts'
import { comparing } from '../support/everything.ts'

const body = { error: { message: 'No', type: 'auth', code: 7 }, prompt: 'DIARY' }
const url = 'https://api.example.com/v1'
const facts = {
  status: 503,
  url,
  body,
  retryAfterMs: 9,
  requestId: 'req-1',
  shouldRetry: false,
  named: providerError(body),
}

const ALL: readonly (readonly [StreamFailure['code'], string, StreamFailure, string])[] = [
  ['aborted', 'AbortError', new AbortedError('why'), 'The reply was aborted'],
  ['timeout', 'TimeoutError', new TimeoutError('idle', 60_000), 'No delta for 60000 ms (timeouts.idleMs)'],
  ['network', 'NetworkError', new NetworkError('body'), 'The connection broke while the answer was arriving'],
  ['http', 'HttpError', new HttpError('It said 503', facts), 'It said 503'],
  ['api', 'ApiError', new ApiError({ message: 'No', type: 'auth', code: '7' }), 'No'],
  ['truncated', 'TruncatedError', new TruncatedError('Cut'), 'Cut'],
  ['protocol', 'ProtocolError', new ProtocolError('HTML', { status: 200, body }), 'HTML'],
  [
    'circuit-open',
    'CircuitOpenError',
    new CircuitOpenError(0),
    'Not sent: the circuit is open after repeated failures, until 1970-01-01T00:00:00.000Z',
  ],
  ['callback', 'CallbackError', new CallbackError('onChunk', new Error('x')), "The caller's onChunk threw"],
]

describe.each(ALL)('%s', (code, name, error, message) => {
  test('is told apart by its code and its name', () => {
    expect(error).toBeInstanceOf(StreamError)
    expect(error).toBeInstanceOf(Error)
    expect([error.code, error.name, error.message]).toEqual([code, name, message])
    expect(String(error)).toBe(`${name}: ${message}`)
  })

  test('begins without evidence', () => {
    expect([error.attempts, error.retryable, error.answer]).toEqual([0, false, nothing])
  })

  test('shows its evidence to a log, but neither the answer nor a body', () => {
    const known = withEvidence(error, { attempts: 2, retryable: true, answer: answerOf('SECRET') })
    expect(known).toBe(error)
    expect(error.answer?.text).toBe('SECRET')
    const json = JSON.stringify(error)
    expect(JSON.parse(json)).toMatchObject({ name, code, message, attempts: 2, retryable: true })
    for (const text of [json, inspect(error), inspect({ error }, { depth: 9 }), inspect([{ ...error }])])
      expect(text).not.toMatch(/SECRET|DIARY/)
    expect(json).not.toMatch(/stack|cause/)
    expect(inspect(error)).toContain(message)
  })
})

test('a body is there for code', () => {
  expect(new HttpError('x', facts).body).toBe(body)
  expect(new ProtocolError('x', { body }).body).toBe(body)
})

test('a cause is there for code, and none where there was none', () => {
  const cause = new Error('x')
  expect(new NetworkError('connect', cause).cause).toBe(cause)
  expect(new ProtocolError('x', { cause }).cause).toBe(cause)
  expect(new CircuitOpenError(0, cause).cause).toBe(cause)
  expect(new NetworkError('connect')).not.toHaveProperty('cause')
})

describe('an HttpError', () => {
  test('carries what the response said about itself', () => {
    expect(new HttpError('x', facts)).toMatchObject({
      ...{ status: 503, url, retryAfterMs: 9, requestId: 'req-1', shouldRetry: false },
      ...{ type: 'auth', providerCode: '7' },
    })
  })

  test('takes a body that is no error as it is', () => {
    expect(new HttpError('x', { ...facts, body: '<html>', named: undefined })).toMatchObject({
      type: undefined,
    })
  })
})

describe('an ApiError', () => {
  test.each([
    [{ message: 'Busy', type: 'a', code: 'b' }, 'Busy'],
    [
      { message: undefined, type: 'overloaded', code: undefined },
      'The provider reported an error (overloaded)',
    ],
    [{ message: undefined, type: undefined, code: undefined }, 'The provider reported an error'],
  ])('of %o says: %s', (named, message) => {
    const error = new ApiError(named)
    expect(error.message).toBe(message)
    expect([error.type, error.providerCode]).toEqual([named.type, named.code])
  })
})

describe('a secret', () => {
  test('is taken out of a text, every time', () => {
    expect(redact('key sk-1 and sk-1, or pw', ['sk-1', 'pw'])).toBe(
      'key [redacted] and [redacted], or [redacted]',
    )
    expect(redact('nothing', [])).toBe('nothing')
  })

  test('is taken as it stands, not as a pattern', () => {
    expect(redact('a.c abc', ['a.c'])).toBe('[redacted] abc')
  })

  test('is taken out of the message and the stack', () => {
    const error = scrubbed(new ApiError({ message: 'Bad key sk-1', type: 'a', code: 'b' }), ['sk-1'])
    expect(error.message).toBe('Bad key [redacted]')
    expect(inspect(error)).not.toContain('sk-1')
  })
})

describe('what an engine threw', () => {
  test('is copied: name, message, code and causes, without secrets and without what hangs on it', () => {
    const inner = Object.assign(new Error('refused for sk-1'), { code: 'ECONNREFUSED', request: 'sk-1' })
    const thrown = Object.assign(new TypeError('fetch failed for sk-1', { cause: inner }), {
      request: { headers: { authorization: 'sk-1' } },
    })
    const copy = engineCause(thrown, ['sk-1']) as Error & { cause: Error & { code: string } }
    expect(copy).not.toBe(thrown)
    expect([copy.name, copy.message]).toEqual(['TypeError', 'fetch failed for [redacted]'])
    expect([copy.cause.message, copy.cause.code]).toEqual(['refused for [redacted]', 'ECONNREFUSED'])
    expect(copy.stack).toContain('errors.test')
    expect(inspect(copy, { depth: 9, showHidden: true })).not.toContain('sk-1')
    expect(copy).not.toHaveProperty('request')
  })

  test.each([
    ['a text', 'no sk-1', 'no [redacted]'],
    ['an object', { headers: 'sk-1' }, undefined],
    ['nothing', undefined, undefined],
    ['a number', 5, undefined],
  ])('may be %s', (_what, thrown, expected) => {
    expect(engineCause(thrown, ['sk-1'])).toBe(expected)
  })

  test('may be its own cause', () => {
    const thrown: Error & { cause?: unknown } = new Error('round')
    thrown.cause = thrown
    let depth = 0
    for (let each = engineCause(thrown, []); each instanceof Error; each = each.cause) depth++
    expect(depth).toBe(4)
  })

  test('keeps a code that is a word only', () => {
    expect(engineCause(Object.assign(new Error('x'), { code: 20 }), [])).not.toHaveProperty('code')
  })
})

function answerOf(text: string): Answer {
  const transcript = comparing(0)
  transcript.add({ type: 'text', text })
  return transcript.snapshot()
}
