/** The values in a provider's JSON: every field is doubted, and nearly JSON is read, too. */
import type { Delta } from '../events.ts'
import { jsonIn } from '../json-value.ts'

/** An object as a provider sent it: every field is its word, so every one is doubted. */
export type Raw = { readonly [key: string]: unknown }

/** What a server says so that nobody takes it for dead. */
export const PING: RegExp = /^(ping|pong|keep-?alive|heartbeat)$/i

/** Whether an object calls itself one. */
export function isPingObject({ type, event }: Raw): boolean {
  return PING.test(textOf(type ?? event))
}

export const DONE = '[DONE]'
/** How Laravel's event streams end. */
export const CLOSED = '</stream>'

/** Whether an event says that the stream is over; some servers spell it carelessly. */
export function isDone(data: string): boolean {
  return (
    data === DONE ||
    (data.length < 64 && data.includes(DONE) && (partsOf(data)[0] === DONE || valueIn(data) === DONE))
  )
}

/** The JSON object a text is; `undefined` if it is none. */
export function objectIn(text: string): Raw | undefined {
  const value = valueIn(text)
  return isRaw(value) ? value : undefined
}

/** The value a text is; `undefined` if it is no JSON, or nearly: Python writes numbers that are none. */
export function valueIn(text: string): unknown {
  const value = jsonIn(text)
  return value === undefined && /NaN|Infinity/.test(text) ? jsonIn(withoutNumbers(text)) : value
}

// Texts are passed over, also one that does not end: each character is looked at once.
const NO_NUMBER = /"(?:[^"\\]|\\[\s\S])*(?:"|\\?$)|-?\b(?:NaN|Infinity)\b/g

function withoutNumbers(text: string): string {
  return text.replace(NO_NUMBER, (found) => (found.startsWith('"') ? found : 'null'))
}

// Where one object ends and the next one, or the end of the stream, begins; with or without a field name between them.
const SEAM = /([}\]])\s*(?:data:\s*)?(?=\{|\[DONE\])/g
// No JSON has it.
const CUT = '\0'

/** Several whole objects in one text, and the end of the stream among them; none if any of it is something else. */
export function partsOf(data: string): readonly (Raw | '[DONE]')[] {
  const parts = data
    .replace(/^\s*data:/, '')
    .replace(SEAM, `$1${CUT}`)
    .split(CUT)
    .map((part) => (part.trim() === DONE ? DONE : objectIn(part)))
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

/** A place in a list; what is none is the first. */
export function indexOf(value: unknown): number {
  return Number.isSafeInteger(value) ? (value as number) : 0
}

/** A piece of text: Workers AI makes numbers of the digits in it. */
export function saidOf(text: unknown): string {
  return textOf(Number.isFinite(text) ? `${text}` : text)
}

/** Adds a piece of text or reasoning; an empty one is none. */
export function pushText(deltas: Delta[], type: 'text' | 'reasoning', said: unknown): void {
  const text = saidOf(said)
  if (text) deltas.push({ type, text })
}

/** Adds a tool call, or a piece of its arguments. */
export function pushCall(
  deltas: Delta[],
  index: number,
  { id, name, args }: { readonly id?: unknown; readonly name?: unknown; readonly args?: unknown },
): void {
  deltas.push({ type: 'tool-call', index, id: textOf(id), name: textOf(name), arguments: argumentsOf(args) })
}

/** Arguments, or a piece of them, as the JSON text they are; some servers send the object. */
export function pieceOf(args: unknown): string {
  if (typeof args === 'string') return args
  return args === undefined || args === null ? '' : JSON.stringify(args)
}

/** The same from their beginning: some servers encode the text once more. A later piece may be a text by itself. */
export function argumentsOf(args: unknown): string {
  const json = pieceOf(args)
  const once = json.startsWith('"{') ? valueIn(json) : undefined
  return typeof once === 'string' && objectIn(once) ? once : json
}

/** Who made the answer, where the provider says so. */
export function aboutOf({ id, model }: { readonly id?: unknown; readonly model?: unknown }): {
  readonly id: string | undefined
  readonly model: string | undefined
} {
  return { id: wordOf(id), model: wordOf(model) }
}
