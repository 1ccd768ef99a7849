import type { Place, ToolCall } from '../events.ts'
import type { Position, SeenEvent } from './cursor.ts'
import type { Known } from './replay.ts'

/**
 * Where a reply stands, as JSON: to be kept over a page load and handed to `stream(…, { from })`. Of an answer that the
 * server keeps at an address of its own it is that address, the same from the first moment on; else the answer so far.
 */
export type Checkpoint = TextCheckpoint | AddressCheckpoint

/** The answer up to a place in its stream, without headers and request body. */
export interface TextCheckpoint {
  readonly version: 1
  /** Who was answering: the URL without user, password and query. */
  readonly url: string
  readonly text: string
  readonly reasoning: string
  readonly toolCalls: readonly ToolCall[]
  /** Where the stream stands; absent when all that can be done is to ask again. */
  readonly position?: Position | undefined
}

/** Where the server keeps the answer: the page keeps no text. */
export interface AddressCheckpoint {
  readonly version: 2
  /** The address, absolute; read by GET from its start. */
  readonly url: string
  /** An event's id (`lastEventId`) to begin after, where the beginning is not wanted; `checkpoint()` never gives one. */
  readonly position?: Position | undefined
  readonly text?: undefined
  readonly reasoning?: undefined
  readonly toolCalls?: undefined
}

/** What is wrong with a checkpoint, in words; `undefined` when nothing is. */
export function checkpointFault(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null) return 'is no object'
  const { version, url, text, reasoning, toolCalls, position } = value as Readonly<Record<string, unknown>>
  if (version !== 1 && version !== 2) return 'has no known version'
  if (typeof url !== 'string') return 'has no url'
  if (version === 1) {
    if (typeof text !== 'string' || typeof reasoning !== 'string') return 'has no text'
    if (!Array.isArray(toolCalls) || !toolCalls.every(isToolCall)) return 'has no valid toolCalls'
  }
  return position === undefined || isPosition(position) ? undefined : 'has no valid position'
}

function isToolCall(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  const { index, id, name, arguments: text } = value as Readonly<Record<string, unknown>>
  const texts = [id, name, text]
  return Number.isInteger(index) && texts.every((each) => typeof each === 'string')
}

/** An answer as it stood at a place; `undefined` if there is not that much of it (any more). */
export function upTo(
  { text, reasoning, toolCalls }: Known,
  { text: chars, reasoning: thoughts, calls = {} }: Place,
): Known | undefined {
  const begun = toolCalls.filter(({ index }) => calls[index] !== undefined)
  const lengths = new Map(toolCalls.map((call) => [call.index, call.arguments.length]))
  const isShort = Object.entries(calls).some(([index, length]) => (lengths.get(Number(index)) ?? -1) < length)
  if (text.length < chars || reasoning.length < thoughts || isShort) return undefined
  return {
    text: text.slice(0, chars),
    reasoning: reasoning.slice(0, thoughts),
    toolCalls: begun.map((call) => ({ ...call, arguments: call.arguments.slice(0, calls[call.index]) })),
  }
}

/** Whether a value is a position: it may come from a storage that others write to. */
export function isPosition(value: unknown): value is Position {
  if (typeof value !== 'object' || value === null) return false
  const { lastEventId, place, completion, seen = [] } = value as Readonly<Record<string, unknown>>
  return (
    [lastEventId, completion].every((text) => text === undefined || typeof text === 'string') &&
    (place === undefined || isPlace(place)) &&
    Array.isArray(seen) &&
    seen.every((event) => isPlace(event) && typeof (event as Partial<SeenEvent>).id === 'string')
  )
}

function isPlace(value: unknown): value is Place {
  if (typeof value !== 'object' || value === null) return false
  const { text, reasoning, calls = {} } = value as Readonly<Record<string, unknown>>
  return [text, reasoning, ...Object.values(Object(calls))].every(
    (length) => Number.isInteger(length) && (length as number) >= 0,
  )
}
