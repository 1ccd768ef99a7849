/** How much of what waits is shown, and where it may be cut. */
import { afterEach, describe, expect, test, vi } from 'vitest'
import { due } from '../../src/dom/pace.ts'

const FAMILY = '👨‍👩‍👧'
const FLAG = '🇩🇪'
const ACCENT = 'e\u0301'

afterEach(() => vi.unstubAllGlobals())

describe('of what waits is due', () => {
  test.each([
    ['a share as large as the time that has passed', 'x'.repeat(100), 125, 50],
    ['at least one character', 'x'.repeat(3), 0, 1],
    ['a whole grapheme rather than none', `${FAMILY}xx`, 1, FAMILY.length],
    ['all of it after 250 ms', 'x'.repeat(100), 250, 100],
    ['all of a burst', 'x'.repeat(1_501), 1, 1_501],
    ['nothing of the last grapheme, whose end may still come', 'x', 100, 0],
    ['the last grapheme after 250 ms', FAMILY, 250, FAMILY.length],
    ['nothing of nothing', '', 10, 0],
  ])('%s', (_what, waiting, elapsedMs, expected) => {
    expect(due(waiting, elapsedMs)).toBe(expected)
  })

  test.each([
    ['a family', FAMILY],
    ['a flag', FLAG],
    ['an accent', ACCENT],
    ['a surrogate pair', '🌊'],
    ['a line break of two characters', '\r\n'],
  ])('never half of %s', (_what, grapheme) => {
    const waiting = `${grapheme}${grapheme}${grapheme}x`
    const whole = [0, 1, 2, 3].map((count) => count * grapheme.length)
    for (let elapsedMs = 0; elapsedMs < 250; elapsedMs++) expect(whole).toContain(due(waiting, elapsedMs))
  })

  test('never half of a surrogate pair, even where there is no segmenter', () => {
    vi.stubGlobal('Intl', { ...Intl, Segmenter: undefined })
    for (let elapsedMs = 0; elapsedMs < 250; elapsedMs++) expect(due('🌊🌊🌊🌊', elapsedMs) % 2).toBe(0)
  })
})

test('a steady stream is at most 250 ms behind, at 60 frames a second', () => {
  let [waiting, since] = ['', 0]
  for (let time = 0; time < 5_000; time += 16) {
    if (!waiting) since = time
    waiting += 'word '.repeat(2)
    const length = due(waiting, time - since)
    if (length > 0) since = time
    waiting = waiting.slice(length)
    // What 250 ms bring, and one frame more.
    expect(waiting.length).toBeLessThanOrEqual(10 * (250 / 16 + 1))
  }
})
