const PART =
  /(\d+(?:\.\d+)?)\s*(ms|milliseconds?|s|secs?|seconds?|m|mins?|minutes?|h|hours?|d|days?)(?![a-z])/gi

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** A duration as providers write it (`11.054s`, `1m0.052s`, `26 seconds`, `120ms`), in ms; `undefined` for other text. */
export function durationMs(text: string): number | undefined {
  const parts = [...text.matchAll(PART)]
  if (parts.length === 0) return undefined
  return parts.reduce((sum, [, amount = '0', unit = '']) => sum + Number(amount) * unitMs(unit), 0)
}

function unitMs(unit: string): number {
  const word = unit.toLowerCase()
  return UNIT_MS[/^(ms|milli)/.test(word) ? 'ms' : word.charAt(0)] ?? 0
}
