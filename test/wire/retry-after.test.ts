/** What a server may write when it asks to be left alone for a while. */
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { rateLimitResetMs, retryAfterMs } from '../../src/wire/retry-after.ts'

const today = Date.UTC(2026, 9, 21, 7, 28, 0)
const asked = (headers: Record<string, string>) => retryAfterMs(new Headers(headers), today)

// Where local time is not Greenwich's, a date without a zone shows what it was taken for.
beforeAll(() => {
  vi.stubEnv('TZ', 'Asia/Tokyo')
})
afterAll(() => {
  vi.unstubAllEnvs()
})

describe('Retry-After', () => {
  test('is tested far from Greenwich', () => {
    expect(new Date(0).getTimezoneOffset()).toBe(-540)
  })

  test.each([
    ['seconds', '3', 3_000],
    ['no seconds', '0', 0],
    ['an hour', '3600', 3_600_000],
    ['a fraction of a second', '0.5', 500],
    ['seconds in blanks', '  2  ', 2_000],
    ['a date to come', 'Wed, 21 Oct 2026 07:28:30 GMT', 30_000],
    ['the date it is', 'Wed, 21 Oct 2026 07:28:00 GMT', 0],
    ['a date that is past', 'Wed, 21 Oct 2015 07:28:00 GMT', 0],
    ['a date in the obsolete form of RFC 850', 'Wednesday, 21-Oct-26 07:28:10 GMT', 10_000],
    ["a date in the form of C's asctime, which names no zone", 'Wed Oct 21 07:28:10 2026', 10_000],
    ['a date with its zone as a number', 'Wed, 21 Oct 2026 07:28:10 +0000', 10_000],
  ])('is read as %s', (_what, value, ms) => {
    expect(asked({ 'retry-after': value })).toBe(ms)
  })

  test.each([
    ['nothing', ''],
    ['blanks', '   '],
    ['words', 'soon'],
    ['words with a number', 'try again in 5'],
    ['words with a year', 'sometime in 2050'],
    ['words with a date, which names no zone', 'maintenance until 2026-12-01 10:00:00'],
    ['a day with a number', 'Monday try again in 5'],
    ['a negative number', '-5'],
    ['a number with an exponent', '1e3'],
    ['a hexadecimal number', '0x10'],
    ['a version', '1.5.2'],
    ['a number with a unit', '5s'],
    ['a number with a comma', '1,5'],
    ['two answers', '1, 2'],
    ['a date that does not exist', 'Wed, 99 Foo 2026 07:28:00 GMT'],
    ['infinity', 'Infinity'],
    ['not a number', 'NaN'],
  ])('is not read where it says %s', (_what, value) => {
    expect(asked({ 'retry-after': value })).toBeUndefined()
  })

  test('is not invented where there is none', () => {
    expect(asked({})).toBeUndefined()
  })
})

describe('retry-after-ms', () => {
  test.each([
    ['goes before Retry-After', { 'retry-after-ms': '80', 'retry-after': '1' }, 80],
    ['goes before Retry-After even at nothing', { 'retry-after-ms': '0', 'retry-after': '1' }, 0],
    ['is enough', { 'retry-after-ms': '1500' }, 1_500],
    ['may have a fraction', { 'retry-after-ms': '12.5' }, 12.5],
    ['gives way where it is not a number', { 'retry-after-ms': 'soon', 'retry-after': '1' }, 1_000],
    ['gives way where it is negative', { 'retry-after-ms': '-1', 'retry-after': '1' }, 1_000],
    ['is no date', { 'retry-after-ms': 'Wed, 21 Oct 2026 07:28:30 GMT' }, undefined],
  ])('%s', (_sentence, headers, ms) => {
    expect(asked(headers as Record<string, string>)).toBe(ms)
  })
})

describe('a rate limit that is used up', () => {
  const reset = (headers: Record<string, string>) => rateLimitResetMs(new Headers(headers), today)
  const usedUp = (value: string) => reset({ 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': value })

  test.each([
    ['minutes and seconds', '6m0s', 360_000],
    ['a fraction of a second', '7.66s', 7_660],
    ['milliseconds', '120ms', 120],
    ['hours, minutes and seconds', '1h2m3.5s', 3_723_500],
    ['days', '1d', 86_400_000],
    ['nothing left to wait', '0s', 0],
    ['a date', '2026-10-21T07:28:30Z', 30_000],
    ['a date in another zone', '2026-10-21T16:28:30+09:00', 30_000],
    ['a date with a fraction', '2026-10-21T07:28:00.250Z', 250],
    ['a date that is past', '2026-10-21T07:27:00Z', 0],
    ['seconds', '30', 30_000],
    ['seconds with a fraction', '1.5', 1_500],
    ['no seconds', '0', 0],
    ['seconds, as many as can be no date', '999999999', 999_999_999_000],
    ['seconds since the epoch', String(today / 1_000 + 30), 30_000],
    ['milliseconds since the epoch', String(today + 30_000), 30_000],
    ['a second since the epoch that is past', '1000000000', 0],
    ['a millisecond since the epoch that is past', '1000000000000', 0],
  ])('is full again after %s', (_what, value, ms) => {
    expect(usedUp(value)).toBe(ms)
  })

  test.each([
    '',
    'soon',
    'soon 5',
    'sometime in 2050',
    '-5',
    '1,5',
    'NaN',
    'Infinity',
    '1e3',
    '0x10',
    '{}',
    'null',
    '2026-99-99T07:28:30Z',
  ])('does not say when with %j', (value) => {
    expect(usedUp(value)).toBeUndefined()
  })

  test.each<[string, Record<string, string>, number | undefined]>([
    ['of OpenAI', { 'x-ratelimit-remaining-tokens': '0', 'x-ratelimit-reset-tokens': '1m0s' }, 60_000],
    [
      'of Anthropic',
      {
        'anthropic-ratelimit-requests-remaining': '0',
        'anthropic-ratelimit-requests-reset': '2026-10-21T07:28:10Z',
      },
      10_000,
    ],
    ['of the standard to be', { 'RateLimit-Remaining': '0', 'RateLimit-Reset': '5' }, 5_000],
    [
      'that is none: something is left',
      { 'x-ratelimit-remaining': '1', 'x-ratelimit-reset': '5' },
      undefined,
    ],
    ['that does not say what is left', { 'x-ratelimit-reset': '5' }, undefined],
    ['that does not say when', { 'x-ratelimit-remaining': '0' }, undefined],
    [
      'of another kind than the reset',
      { 'x-ratelimit-remaining-a': '0', 'x-ratelimit-reset-b': '5' },
      undefined,
    ],
    ['by other names', { 'x-remaining': '0', 'x-reset': '5' }, undefined],
    ['without headers', {}, undefined],
  ])('%s', (_whose, headers, ms) => {
    expect(reset(headers)).toBe(ms)
  })

  test('is one of several: the longest of those that are used up', () => {
    const several = {
      ...{ 'x-ratelimit-remaining-requests': '0', 'x-ratelimit-reset-requests': '2s' },
      ...{ 'x-ratelimit-remaining-tokens': '0', 'x-ratelimit-reset-tokens': '6m0s' },
      ...{ 'x-ratelimit-remaining-images': '3', 'x-ratelimit-reset-images': '9h' },
    }
    expect(reset(several)).toBe(360_000)
    expect(reset({ ...several, 'x-ratelimit-reset-tokens': 'soon' })).toBe(2_000)
    expect(reset({ ...several, 'x-ratelimit-remaining-tokens': '5' })).toBe(2_000)
  })
})
