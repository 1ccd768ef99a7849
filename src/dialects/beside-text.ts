/** What a server of plain text says in JSON, between its texts or after them. */
import type { Delta, ServerEvent } from '../events.ts'
import type { DialectReader, Verdict } from './dialect.ts'
import { BESIDE_KIND, END_KIND } from './event-kinds.ts'
import { END_FLAG } from './json-events.ts'
import { objectIn, type Raw, wordOf } from './values.ts'

// A model may answer in JSON, too, of which an event may be a whole object. So nothing but names that a server gives to what
// it adds, and no name that could be a datum's.
const ASIDE =
  /^(sources?|source_?documents|citations|references|(retrieved_?)?documents|search_?results|related_?questions|suggestions|follow_?ups|(token_?)?usage|meta|meta_?data)$/i
const IDS = /^(message|conversation|session|request|response|thread|chat|run|trace)_?id$/i
const ABOUT = /^(type|event|status|id|object|model|created(_at)?|time(stamp)?|role|reason|finish_?reason)$/i

/** What an object is where each event is text; `undefined`: as far as anybody can tell, text. */
function kindOf(object: Raw): 'end' | 'beside' | undefined {
  const kind = wordOf(object.type) ?? wordOf(object.event) ?? ''
  if (BESIDE_KIND.test(kind)) return 'beside'
  const names = Object.keys(object)
  if (!names.every((name) => [ASIDE, IDS, ABOUT, END_FLAG].some((known) => known.test(name))))
    return undefined
  const isOver = names.some((name) => object[name] === true && END_FLAG.test(name))
  if (isOver || END_KIND.test(kind) || wordOf(object.finish_reason)) return 'end'
  const isBeside = (name: string): boolean =>
    IDS.test(name) || (ASIDE.test(name) && typeof object[name] === 'object')
  return names.some(isBeside) ? 'beside' : undefined
}

/** Reads an event of a server that was found to send plain text: what it adds in JSON is none of that. */
export function readPlain(reader: DialectReader, event: ServerEvent, deltas: Delta[]): Verdict {
  // What says by its name that it is the end may hold anything.
  const object = END_KIND.test(event.event ?? '') ? undefined : objectIn(event.data)
  const kind = object && kindOf(object)
  if (kind === 'beside') return 'active'
  return reader.read(kind === 'end' ? { ...event, event: 'done' } : event, deltas)
}
