/** How long a while is, as providers write it. */
import { describe, expect, test } from 'vitest'
import { durationMs } from '../../src/errors/duration.ts'

describe('a duration', () => {
  test.each([
    ['11.054s', 11_054],
    ['7m12s', 432_000],
    ['1m0.052s', 60_052],
    ['6m0s', 360_000],
    ['1h2m3.5s', 3_723_500],
    ['1d2h', 93_600_000],
    ['120ms', 120],
    ['86.5ms', 86.5],
    ['1s500ms', 1_500],
    ['34.074824224s', 34_074.824224],
    ['0s', 0],
    ['26 seconds', 26_000],
    ['1 second', 1_000],
    ['5 secs', 5_000],
    ['1 sec', 1_000],
    ['20 milliseconds', 20],
    ['1 millisecond', 1],
    ['1 minute 30 seconds', 90_000],
    ['2 mins', 120_000],
    ['3 hours', 10_800_000],
    ['1 hour, 1 min', 3_660_000],
    ['2 days', 172_800_000],
    ['11.054S', 11_054],
    ['7M12S', 432_000],
    ['26 SECONDS', 26_000],
    ['120MS', 120],
    ['  3 s  ', 3_000],
    ['3s.', 3_000],
  ])('of %j is %d ms', (text, ms) => {
    expect(durationMs(text)).toBeCloseTo(ms, 6)
  })
})

describe('no duration', () => {
  test.each([
    '',
    ' ',
    'soon',
    's',
    'ms',
    '5',
    '5.5',
    '5 ',
    '5 weeks',
    '5 months',
    '5 scoops',
    '3 more times',
    'five seconds',
    'in a minute',
    '2026-10-21T07:28:30Z',
    '7:12',
    'NaNs',
    'Infinity s',
  ])('is %j', (text) => {
    expect(durationMs(text)).toBeUndefined()
  })
})
