/** What may come back as a breaker's memory from a storage that others write to. */
import { describe, expect, test } from 'vitest'
import { isSavedBreaker } from '../../src/policy/breaker.ts'

describe('a value from a storage that others write to', () => {
  test.each<[string, unknown]>([
    ['nothing', undefined],
    ['null', null],
    ['a text', 'open'],
    ['JSON that was not parsed', '{"state":"isolated"}'],
    ['a number', 1],
    ['a list', ['isolated']],
    ['an empty object', {}],
    ['an unknown state', { state: 'ajar', failedAt: [], until: 0, failures: 0 }],
    ['half-open, which is never saved', { state: 'half-open', failures: 2 }],
    ['a state that is no text', { state: ['isolated'] }],
    ['closed without failedAt', { state: 'closed' }],
    ['closed with one time', { state: 'closed', failedAt: 5 }],
    ['closed with times in text', { state: 'closed', failedAt: ['5'] }],
    ['closed with a time of null, as JSON makes of NaN', { state: 'closed', failedAt: [1, null] }],
    ['closed with a time of NaN', { state: 'closed', failedAt: [Number.NaN] }],
    ['open without until', { state: 'open', failures: 2 }],
    ['open without failures', { state: 'open', until: 5 }],
    ['open until NaN', { state: 'open', until: Number.NaN, failures: 2 }],
    ['open until Infinity', { state: 'open', until: Number.POSITIVE_INFINITY, failures: 2 }],
    ['open until null', { state: 'open', until: null, failures: 2 }],
    ['open until a date in text', { state: 'open', until: '2027-01-01', failures: 2 }],
    ['open after failures in text', { state: 'open', until: 5, failures: '2' }],
  ])('is refused: %s', (_what, value) => {
    expect(isSavedBreaker(value)).toBe(false)
  })

  test.each<[string, unknown]>([
    ['closed', { state: 'closed', failedAt: [] }],
    ['closed after failures', { state: 'closed', failedAt: [1, 2.5] }],
    ['open', { state: 'open', until: 5, failures: 2 }],
    ['isolated', { state: 'isolated' }],
  ])('is taken: %s', (_what, value) => {
    expect(isSavedBreaker(value)).toBe(true)
  })
})
