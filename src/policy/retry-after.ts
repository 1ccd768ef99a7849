/**
 * How long a response asks its client to wait, in ms; `undefined` if it does not say, or not legibly.
 * `retry-after-ms` (OpenAI) goes before `Retry-After`, being finer.
 *
 * In a page both are readable only if the server exposes them (`Access-Control-Expose-Headers`).
 *
 * @param today - ms since the epoch, for the date form.
 * @see https://www.rfc-editor.org/rfc/rfc9110#field.retry-after
 */
export function retryAfterMs(headers: Headers, today: number): number | undefined {
  const fine = number(headers.get('retry-after-ms'))
  if (fine !== undefined) return fine
  const value = headers.get('retry-after')?.trim()
  if (!value) return undefined
  const seconds = number(value)
  if (seconds !== undefined) return seconds * 1000
  // All three forms of an HTTP date begin with the day. Without this check `Date.parse` would make a year of "-5" or
  // "try again in 5"; without the zone it would take the oldest form, which names none, for local time.
  if (!/^(mon|tue|wed|thu|fri|sat|sun)[a-z]*,? .*\d\d:\d\d:\d\d/i.test(value)) return undefined
  const date = Date.parse(/ GMT$/i.test(value) ? value : `${value} GMT`)
  return Number.isNaN(date) ? undefined : Math.max(0, date - today)
}

function number(value: string | null): number | undefined {
  return value !== null && /^\s*\d+(\.\d+)?\s*$/.test(value) ? Number(value) : undefined
}
