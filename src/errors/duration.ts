const UNIT = 'ms|milliseconds?|s|secs?|seconds?|m|mins?|minutes?|h|hours?|d|days?'
// Bounded, for the text is a stranger's: an endless number would be tried from each of its digits.
const PART = `(\\d{1,15}(?:\\.\\d{1,15})?)\\s{0,9}(${UNIT})(?![a-z])`
const PARTS = new RegExp(PART, 'gi')
const DURATION = new RegExp(`^\\s{0,9}(?:${PART}[\\s,]{0,9}){1,9}`, 'i')

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/**
 * The duration a text begins with, as providers write it (`11.054s`, `1m0.052s`, `26 seconds`, `120ms`), in ms;
 * `undefined` if it begins with something else.
 */
export function durationMs(text: string): number | undefined {
  const [duration] = DURATION.exec(text) ?? []
  if (duration === undefined) return undefined
  return [...duration.matchAll(PARTS)].reduce(
    (sum, [, amount = '0', unit = '']) => sum + Number(amount) * unitMs(unit),
    0,
  )
}

function unitMs(unit: string): number {
  const word = unit.toLowerCase()
  return UNIT_MS[/^(ms|milli)/.test(word) ? 'ms' : word.charAt(0)] ?? 0
}
