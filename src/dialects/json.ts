/** What the dialects of JSON events share: reading their objects, and doubting every field of them. */
import { ApiError } from '../errors/errors.ts'
import { providerError } from '../errors/provider-error.ts'
import type { Delta, Usage } from '../events.ts'
import type { Verdict } from './dialect.ts'

/** An object as a provider sent it: every field is its word, so every one is doubted. */
export type Raw = { readonly [key: string]: unknown }

/** What a reader does with one object. */
export interface ObjectReader {
  take(object: Raw, deltas: Delta[]): Verdict
}

/**
 * Reads the object in an event's data. Some servers glue two of them together, or write an error into the middle of
 * one: what can be understood is read, and what is lost makes it `'malformed'`.
 */
export function readObjects(data: string, reader: ObjectReader, deltas: Delta[]): Verdict {
  const object = objectIn(data)
  return object ? reader.take(object, deltas) : readGlued(data, reader, deltas)
}

/** The JSON object a text is; `undefined` if it is none. */
export function objectIn(text: string): Raw | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return isRaw(value) ? value : undefined
  } catch {
    return undefined
  }
}

// Where one object ends and the next one begins, with or without a field name between them.
const SEAM = /(?<=\})\s*(?:data:\s*)?(?=\{)/
// Where a whole one begins after one that was cut.
const RESTARTS = ['data: {', 'data:{', '{"error"']

function readGlued(data: string, reader: ObjectReader, deltas: Delta[]): Verdict {
  const parts = gluedObjects(data)
  if (parts.length > 0) {
    for (const part of parts) {
      const verdict = reader.take(part, deltas)
      if (verdict !== 'more') return verdict
    }
    return 'more'
  }
  const restart = Math.max(...RESTARTS.map((mark) => data.lastIndexOf(mark)))
  const rest = restart > 0 ? objectIn(data.slice(data.indexOf('{', restart))) : undefined
  const verdict = rest ? reader.take(rest, deltas) : 'malformed'
  return verdict === 'more' ? 'malformed' : verdict
}

/** Several whole objects in one text; none if any of it is something else. */
export function gluedObjects(data: string): readonly Raw[] {
  const parts = data.split(SEAM).map(objectIn)
  return parts.every((part) => part !== undefined) ? parts : []
}

export function isRaw(value: unknown): value is Raw {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The objects in a list; of anything else none. */
export function rawsIn(value: unknown): readonly Raw[] {
  return Array.isArray(value) ? value.filter(isRaw) : []
}

/** A text; of anything else the empty one. */
export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

/** A text that says something. */
export function wordOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

export function indexOf(value: unknown): number {
  return typeof value === 'number' ? value : 0
}

/** Adds a piece of text or reasoning; an empty one is none. */
export function pushText(deltas: Delta[], type: 'text' | 'reasoning', text: unknown): void {
  if (typeof text === 'string' && text !== '') deltas.push({ type, text })
}

/** Adds a tool call that comes in one piece, its arguments an object rather than its text. */
export function pushCall(deltas: Delta[], index: number, { id, name, args }: Raw): void {
  deltas.push({
    ...{ type: 'tool-call', index, id: textOf(id), name: textOf(name) },
    arguments: JSON.stringify(args ?? {}),
  })
}

/** Counts as reported: what is no number is left out, never invented. */
export function usageOf(counts: { readonly [K in keyof Usage]?: unknown }, raw: unknown): Usage {
  const given = Object.entries(counts).filter(([, count]) => typeof count === 'number')
  return { ...Object.fromEntries(given), raw }
}

/** The error a provider reports in-band, if what it sent can be read as one. */
export function errorIn(raw: unknown): ApiError | undefined {
  const found = providerError(raw)
  return found && new ApiError(found)
}

/** The same where an error was announced: it may have neither a name nor a text. */
export function errorOf(raw: unknown): ApiError {
  return errorIn(raw) ?? new ApiError({ message: undefined, type: 'error', code: undefined })
}

/** Who made the answer, where the provider says so. */
export function aboutOf({ id, model }: { readonly id?: unknown; readonly model?: unknown }): {
  readonly id: string | undefined
  readonly model: string | undefined
} {
  return { id: wordOf(id), model: wordOf(model) }
}
