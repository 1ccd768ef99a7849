/** What providers say when they say no, and whatever else may stand in its place. */
import { describe, expect, test } from 'vitest'
import { providerError } from '../../src/errors/provider-error.ts'

const none = { message: undefined, type: undefined, code: undefined }

describe("a provider's error", () => {
  test.each([
    ['an object', { error: { message: 'm', type: 't', code: 'c' } }, { message: 'm', type: 't', code: 'c' }],
    ['numbers', { error: { message: 5, code: 429 } }, { message: '5', type: undefined, code: '429' }],
    ['a text', { error: 'Busy' }, { ...none, message: 'Busy' }],
    ['a message alone', { message: 'Busy', code: 'x' }, { ...none, message: 'Busy', code: 'x' }],
    ['an empty object', { error: {} }, none],
    ['an object of another kind', { error: { message: { a: 1 }, type: null, code: [] } }, none],
    ['true beside a message', { error: true, message: 'Busy' }, { ...none, message: 'Busy' }],
    ['null beside a message', { error: null, message: 'Busy' }, { ...none, message: 'Busy' }],
    [
      'a status in words, as Gemini gives it',
      { error: { code: 429, message: 'Busy', status: 'RESOURCE_EXHAUSTED' } },
      { message: 'Busy', type: 'RESOURCE_EXHAUSTED', code: '429' },
    ],
    [
      'a type, which goes before a status',
      { error: { message: 'm', type: 't', status: 's' } },
      { ...none, message: 'm', type: 't' },
    ],
    ['a status that is a number', { message: 'm', status: 503 }, { ...none, message: 'm' }],
    ['the first of a list', [{ error: { message: 'one' } }, { error: 'two' }], { ...none, message: 'one' }],
  ])('is read from %s', (_what, given, expected) => {
    expect(providerError(given)).toEqual(expected)
  })

  test.each([
    ['nothing', undefined],
    ['null', null],
    ['a text', 'error'],
    ['a number', 5],
    ['an answer', { choices: [] }],
    ['no error', { error: null }],
    ['an error that is false', { error: false }],
    ['an error that is empty', { error: '' }],
    ['a type alone', { type: 'ping' }],
    ['a list', [1]],
    ['an empty list', []],
    ['a list of nothing', [null, { error: 'late' }]],
  ])('is not found in %s', (_what, given) => {
    expect(providerError(given)).toBeUndefined()
  })

  test('is cut where it is longer than a log line', () => {
    const read = providerError({ error: { message: 'x'.repeat(5_000), type: 'y'.repeat(5_000) } })
    expect(read?.message).toBe(`${'x'.repeat(300)}…`)
    expect(read?.type).toHaveLength(301)
    expect(providerError({ error: 'x'.repeat(300) })?.message).toBe('x'.repeat(300))
  })
})

describe('an error that says `retryable: false`', () => {
  test.each([
    ['in `error`', { error: { message: 'm', code: 'overloaded', retryable: false } }],
    ['beside it', { error: { message: 'm' }, retryable: false }],
    ['at the top, as the AI SDK writes it', { type: 'error', errorText: 'm', retryable: false }],
  ])('is final: %s', (_where, given) => {
    expect(providerError(given)).toMatchObject({ message: 'm', isFinal: true })
  })

  test.each([
    ['true', { error: { message: 'm', retryable: true } }],
    ['no boolean', { error: { message: 'm', retryable: 'false' } }],
    ['nothing', { error: { message: 'm' } }],
  ])('is none that says %s', (_what, given) => {
    expect(providerError(given)).not.toHaveProperty('isFinal')
  })
})

describe('how long it asks to be left alone', () => {
  const RETRY_INFO = 'type.googleapis.com/google.rpc.RetryInfo'
  const gemini = (details: unknown, message = 'Quota exceeded.') => [
    { error: { code: 429, message, status: 'RESOURCE_EXHAUSTED', details } },
  ]

  test.each([
    ['Rate limit reached for gpt-4o on tokens per min (TPM). Please try again in 11.054s. Visit …', 11_054],
    ['Limit 30000, Used 29000. Please try again in 7m12s. Need more tokens?', 432_000],
    ['Please try again in 86ms.', 86],
    ['Please try again in 1h12m0s.', 4_320_000],
    ['Rate limit is exceeded. Try again in 26 seconds.', 26_000],
    ['Requests have exceeded call rate limit. Please retry after 26 seconds.', 26_000],
    ['Please retry after 1 second. Please contact Azure support.', 1_000],
    ['You exceeded your current quota. Please retry in 34.074824224s.', 34_074.824_224],
    ['PLEASE TRY AGAIN IN 20S', 20_000],
    ['try again in 20s 5 times at most', 20_000],
    ['Try again after 2 minutes 5 seconds, please', 125_000],
  ])('is read from: %s', (message, ms) => {
    expect(providerError({ error: { message } })?.retryAfterMs).toBeCloseTo(ms, 6)
    expect(providerError({ error: message })?.retryAfterMs).toBeCloseTo(ms, 6)
    expect(providerError({ message })?.retryAfterMs).toBeCloseTo(ms, 6)
  })

  test.each([
    'The model is overloaded.',
    'Please try again later.',
    'Please try again in a moment.',
    'Please try again in 5 business days.',
    'Please try again in 20',
    'It took 20s. Please try again.',
    'retry after lunch, in 20s',
    'The limit is 30s per request.',
  ])('is not in: %s', (message) => {
    expect(providerError({ error: { message } })).not.toHaveProperty('retryAfterMs')
  })

  test.each<[string, unknown, number | undefined]>([
    ['a RetryInfo', [{ '@type': RETRY_INFO, retryDelay: '34.07s' }], 34_070],
    ['a RetryInfo after other details', [{ '@type': 'x', links: [] }, { retryDelay: '5s' }], 5_000],
    ['the first of several', [{ retryDelay: '1s' }, { retryDelay: '9s' }], 1_000],
    ['no delay', [{ '@type': RETRY_INFO }], undefined],
    ['a delay that is a number', [{ retryDelay: 34 }], undefined],
    ['a delay in parts', [{ retryDelay: { seconds: 34 } }], undefined],
    ['a delay that is none', [{ retryDelay: 'soon' }], undefined],
    ['details that are no list', { retryDelay: '5s' }, undefined],
    ['details of null', null, undefined],
    ['a list of nothing', [null, 5, 'x', [], undefined], undefined],
  ])('is read from details: %s', (_what, details, ms) => {
    expect(providerError(gemini(details))?.retryAfterMs).toBe(ms)
  })

  test('is read from the details first, which are exact', () => {
    const said = 'Please retry in 34s.'
    expect(providerError(gemini([{ retryDelay: '34.07s' }], said))?.retryAfterMs).toBe(34_070)
    expect(providerError(gemini([{ '@type': 'x' }], said))?.retryAfterMs).toBe(34_000)
  })
})

describe('a provider that means harm', () => {
  const mega = 1_000_000

  test.each([
    ['a long word', 'x'.repeat(mega)],
    ['digits', `try again in ${'1'.repeat(mega)}`],
    ['durations', `try again in ${'1s '.repeat(mega / 3)}`],
    ['durations of no unit', `try again in ${'1x'.repeat(mega / 2)}`],
    ['blanks', `try again in 1${' '.repeat(mega)}s`],
    ['the same words over and over', 'try again in '.repeat(mega / 13)],
    ['numbers with points', `retry after ${'1.'.repeat(mega / 2)}`],
  ])('keeps nobody busy with a megabyte of %s', (_what, message) => {
    const startedAt = performance.now()
    for (const body of [
      { error: { message, type: message, code: message } },
      { error: message },
      { message },
    ])
      expect(providerError(body)?.message).toHaveLength(301)
    expect(performance.now() - startedAt).toBeLessThan(5_000)
  })

  test('changes no prototype', () => {
    const body: unknown = JSON.parse(
      '{"__proto__":{"polluted":1},"error":{"__proto__":{"message":"up"},"constructor":{"message":"up"}}}',
    )
    expect(providerError(body)).toEqual(none)
    expect({}).not.toHaveProperty('polluted')
    expect(providerError(JSON.parse('{"__proto__":{"error":"up"}}'))).toBeUndefined()
  })

  test.each([
    ['lists for texts', { error: { message: ['a'], type: ['b'], code: ['c'] } }],
    ['truths for texts', { error: { message: true, type: false, code: true } }],
    ['objects that pretend to be texts', { error: { message: { toString: 'x', length: 9 } } }],
    ['a list for an error', { error: ['Busy'] }],
  ])('puts %s and is not believed', (_what, body) => {
    expect(providerError(body)).toEqual(none)
  })
})

test('a list in a list in a list … is read without a throw', () => {
  const deep: unknown = JSON.parse('['.repeat(10_000) + ']'.repeat(10_000))
  expect(providerError(deep)).toBeUndefined()
})

test('a delay that cannot be read does not hide one that can, and an endless one keeps nobody busy', () => {
  const asked = (retryDelay: string) =>
    providerError({ error: { message: 'Please retry in 5s', details: [{ retryDelay }] } })?.retryAfterMs
  expect(asked('soon')).toBe(5_000)
  expect(asked('9'.repeat(1_000_000))).toBe(5_000)
})
