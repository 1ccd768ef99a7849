/** What the dialects of JSON events share: how their objects are read. */
import { errorOf, heldError, isError } from '../errors/provider-error.ts'
import type { Delta } from '../events.ts'
import type { Verdict } from './dialect.ts'
import { DONE, isDone, isPingObject, isRaw, objectIn, partsOf, type Raw, valueIn } from './values.ts'

/** What a reader does with one object. */
export interface ObjectReader {
  take(object: Raw, deltas: Delta[]): Verdict
  /** The stream says `[DONE]`; without this it says nothing. */
  done?(deltas: Delta[]): Verdict
}

/**
 * Reads what is in an event's data. Some servers glue two objects together, or write an error into the middle of one:
 * what can be understood is read, and what is lost makes it `'malformed'`. An error is found whatever its spelling.
 */
export function readObjects(data: string, reader: ObjectReader, deltas: Delta[]): Verdict {
  if (data === DONE) return reader.done?.(deltas) ?? 'ping'
  const value = valueIn(data)
  return isRaw(value) ? readObject(value, reader, deltas) : readOther(data, reader, deltas)
}

function readObject(object: Raw, reader: ObjectReader, deltas: Delta[]): Verdict {
  const { error } = object
  if (error && !isEmpty(error)) return errorOf(object)
  const verdict = reader.take(object, deltas)
  return verdict === 'foreign' ? strange(object) : verdict
}

/** An object of nobody's: an error after all, or a sign of life. */
function strange(object: Raw): Verdict {
  if (isError(object)) return errorOf(object)
  // In an envelope; what has a kind may be what a tool could not do.
  const error = object.type === undefined && heldError([object.delta, object.data, object.result])
  return error || (isPingObject(object) ? 'ping' : 'foreign')
}

// Where a whole one begins after one that was cut.
const RESTARTS = ['data: {', 'data:{', '{"error"']

function readOther(data: string, reader: ObjectReader, deltas: Delta[]): Verdict {
  if (data.trim() === '') return 'ping'
  if (isDone(data)) return reader.done?.(deltas) ?? 'ping'
  const list = valueIn(data)
  if (Array.isArray(list) && isRaw(list[0]) && isError(list[0])) return errorOf(list)
  const parts = partsOf(data)
  if (parts.length === 0) return readRest(data, reader, deltas)
  let verdict: Verdict = 'ping'
  for (const part of parts) {
    verdict = part === DONE ? (reader.done?.(deltas) ?? 'ping') : readObject(part as Raw, reader, deltas)
    if (verdict === 'end' || typeof verdict === 'object') return verdict
  }
  return verdict
}

function readRest(data: string, reader: ObjectReader, deltas: Delta[]): Verdict {
  const restart = Math.max(...RESTARTS.map((mark) => data.lastIndexOf(mark)))
  const rest = restart > 0 ? objectIn(data.slice(data.indexOf('{', restart))) : undefined
  const verdict = rest ? readObject(rest, reader, deltas) : 'malformed'
  return verdict === 'end' || typeof verdict === 'object' ? verdict : 'malformed'
}

function isEmpty(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.values(value).every((each) => !each)
}
