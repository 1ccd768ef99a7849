/** A reader of the simplest kind: it shows what the deltas say, and takes back what a `rewind` takes back. */
import type { Answer, Delta } from '../../src/index.ts'

/** What somebody sees of an answer. */
export interface Shown {
  readonly text: string
  readonly reasoning: string
  readonly calls: readonly { readonly id: string; readonly name: string; readonly arguments: string }[]
}

export class Screen {
  #text = ''
  #reasoning = ''
  readonly #calls = new Map<number, Shown['calls'][number]>()
  rewinds = 0
  /** What it was told to do and could not. */
  readonly faults: string[] = []
  /** Whether it was ever given text, reasoning or a tool call. */
  hasHeard = false

  show(delta: Delta): void {
    this.hasHeard ||= ['text', 'reasoning', 'tool-call'].includes(delta.type)
    if (delta.type === 'text') this.#text += delta.text
    if (delta.type === 'reasoning') this.#reasoning += delta.text
    if (delta.type === 'tool-call') {
      const {
        id,
        name,
        arguments: json,
      } = this.#calls.get(delta.index) ?? { id: '', name: '', arguments: '' }
      const grown = { id: delta.id || id, name: delta.name || name, arguments: json + delta.arguments }
      this.#calls.set(delta.index, grown)
    }
    if (delta.type === 'rewind') this.#rewind(delta.text, delta.reasoning)
  }

  get shown(): Shown {
    return { text: this.#text, reasoning: this.#reasoning, calls: [...this.#calls.values()] }
  }

  #rewind(text: number, reasoning: number): void {
    this.rewinds++
    if (text > this.#text.length || reasoning > this.#reasoning.length)
      this.faults.push(`rewind to ${text} and ${reasoning}, which is beyond ${JSON.stringify(this.shown)}`)
    this.#text = this.#text.slice(0, text)
    this.#reasoning = this.#reasoning.slice(0, reasoning)
    this.#calls.clear()
  }
}

/** An answer as a screen would show it. */
export function shownOf({ text, reasoning, toolCalls }: Answer): Shown {
  return {
    text,
    reasoning,
    calls: toolCalls.map(({ id, name, arguments: json }) => ({ id, name, arguments: json })),
  }
}

/** Whether `part` may be what one sees of `whole` before all of it has come. */
export function begins(whole: Shown, part: Shown): boolean {
  return (
    whole.text.startsWith(part.text) &&
    whole.reasoning.startsWith(part.reasoning) &&
    part.calls.every((call, n) => whole.calls[n]?.arguments.startsWith(call.arguments))
  )
}
