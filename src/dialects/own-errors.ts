/** Errors as servers of one's own write them, beside what `errors/provider-error` knows of all. */
import type { ApiError } from '../errors/errors.ts'
import { brokenOff, errorOf, errorSaid, isError, isFailure } from '../errors/provider-error.ts'
import type { ServerEvent } from '../events.ts'
import { BROKEN_KIND } from './event-kinds.ts'
import { isRaw, objectIn, type Raw, rawsIn, textOf, valueIn } from './values.ts'

/** The error that an event reports by its name, by its kind, or in an envelope of Tencent's or Volcengine's. */
export function ownError({ data, event = '' }: ServerEvent): ApiError | undefined {
  if (isFailure(event)) return errorSaid(data)
  if (BROKEN_KIND.test(event)) return brokenOff(event)
  // As others write [DONE].
  const [mark] = /^\[ERROR\]:?/.exec(data) ?? []
  if (mark) return errorSaid(data.slice(mark.length) || mark)
  // Of most events that is all there is to see.
  const object = /err|fail|exception|false|cancel|abort|interrupt|time/i.test(data)
    ? objectIn(data)
    : undefined
  if (!object) return undefined
  const {
    type,
    event: kind,
    status,
    success,
    err,
    errcode: code,
    errmsg: message,
    Response,
    ResponseMetadata,
  } = object
  if ([type, kind, status].some(isFailure)) return errorOf(object)
  const broken = [type, kind, status].map(textOf).find((each) => BROKEN_KIND.test(each))
  if (broken) return brokenOff(broken)
  if (success === false) return errorOf(object)
  if (err) return errorOf({ error: err })
  if (code && message) return errorOf({ code, message })
  const { Error: inner } = [Response, ResponseMetadata].find(isRaw) ?? ({} as Raw)
  return isRaw(inner) ? errorOf({ message: inner.Message, code: inner.Code }) : undefined
}

/** What an error looks like is the same everywhere. Gemini puts its own into a list. */
export function anyError(object: Raw | undefined, { data }: ServerEvent): ApiError | undefined {
  const found = object ?? (data.startsWith('[') ? rawsIn(valueIn(data))[0] : undefined)
  return found && isError(found) ? errorOf(found) : undefined
}
