/** Whose fault an error is, as a table. */
import { describe, expect, test } from 'vitest'
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
import { blamesServer, isQuota } from '../../src/policy/trouble.ts'
import { http } from '../support/decisions.ts'

describe('the server', () => {
  test.each<[string, StreamFailure]>([
    ['a connection that fails', new NetworkError('connect')],
    ['a connection that breaks', new NetworkError('body')],
    ['an answer that is cut off', new TruncatedError('cut')],
    ['headers that do not come', new TimeoutError('connect', 5)],
    ['a first delta that does not come', new TimeoutError('first', 5)],
    ['a next delta that does not come', new TimeoutError('idle', 5)],
    ['a line without a byte', new TimeoutError('silence', 5)],
    ['a 500', http(500)],
    ['a 529', http(529)],
    ['an in-band overload', api('overloaded_error')],
    ['an in-band server error', api('server_error')],
    ['an in-band status of 503', api(undefined, '503')],
    ['an in-band server error under a vague type', api('error', 'server_error')],
  ])('is to blame for %s', (_what, error) => {
    expect(blamesServer(error)).toBe(true)
  })

  test.each<[string, StreamFailure]>([
    ['an abort', new AbortedError()],
    ['a 400', http(400)],
    ['a 429', http(429)],
    ['a reply that took longer than the caller allows', new TimeoutError('total', 5)],
    ["the caller's headers(), which takes too long", timeoutOf('headers')],
    ["the caller's resume, which takes too long", timeoutOf('resume')],
    ['a callback that throws', new CallbackError('onChunk', new Error('x'))],
    ['another content type', new ProtocolError('html')],
    ['a refusal of its own', new CircuitOpenError(0)],
    ['an in-band refusal', api('invalid_request_error')],
    ['an in-band rate limit', api('rate_limit_error', '429')],
  ])('is not to blame for %s', (_what, error) => {
    expect(blamesServer(error)).toBe(false)
  })
})

describe('what is used up', () => {
  test.each([
    'Your team has either used all available credits or reached its monthly spending limit.', // xAI
    'Account is suspended, possibly due to reaching the monthly spending limit', // Fireworks
    'You have exceeded your monthly included credits for Inference Providers.', // Hugging Face
    'Rate limit exceeded: free-models-per-day. Add 10 credits to unlock 1000 requests per day', // OpenRouter
    'This request requires more credits, or fewer max_tokens.',
  ])('is no rate limit, though the status says so: %s', (message) => {
    expect(isQuota(new ApiError({ message, type: undefined, code: '429' }))).toBe(true)
  })
})

/** A timeout of a clock by its name alone. */
function timeoutOf(phase: string): TimeoutError {
  return Object.assign(new TimeoutError('total', 5), { phase } as object)
}

function api(type: string | undefined, code?: string): ApiError {
  return new ApiError({ message: 'x', type, code })
}
