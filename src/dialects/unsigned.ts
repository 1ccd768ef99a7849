/** What an event is that gives no sign of a language. */
import type { ServerEvent } from '../events.ts'
import { BESIDE_KIND, OPENING } from './event-kinds.ts'
import { fieldOf, isAbout, isOthers, isPlainJson } from './json-events.ts'
import { spokenIn } from './signs.ts'
import { DATA_STREAM } from './text.ts'
import { isPingObject, isRaw, objectIn, PING, type Raw, valueIn } from './values.ts'

/**
 * Text, a JSON string, plain JSON, plain JSON of another kind (`other`), what says who speaks (`about`), or nothing that
 * tells.
 */
export type Kind = 'text' | 'string' | 'json' | 'other' | 'about' | 'strange' | 'unclear'

export function kindOfObject(object: Raw, event: ServerEvent): Kind {
  if (isOthers(object)) return 'about'
  if (isPlainJson(object, event)) return 'json'
  if (fieldOf(object) !== undefined) return 'other'
  // What it holds may be the text.
  const isWrapped = Object.values(object).some((value) => isRaw(value) && fieldOf(value) !== undefined)
  return isAbout(object) && !isWrapped ? 'about' : 'strange'
}

export function kindOf({ event = '', data }: ServerEvent): Kind {
  if (BESIDE_KIND.test(event)) return 'about'
  if (DATA_STREAM.test(data)) return 'strange'
  const value = valueIn(data)
  // Chunks that were encoded twice are no text.
  if (typeof value === 'string') return spokenIn(objectIn(value), { data: value }) ? 'unclear' : 'string'
  // A number, a list: they may stand in a text, but are none by themselves. Half an object is nothing yet.
  return value !== undefined || /^\s*([{[]|$|<(!doctype|html))/i.test(data) ? 'unclear' : 'text'
}

export function isPing({ event = '', data }: ServerEvent, object: Raw | undefined): boolean {
  if (object) return isPingObject(object) || PING.test(event)
  return data === '' || PING.test(event) || OPENING.test(event)
}
