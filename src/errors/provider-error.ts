import { durationMs } from './duration.ts'
import type { ProviderError } from './facts.ts'

// Every field is the provider's word, so every one is doubted.
interface Raw {
  readonly error?: unknown
  readonly message?: unknown
  readonly type?: unknown
  readonly status?: unknown
  readonly code?: unknown
  readonly details?: unknown
  readonly retryDelay?: unknown
}

/**
 * Reads the error out of a body or an event: `{ error: { message, type, code } }`, `{ error: 'text' }` or
 * `{ message }`; Gemini puts its word into `status` and the whole into an array.
 */
export function providerError(given: unknown): ProviderError | undefined {
  const body: unknown = Array.isArray(given) ? given[0] : given
  if (!isRecord(body)) return undefined
  const { error } = body
  if (typeof error === 'string' && error)
    return { ...named({}), message: brief(error), ...hint(error, undefined) }
  const found = isRecord(error) ? error : body
  const read = named(found)
  if (!error && read.message === undefined) return undefined
  return { ...read, ...hint(found.message, found.details) }
}

function named(found: Raw): ProviderError {
  return {
    message: word(found.message),
    type: word(found.type) ?? (typeof found.status === 'string' ? word(found.status) : undefined),
    code: word(found.code),
  }
}

function word(value: unknown): string | undefined {
  return typeof value === 'string' || typeof value === 'number' ? brief(String(value)) : undefined
}

// "Please try again in 11.054s" (OpenAI, Groq), "Please retry after 26 seconds" (Azure), "Please retry in 34.07s".
const HINT = /(?:try again|retry) (?:in|after) ((?:\d+(?:\.\d+)?\s*[a-z]+\s*)+)/i

/** What the text says, or Gemini's `RetryInfo`, which is exact. */
function hint(message: unknown, details: unknown): { readonly retryAfterMs?: number } {
  const delay = (Array.isArray(details) ? details : []).map((each) => isRecord(each) && each.retryDelay)
  const given = delay.find((each) => typeof each === 'string')
  const said = typeof message === 'string' ? HINT.exec(message.slice(0, 2_000))?.[1] : undefined
  const retryAfterMs = durationMs(given || '') ?? durationMs(said?.trim() ?? '')
  return retryAfterMs === undefined ? {} : { retryAfterMs }
}

function isRecord(value: unknown): value is Raw {
  return typeof value === 'object' && value !== null
}

// An error page or a model's complaint can be megabytes; a message is for a banner or a log line.
const BRIEF = 300

function brief(text: string): string {
  return text.length > BRIEF ? `${text.slice(0, BRIEF)}…` : text
}
