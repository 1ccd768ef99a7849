import { jsonIn } from '../json-value.ts'
import { brief } from './brief.ts'
import { durationMs } from './duration.ts'
import { ApiError } from './errors.ts'
import type { ProviderError } from './facts.ts'

// Every field is the provider's word, so every one is doubted.
type Raw = { readonly [key: string]: unknown }

// What the sentence is called; `detail` and `title` as in RFC 9457, `detail` in FastAPI, too. The order tells:
// earlier ones go first, and those from the second to the eighth say by themselves that something is wrong (`isError`).
const SENTENCES = [
  'message',
  'msg',
  'error_msg',
  'error_message',
  'errorMessage',
  'error_description',
  'detail',
  'Message',
  'errorText',
  'status_msg',
  'title',
  'reason',
  'Msg',
]
const CODES = ['code', 'status_code', 'error_code', 'http_status_code', 'statusCode']
// A tool's error is the model's to deal with.
const FAILED = /^((stream|server|run|llm|model)[-_. ]?)?(err|error|exception|fail(ed|ure)?)$/i

/** Whether a name, a kind or a state says that an answer has failed. */
export function isFailure(name: unknown): boolean {
  return typeof name === 'string' && FAILED.test(name)
}

/**
 * Reads the error out of a body or an event, whoever wrote it: `{ error: { message, type, code } }`, `{ error: 'text' }`,
 * `{ message }` and the other spellings of {@link SENTENCES}. Gemini puts its word into `status` and the whole into an
 * array.
 */
export function providerError(given: unknown): ProviderError | undefined {
  const body = firstOf(given)
  if (!isRecord(body)) return undefined
  const inner = innerOf(body)
  // A gateway may put an error into another.
  const nested = isRecord(inner) && isRecord(inner.error) ? inner.error : inner
  const found = isRecord(nested) ? nested : body
  const said = sentenceIn(found) ?? sentenceIn(body)
  const text = said ?? wordOf(inner)
  if (!inner && text === undefined) return undefined
  return {
    message: brief(text),
    type: brief(
      wordOf(found.type) ?? textOf(found.status) ?? (said === undefined ? undefined : textOf(inner)),
    ),
    code: brief(wordIn(found, CODES)),
    ...hint(text, found.details),
    ...([body, inner].some((each) => isRecord(each) && each.retryable === false) && {
      isFinal: true,
    }),
  }
}

// Tencent has two, servers in Go the second.
const ERRORS = ['error', 'err', 'Error', 'ErrorMsg', 'exception']

/** Where the error stands: with most in `error`, Cloudflare's in a list, MiniMax's and Spark's beside each chunk. */
function innerOf(body: Raw): unknown {
  return (
    ERRORS.map((name) => body[name]).find(Boolean) ||
    firstOf(body.errors) ||
    [body.base_resp, body.header].find((each) => isRecord(each) && isFault(wordIn(each, CODES)))
  )
}

/** A text in a record, or in what stands in it instead of one: FastAPI's list, Mistral's message, tRPC's envelope. */
function sentenceIn(found: Raw): string | undefined {
  let said: string | undefined
  let at: unknown = found
  for (let depth = 0; depth < 4 && !said && isRecord(at); depth++) {
    said = wordIn(at, SENTENCES)
    at = firstOf(at.detail ?? at.message ?? at.json)
  }
  // OpenRouter hands on what its provider said.
  const raw = isRecord(found.metadata) ? textOf(found.metadata.raw) : undefined
  return raw === undefined ? said : `${said}: ${raw}`
}

/** Whether an object that a stream did not promise reports an error. An `error` that is empty reports none. */
export function isError(body: Raw): boolean {
  const { type, event, object, status, success, code, error_code: errorCode } = body
  // What has a kind goes by it: the state may be a tool's.
  const isNamed =
    [object, status].includes('error') ||
    isFailure(type ?? event ?? status) ||
    success === false ||
    isFault(errorCode)
  if (isNamed || innerOf(body)) return true
  if (type === undefined && (isFlagged(body) || 'errorText' in body)) return true
  // From `msg` to `Message`: by themselves.
  const isSaid = SENTENCES.slice(1, 8).some((name) => body[name])
  return isFault(code) ? isSaid || wordOf(body.message) !== undefined : code === undefined && isSaid
}

/** Whether an object says by a flag or a number that something has failed. */
export function isFlagged(body: Raw): boolean {
  return body.ok === false || body.is_error === true || Number(body.statusCode ?? body.status) >= 400
}

/** Some servers say in every chunk that all is well. */
function isFault(code: unknown): boolean {
  return !!code && !/^(0+|200|ok|success)$/i.test(String(code))
}

/** The error a provider reports in-band, if what it sent can be read as one. */
export function errorIn(raw: unknown): ApiError | undefined {
  const found = providerError(raw)
  return found && new ApiError(found)
}

/** The error of the first of these that holds one: of an envelope, or of what is in it. */
export function heldError(held: readonly unknown[]): ApiError | undefined {
  return held.filter((each) => isRecord(each) && each.error).map(errorOf)[0]
}

/** The same where an error was announced: its text may stand where another event's does, or there may be none. */
export function errorOf(raw: unknown): ApiError {
  const { content, text, data, status } = isRecord(raw) ? raw : {}
  // A number tells as a code does, where there is none.
  const given = { ...(typeof status === 'number' && { statusCode: status }), ...(raw as Raw) }
  const announced = { type: 'error', ...given, error: content ?? text ?? data ?? true }
  return errorIn(Array.isArray(raw) ? raw : given) ?? (errorIn(announced) as ApiError)
}

/** The error an event named `error` reports, in JSON or in words. */
export function errorSaid(data: string): ApiError {
  const value = jsonIn(data)
  return errorOf(typeof value === 'object' ? value : { error: value ?? data.trim() })
}

function wordIn(found: Raw, names: readonly string[]): string | undefined {
  return names.map((each) => wordOf(found[each])).find(Boolean)
}

function wordOf(value: unknown): string | undefined {
  return typeof value === 'number' ? String(value) : textOf(value)
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

// "Please try again in 11.054s" (OpenAI, Groq), "Please retry after 26 seconds" (Azure), "Please retry in 34.07s".
const HINT = /(?:try again|retry) (?:in|after) ((?:\d+(?:\.\d+)?\s*[a-z]+\s*)+)/i

/** What the text says, or Gemini's `RetryInfo`, which is exact. */
function hint(text: string | undefined, details: unknown): { readonly retryAfterMs?: number } {
  const delay = (Array.isArray(details) ? details : []).map((each) => isRecord(each) && each.retryDelay)
  const given = delay.find((each) => typeof each === 'string')
  const said = HINT.exec(text?.slice(0, 2_000) ?? '')?.[1]
  const retryAfterMs = durationMs(given || '') ?? durationMs(said ?? '')
  return retryAfterMs === undefined ? {} : { retryAfterMs }
}

function firstOf(value: unknown): unknown {
  return Array.isArray(value) ? value[0] : value
}

function isRecord(value: unknown): value is Raw {
  return typeof value === 'object' && value !== null
}
