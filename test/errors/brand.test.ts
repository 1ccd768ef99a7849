/** A page may hold two copies of the library, a bundled one and one from a script tag: each knows the other's errors. */
import { describe, expect, test } from 'vitest'
import type { StreamError } from '../../src/index.ts'

type Copy = typeof import('../../src/index.ts')

const bundled = await copyFrom('index.js')
const fromScriptTag = await copyFrom('holdfast.min.js')

/** As built, and not through `src`: that would be a third copy. */
function copyFrom(name: string): Promise<Copy> {
  return import(new URL(`../../dist/${name}`, import.meta.url).href)
}

const http = {
  url: 'https://api.example.com/',
  body: undefined,
  retryAfterMs: undefined,
  requestId: undefined,
}
const named = { message: 'No', type: 'quota', code: undefined }

function oneOfEach(copy: Copy): readonly StreamError[] {
  return [
    new copy.AbortedError(),
    new copy.TimeoutError('idle', 5),
    new copy.NetworkError('body'),
    new copy.HttpError('x', { ...http, status: 503, shouldRetry: undefined, named: undefined }),
    new copy.ApiError(named),
    new copy.TruncatedError('x'),
    new copy.ProtocolError('x'),
    new copy.CircuitOpenError(0),
    new copy.CallbackError('onChunk', new Error('x')),
  ]
}

function classesOf(copy: Copy): readonly (abstract new (...given: never[]) => StreamError)[] {
  const { AbortedError, TimeoutError, NetworkError, HttpError, ApiError } = copy
  const { TruncatedError, ProtocolError, CircuitOpenError, CallbackError } = copy
  return [
    ...[AbortedError, TimeoutError, NetworkError, HttpError, ApiError],
    ...[TruncatedError, ProtocolError, CircuitOpenError, CallbackError],
  ]
}

test('the two copies share no class', () => {
  expect(bundled.StreamError).not.toBe(fromScriptTag.StreamError)
  expect(Object.getPrototypeOf(oneOfEach(fromScriptTag)[0])).not.toBe(bundled.AbortedError.prototype)
})

describe.each([
  ['its own', bundled, bundled],
  ['those of a script tag', bundled, fromScriptTag],
  ['those of a bundle', fromScriptTag, bundled],
])('a copy knows %s', (_whose, asking, making) => {
  test.each(oneOfEach(making).map((error, at) => [error.code, error, at] as const))('%s', (_, error, at) => {
    expect(asking.isStreamError(error)).toBe(true)
    expect(error instanceof asking.StreamError).toBe(true)
    const known = classesOf(asking).map((each) => error instanceof each)
    expect(known).toEqual(known.map((_each, place) => place === at))
  })

  test('as a reply ends with them', async () => {
    const fetch = async () => new Response('{}', { status: 503 })
    const error = await making.stream('https://api.example.com/', { fetch, retry: false }).text().catch(same)
    expect(asking.isStreamError(error) && error.code === 'http' && error.status).toBe(503)
    expect([error instanceof asking.HttpError, error instanceof asking.ApiError]).toEqual([true, false])
  })
})

describe('a class that somebody derived from ours', () => {
  class QuotaError extends bundled.ApiError {}
  const quota = new QuotaError(named)

  test('is told by its own name and by ours, in either copy', () => {
    expect(quota instanceof QuotaError).toBe(true)
    for (const { isStreamError, StreamError, ApiError, HttpError } of [bundled, fromScriptTag]) {
      expect([isStreamError(quota), quota instanceof StreamError, quota instanceof ApiError]).not.toContain(
        false,
      )
      expect(quota instanceof HttpError).toBe(false)
    }
  })

  test('takes none of ours for its own', () => {
    for (const error of [...oneOfEach(bundled), ...oneOfEach(fromScriptTag)])
      expect(error instanceof QuotaError).toBe(false)
  })

  test('may have a code of its own', () => {
    class OwnError extends bundled.StreamError {
      static override readonly code = 'own'
    }
    const own = new OwnError('OwnError', 'x')
    expect([own.code, own instanceof OwnError, own instanceof bundled.StreamError]).toEqual([
      'own',
      true,
      true,
    ])
    expect([own instanceof bundled.ApiError, quota instanceof OwnError]).toEqual([false, false])
    expect(bundled.isStreamError(own)).toBe(true)
  })
})

describe.each([
  ['null', null],
  ['undefined', undefined],
  ['a text', 'http'],
  ['a number', 503],
  ['a symbol', Symbol.for('holdfast.error')],
  ['an empty object', {}],
  ['an object without a prototype', Object.create(null)],
  [
    'an object with our properties',
    { name: 'HttpError', code: 'http', message: 'x', attempts: 1, status: 503 },
  ],
  ['an error of the engine, with our code', Object.assign(new Error('x'), { code: 'http' })],
  ['an abort of the engine', new DOMException('x', 'AbortError')],
  ['the class itself', bundled.StreamError],
])('%s', (_what, value: unknown) => {
  test('is no error of ours', () => {
    expect(bundled.isStreamError(value)).toBe(false)
    for (const each of classesOf(bundled)) expect(value instanceof each).toBe(false)
    expect(value instanceof bundled.StreamError).toBe(false)
    expect(bundled.StreamError[Symbol.hasInstance](value)).toBe(false)
  })
})

function same(thrown: unknown): unknown {
  return thrown
}
