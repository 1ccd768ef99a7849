import { durationMs } from '../errors/duration.ts'

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
  // All three forms of an HTTP date begin with the day: `Wed, 21 Oct`, `Wednesday, 21-Oct`, `Wed Oct 21`. Without this check
  // `Date.parse` would make a year of "-5" or "try again in 5"; without the zone it would take the last one for local time.
  if (!/^([a-z]{3} [a-z]{3}|[a-z]+,) .*\d\d:\d\d:\d\d/i.test(value)) return undefined
  return untilMs(/ GMT$/i.test(value) ? value : `${value} GMT`, today)
}

function untilMs(date: string, today: number): number | undefined {
  const ms = Date.parse(date) - today
  return Number.isNaN(ms) ? undefined : Math.max(0, ms)
}

/**
 * When a used-up rate limit is full again, in ms from now; `undefined` if the headers say of none that it is used up.
 * Of several the longest, because all of them have to let the request through. To be asked about a 429 only: the
 * headers are sent with every response.
 *
 * @param today - ms since the epoch, for dates.
 * @see https://platform.openai.com/docs/guides/rate-limits (durations)
 * @see https://docs.anthropic.com/en/api/rate-limits (dates)
 */
export function rateLimitResetMs(headers: Headers, today: number): number | undefined {
  let longest: number | undefined
  headers.forEach((value, name) => {
    if (!/ratelimit.{0,99}reset/.test(name)) return
    const remaining = headers.get(name.replace('reset', 'remaining'))
    const wait = remaining === '0' ? resetMs(value, today) : undefined
    if (wait !== undefined) longest = Math.max(wait, longest ?? 0)
  })
  return longest
}

// A duration, a date, or a number: of seconds, or since the epoch in seconds or ms, as its size tells.
function resetMs(value: string, today: number): number | undefined {
  const given = number(value)
  if (given === undefined) {
    // Only the form that is sent: `Date.parse` makes a date of nearly everything.
    const date = /^\d{4}-\d\d-\d\dT/.test(value) ? untilMs(value, today) : undefined
    return date ?? durationMs(value)
  }
  if (given < 1e9) return given * 1000
  return Math.max(0, (given < 1e12 ? given * 1000 : given) - today)
}

function number(value: string | null): number | undefined {
  return value !== null && /^\s*\d+(\.\d+)?\s*$/.test(value) ? Number(value) : undefined
}
