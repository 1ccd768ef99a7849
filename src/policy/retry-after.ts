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
  // A date has letters (`Wed, 21 Oct 2026 07:28:00 GMT`). Without this check `Date.parse` would read "-5" or
  // "1.5.2" as some year.
  const date = /^[a-z]{3}/i.test(value) ? Date.parse(value) : Number.NaN
  return Number.isNaN(date) ? undefined : Math.max(0, date - today)
}

function number(value: string | null): number | undefined {
  return value !== null && /^\s*\d+(\.\d+)?\s*$/.test(value) ? Number(value) : undefined
}
