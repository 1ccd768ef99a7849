/** How the waits between attempts grow. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { backoffDefaults, backoffMs, type ResolvedBackoff } from '../../src/policy/backoff.ts'

const even: ResolvedBackoff = { baseMs: 500, factor: 2, maxMs: 8_000, jitter: 'none' }

describe('the wait', () => {
  test.each([
    ['starts at the base', 1, even, 500],
    ['doubles', 2, even, 1_000],
    ['doubles again', 4, even, 4_000],
    ['reaches the bound', 5, even, 8_000],
    ['stays at the bound', 6, even, 8_000],
    ['stays at the bound after thousands of failures', 5_000, even, 8_000],
    ['grows by the factor it was given', 3, { ...even, factor: 3 }, 4_500],
    ['stays the same with a factor of 1', 3, { ...even, factor: 1 }, 500],
    ['stays the same with a factor that is switched off', 3, { ...even, factor: 0 }, 500],
    ['is nothing without a base', 3, { ...even, baseMs: 0 }, 0],
    ['is nothing without a base even after thousands of failures', 5_000, { ...even, baseMs: 0 }, 0],
    ['has no bound where that is switched off', 6, { ...even, maxMs: 0 }, 16_000],
  ])('%s', (_sentence, failures, options, expected) => {
    expect(backoffMs(failures, options, 0.5)).toBe(expected)
  })

  test.each([
    [1, 0, 0],
    [1, 0.5, 250],
    [3, 0.25, 500],
    [9, 0.999, 7_992],
  ])('with full jitter after %i failures and a chance of %d is %d ms', (failures, chance, expected) => {
    expect(backoffMs(failures, { ...even, jitter: 'full' }, chance)).toBe(expected)
  })

  test('with full jitter lies between nothing and the bound, whatever the chance', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 2_000 }),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        (failures, chance) => {
          const wait = backoffMs(failures, backoffDefaults, chance)
          expect(wait).toBeGreaterThanOrEqual(0)
          expect(wait).toBeLessThanOrEqual(backoffMs(failures, even, 0))
        },
      ),
    )
  })
})

test('the defaults are those the documentation names, and nobody can change them', () => {
  expect(backoffDefaults).toEqual({ baseMs: 500, factor: 2, maxMs: 8_000, jitter: 'full' })
  expect(backoffDefaults).toSatisfy(Object.isFrozen)
})
