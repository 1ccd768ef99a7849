import type { StreamError } from '../errors/errors.ts'
import type { Delta } from '../events.ts'
import type { About, Verdict } from './dialect.ts'
import { Kept } from './kept.ts'
import { Notes } from './notes.ts'
import { anyCountsIn } from './other-usage.ts'
import { finish } from './reasons.ts'
import {
  type CallFacts,
  deltaOf,
  GrowingArguments,
  restOfArguments,
  type ToldCall,
  UNNAMED,
} from './told-call.ts'
import { ToldText } from './told-text.ts'
import {
  aboutOf,
  argumentsOf,
  indexOf,
  isRaw,
  pieceOf,
  pushText,
  type Raw,
  rawsIn,
  saidOf,
  textOf,
  wordOf,
} from './values.ts'

/** What a table keeps in mind from one event to the next: JSON values, so that a stream can be gone on with. */
export type Memory = Record<string, unknown>

/** Makes deltas of what a table finds, and says nothing twice. */
export class Teller {
  /** Those of the read at hand. */
  deltas: Delta[] = []
  about: About | undefined
  readonly memory: Memory
  readonly #calls: Map<string, ToldCall>
  readonly #arguments = new GrowingArguments()
  readonly #text: ToldText
  #reasoning: number
  isFinished = false
  failure: StreamError | undefined
  /** What is kept under names of the server's, and how often something was told again. */
  readonly kept: Kept = new Kept()
  readonly notes: Notes

  constructor({ calls, text, reasoning, notes, memory }: Raw) {
    const told = rawsIn(calls) as unknown as readonly ToldCall[]
    this.#calls = new Map(told.map((call) => [call.key, { ...call }]))
    this.#text = new ToldText(text)
    this.#reasoning = indexOf(reasoning)
    this.notes = new Notes(this.kept, textOf(notes))
    this.memory = isRaw(memory) ? { ...memory } : {}
  }

  get state(): unknown {
    const calls = [...this.#calls.values()].map((call) => ({ ...call }))
    const notes = this.notes.lines
    return { calls, text: this.#text.state, reasoning: this.#reasoning, notes, memory: { ...this.memory } }
  }

  /** Keeps something in mind under a name of the server's. */
  keep(name: string, value: unknown): void {
    if (!Object.hasOwn(this.memory, name)) this.kept.add(name.length)
    this.memory[name] = value
  }

  /** Whether any text has been told. */
  get hasText(): boolean {
    return this.#text.chars > 0
  }

  text(text: unknown): Verdict {
    this.#text.add(saidOf(text))
    pushText(this.deltas, 'text', text)
    return 'more'
  }

  /** A piece of one of several messages. */
  textOf(message: unknown, text: unknown): Verdict {
    const id = wordOf(message) ?? this.memory.message
    if (id !== this.memory.message) Object.assign(this.memory, { message: id, from: this.#text.chars })
    return this.text(text)
  }

  /** The whole of the text, or of a message: what has not come in pieces. Behind another message it has no place. */
  wholeText(text: unknown, message: unknown = this.memory.message): Verdict {
    const { message: last, from } = this.memory
    return message === last ? this.text(this.#text.restOf(textOf(text), indexOf(from))) : 'more'
  }

  reasoning(text: unknown): Verdict {
    this.#reasoning += saidOf(text).length
    pushText(this.deltas, 'reasoning', text)
    return 'more'
  }

  get hasCalls(): boolean {
    return this.#calls.size > 0
  }

  /** A call begins, or a piece of its arguments has come. */
  call(key: unknown, { id, name, args }: CallFacts): Verdict {
    const known = this.#calls.get(textOf(key))
    const call = known ?? {
      key: textOf(key),
      index: this.#calls.size,
      id: textOf(id),
      name: textOf(name),
      arguments: '',
    }
    if (!known) this.kept.add(call.key.length)
    this.#calls.set(call.key, call)
    const json = call.arguments === '' ? argumentsOf(args) : pieceOf(args)
    call.arguments = this.#arguments.add(call, json)
    if (!known || json !== '') this.deltas.push(deltaOf({ ...call, ...(known && UNNAMED), arguments: json }))
    return 'more'
  }

  /** A whole call; of one that came in pieces what has not come. */
  wholeCall(key: unknown, { id, name, args = {} }: CallFacts): Verdict {
    const told = this.#calls.get(textOf(key))?.arguments
    if (!told) return this.call(key, { id, name, args })
    const rest = restOfArguments(told, argumentsOf(args))
    return rest === '' ? 'more' : this.call(key, { args: rest })
  }

  usage(usage: unknown, raw: unknown = usage): void {
    if (isRaw(usage)) this.deltas.push({ type: 'usage', usage: anyCountsIn(usage, raw) })
  }

  /** Who makes the answer, of which the pieces may come one by one. */
  sign(about: { readonly id?: unknown; readonly model?: unknown }): Verdict {
    const { id, model } = aboutOf(about)
    this.about = { id: this.about?.id ?? id, model: this.about?.model ?? model }
    return 'more'
  }

  /** A place that the answer may be taken back to. */
  mark(): Verdict {
    this.memory.mark = { text: this.#text.chars, reasoning: this.#reasoning, calls: this.#calls.size }
    return 'active'
  }

  /** Takes back what has come since the mark. */
  takeBack(): Verdict {
    const { text, reasoning, calls: count } = isRaw(this.memory.mark) ? this.memory.mark : {}
    this.#text.cut(indexOf(text))
    this.#reasoning = indexOf(reasoning)
    this.kept.grow(0)
    this.deltas.push({ type: 'rewind', text: this.#text.chars, reasoning: this.#reasoning })
    for (const call of [...this.#calls.values()]) {
      if (call.index >= indexOf(count)) this.#calls.delete(call.key)
      // Calls start anew.
      else {
        this.kept.grow(0)
        this.deltas.push(deltaOf(call))
      }
    }
    return 'more'
  }

  /** The answer is whole; `isSilent`: this server gives no word for why. */
  finish(raw: string | undefined, isSilent = false): Verdict {
    if (this.isFinished) return 'more'
    this.isFinished = true
    // A tool that takes nothing.
    for (const call of this.#calls.values())
      if (call.arguments === '') this.deltas.push(deltaOf({ ...call, ...UNNAMED, arguments: '{}' }))
    this.failure = finish(raw, this.deltas, { isSilent, hasCalls: this.hasCalls })
    return this.failure ?? 'more'
  }

  /** The same, and nothing follows. */
  end(raw?: string, isSilent = false): Verdict {
    const verdict = this.finish(raw, isSilent)
    return verdict === 'more' ? 'end' : verdict
  }
}
