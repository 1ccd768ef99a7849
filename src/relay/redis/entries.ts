/** How a log stands in a stream of Redis. */
import type { Ending, Page, State } from '../store.ts'

/** The entry that makes a log: who may read it, and which process gives it. */
export const FIRST_ID = '0-1'
/** Nothing can be written behind it: whoever ends a log first has ended it. */
export const LAST_ID = '9007199254740991-0'

/** An entry is called by its last event, so that one that is sent again is refused, and one that overlaps is not. */
export function entryId(last: number): string {
  return `${last}-0`
}

export interface Entry {
  readonly id: string
  readonly fields: Readonly<Record<string, string>>
}

/** @param reply - what XRANGE and the like give. */
export function entriesIn(reply: unknown): Entry[] {
  if (!Array.isArray(reply)) return []
  return reply.map(([id, flat]: [string, string[]]) => {
    const fields: Record<string, string> = {}
    for (let at = 0; at < flat.length; at += 2) fields[flat[at] as string] = flat[at + 1] as string
    return { id, fields }
  })
}

export function pageOf({ fields }: Entry): Page | undefined {
  const { first, frames = '', ending } = fields
  if (first === undefined) return undefined
  return { first: Number(first), frames: framesIn(frames), ending: ending as Ending | undefined }
}

// No line of an event is empty, so an empty line ends one.
function framesIn(text: string): string[] {
  const frames = text.split('\n\n')
  frames.pop()
  return frames.map((frame) => `${frame}\n\n`)
}

export function stateOf(last: Entry | undefined): State {
  return (last?.fields.ending as Ending | undefined) ?? 'running'
}

export function lastEventOf(last: Entry | undefined): number {
  return Number(last?.id.split('-')[0] ?? 0)
}
