/** What a server may write when it asks to be left alone for a while. */
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { retryAfterMs } from '../../src/policy/retry-after.ts'

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
