/** What the events and parts of a response tell. */
import { indexOf, isRaw, type Raw, textOf } from './values.ts'

/** What is told of a response. */
export type Kind = 'text' | 'refusal' | 'reasoning' | 'call'

const TAIL_CHARS = 16

/** How a text that has been told as a whole is known again. */
export function wholeOf(prefix: string, text: string): string {
  return `${prefix}= ${text.length} ${text.slice(-TAIL_CHARS)}`
}

/** Whether something of an item's kind has been told. */
export function isToldIn(kinds: ReadonlySet<string | undefined>, { type }: Raw): boolean {
  return type === 'reasoning'
    ? kinds.has('reasoning')
    : type !== 'message' || kinds.has('text') || kinds.has('refusal')
}

/** What comes in pieces (`….delta`), and once more as a whole (`….done`). */
export const PIECES: ReadonlyMap<string, Kind> = new Map<string, Kind>([
  ['response.output_text', 'text'],
  ['response.refusal', 'refusal'],
  ['response.reasoning_text', 'reasoning'],
  ['response.reasoning_summary_text', 'reasoning'],
  ['response.function_call_arguments', 'call'],
  ['response.custom_tool_call_input', 'call'],
])

/** The part that an event ends; what it is, is text, unless it says otherwise. */
export function partIn({ output_index, content_index, part }: Raw): {
  readonly kind: Kind
  readonly output: number
  readonly at: number
  readonly whole: string
  /** What the places of its kind and item begin with. */
  readonly prefix: string
} {
  const { type, refusal, text = refusal } = isRaw(part) ? part : {}
  const kind = type === 'refusal' ? type : type === 'reasoning_text' ? 'reasoning' : 'text'
  const output = indexOf(output_index)
  return { kind, output, at: indexOf(content_index), whole: textOf(text), prefix: `${kind} ${output} ` }
}
