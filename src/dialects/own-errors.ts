/** Errors as servers of one's own write them, beside what `errors/provider-error` knows of all. */
import type { ApiError } from '../errors/errors.ts'
import { errorOf, errorSaid, heldError, isError, isFailure, isFlagged } from '../errors/provider-error.ts'
import type { ServerEvent } from '../events.ts'
import type { Dialect } from './dialect.ts'
import { BESIDE_KIND, BROKEN_KIND, TEXT_KIND } from './event-kinds.ts'
import { brokenOff } from './reasons.ts'
import { isRaw, objectIn, type Raw, rawsIn, textOf, valueIn } from './values.ts'

/** The error that an event reports by its name, by its kind, or in an envelope. */
export function ownError({ data, event = '' }: ServerEvent): ApiError | undefined {
  if (isFailure(event)) return errorSaid(data)
  if (BROKEN_KIND.test(event)) return brokenOff(event)
  // As others write [DONE].
  const [mark] = /^\[ERROR\]:?/.exec(data) ?? []
  if (mark) return errorSaid(data.slice(mark.length) || mark)
  // Of most events that is all there is to see.
  const object = /err|fail|exception|false|cancel|abort|interrupt|time|"status\w*":\s*[45]\d\d\b/i.test(data)
    ? objectIn(data)
    : undefined
  if (!object) return undefined
  const { type, event: kind, status, success } = object
  const kinds = [type, kind].map(textOf)
  if (kinds.some(isFailure) || [event, ...kinds].some((each) => FAILED_PART.test(each)))
    return errorOf(object)
  if (success === false) return errorOf(object)
  // The state of what stands beside the answer is not the answer's.
  if (kinds.some((each) => BESIDE_KIND.test(each))) return undefined
  if (isFailure(status)) return errorOf(object)
  const broken = [...kinds, textOf(status)].find((each) => BROKEN_KIND.test(each))
  // What broke off may say why.
  if (broken) return object.error ? errorOf(object) : brokenOff(broken)
  return flagged(object) ?? wrapped(object)
}

// Of an answer, or a part of it; what a tool could not do is the model's to deal with.
const FAILED_PART = /^(?!.*(tool|func|call|search|step|code|node)).+[-_.](error|failed|exception)$/i

/** The error of an event that says so by a flag or a number, beside a text that is not the answer's. */
function flagged(object: Raw): ApiError | undefined {
  const { err, errcode, errmsg, errMsg: message = errmsg, failed, isError } = object
  if (err) return errorOf({ error: err })
  if (message && !/^0*$/.test(String(errcode))) return errorOf({ code: errcode, message })
  return isFlagged(object) || [failed, isError].includes(true) ? errorOf(object) : undefined
}

// What gateways and frameworks put around what they hand on.
const ENVELOPES = ['delta', 'data', 'result', 'response', 'message']

/** An error in an envelope: Tencent's, Volcengine's, or one that may hold text as well. */
function wrapped(object: Raw): ApiError | undefined {
  const { type, event, Response, ResponseMetadata, errors } = object
  const { Error: inner } = [Response, ResponseMetadata].find(isRaw) ?? ({} as Raw)
  if (isRaw(inner)) return errorOf({ message: inner.Message, code: inner.Code })
  // Under another name it may be what a tool has found.
  if (![type, event].every((kind) => TEXT_KIND.test(textOf(kind)))) return undefined
  const held = [...ENVELOPES.map((name) => object[name]), ...rawsIn(object.choices)]
  return heldError(held) ?? (Array.isArray(errors) && errors.length > 0 ? errorOf(object) : undefined)
}

/** What an error looks like is the same everywhere. Gemini puts its own into a list. */
export function anyError(object: Raw | undefined, { data }: ServerEvent): ApiError | undefined {
  const found = object ?? (data.startsWith('[') ? rawsIn(valueIn(data))[0] : undefined)
  return found && isError(found) ? errorOf(found) : undefined
}

/** A dialect of texts, in which an event that is an error is one, and no text. */
export function withErrors(dialect: Dialect): Dialect {
  return {
    ...dialect,
    open(state, headers) {
      const reader = dialect.open(state, headers)
      return { ...reader, read: (event, deltas) => wholeError(event) ?? reader.read(event, deltas) }
    },
  }
}

function wholeError(sent: ServerEvent): ApiError | undefined {
  const { error } = (sent.data.includes('"error"') && objectIn(sent.data)) || {}
  return error ? errorSaid(sent.data) : ownError(sent)
}
