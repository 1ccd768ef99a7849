import type { Place, ToolCall } from '../events.ts'
import { isPosition, type Position } from './cursor.ts'
import type { Known } from './replay.ts'

/**
 * Where a reply stands, as JSON: to be kept over a page load and handed to `stream(…, { from })`. It holds the answer up
 * to the place, no header and no request body.
 */
export interface Checkpoint {
  readonly version: 1
  /** Who was answering: the URL without user, password and query. */
  readonly url: string
  readonly text: string
  readonly reasoning: string
  readonly toolCalls: readonly ToolCall[]
  /** Where the stream stands; absent when all that can be done is to ask again. */
  readonly position?: Position | undefined
}

/** What is wrong with a checkpoint, in words; `undefined` when nothing is. */
export function checkpointFault(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null) return 'is no object'
  const { version, url, text, reasoning, toolCalls, position } = value as Readonly<Record<string, unknown>>
  if (version !== 1) return 'is not of version 1'
  if (typeof url !== 'string') return 'has no url'
  if (typeof text !== 'string' || typeof reasoning !== 'string') return 'has no text'
  if (!Array.isArray(toolCalls) || !toolCalls.every(isToolCall)) return 'has no valid toolCalls'
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
