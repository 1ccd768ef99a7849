/** The longest that text is held back, in ms, and the share of it that is shown follows from it. */
const LAG_MS = 250
/** More than this many characters is no ripple to be smoothed but a burst: it is shown at once. */
const BURST_CHARS = 1_500

/**
 * How many characters of `waiting` are due, `elapsedMs` after the last ones were shown. A steady stream is shown
 * steadily, a fourth of a second late: the more waits, the more goes. The last grapheme waits for what follows it,
 * because providers cut between the parts of an emoji, but never longer than the rest.
 */
export function due(waiting: string, elapsedMs: number): number {
  if (elapsedMs >= LAG_MS || waiting.length > BURST_CHARS) return waiting.length
  const share = Math.max(1, Math.ceil((waiting.length * elapsedMs) / LAG_MS))
  let end = 0
  for (const start of graphemeStarts(waiting)) {
    if (start > share && end >= share) break
    end = start
  }
  return end
}

/** Where graphemes begin. Engines without a segmenter get code points, which at least keeps surrogates together. */
function* graphemeStarts(text: string): Generator<number> {
  if (typeof Intl.Segmenter === 'function') {
    segmenter ??= new Intl.Segmenter(undefined, { granularity: 'grapheme' })
    for (const { index } of segmenter.segment(text)) yield index
    return
  }
  let at = 0
  for (const point of text) {
    yield at
    at += point.length
  }
}

let segmenter: Intl.Segmenter | undefined
