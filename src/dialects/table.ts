/** A dialect as a table: what each kind of its events means. */
import type { StreamError } from '../errors/errors.ts'
import type { Delta, ServerEvent } from '../events.ts'
import type { About, ContinuedRequest, Dialect, DialectReader, Verdict } from './dialect.ts'
import { type ObjectReader, readObjects } from './json.ts'
import { Kept } from './kept.ts'
import { Notes } from './notes.ts'
import { anyCountsIn } from './other-usage.ts'
import { finish } from './reasons.ts'
import { type CallFacts, deltaOf, GrowingArguments, type ToldCall, UNNAMED } from './told-call.ts'
import {
  aboutOf,
  argumentsOf,
  indexOf,
  isRaw,
  pieceOf,
  pushText,
  type Raw,
  rawsIn,
  textOf,
  valueIn,
} from './values.ts'

/** What one kind of event means: it tells a {@link Teller}, and says how things stand. */
export type EventMeaning = (event: Raw, tell: Teller, sent: ServerEvent) => Verdict

/** A dialect, as a table says it. */
export interface Table {
  readonly name: string
  /** Where the kind of an event stands. @defaultValue its `type` */
  kindOf?(event: Raw, sent: ServerEvent): unknown
  readonly kinds: Readonly<Record<string, EventMeaning>>
  /** Called for each event before its meaning is looked up. */
  readonly before?: (event: Raw, tell: Teller) => void
  /** Data that is a list, or a JSON string. @defaultValue it is malformed */
  readonly list?: (list: readonly unknown[] | string, tell: Teller, sent: ServerEvent) => Verdict
  /** An event of no kind in the table. @defaultValue it is foreign */
  readonly other?: EventMeaning
  /** The stream says `[DONE]`. @defaultValue it says nothing */
  readonly done?: (tell: Teller) => Verdict
  /** The stream has ended without an end. */
  readonly close?: (tell: Teller) => void
  /** How it is gone on with. */
  readonly resume?: (url: string, memory: Memory) => ContinuedRequest | undefined
}

/** What a table keeps in mind from one event to the next: JSON values, so that a stream can be gone on with. */
export type Memory = Record<string, unknown>

export function tableDialect(table: Table): Dialect {
  return {
    name: table.name,
    open: (state) => new TableReader(table, isRaw(state) ? state : {}),
    ...(table.resume && {
      resume: (url: string, state: unknown) =>
        isRaw(state) && isRaw(state.memory) ? table.resume?.(url, { ...state.memory }) : undefined,
    }),
  }
}

class TableReader implements DialectReader, ObjectReader {
  readonly #table: Table
  readonly #tell: Teller
  #sent: ServerEvent = { data: '' }

  constructor(table: Table, state: Raw) {
    this.#table = table
    this.#tell = new Teller(state)
  }

  about(): About | undefined {
    return this.#tell.about
  }

  state(): unknown {
    return this.#tell.state
  }

  read(event: ServerEvent, deltas: Delta[]): Verdict {
    this.#sent = event
    const { list } = this.#table
    const value = list && /^["[]/.test(event.data) ? valueIn(event.data) : undefined
    if (!list || value === undefined) return readObjects(event.data, this, deltas)
    this.#tell.deltas = deltas
    return this.#tell.kept.overflow ?? list(value as string | unknown[], this.#tell, event)
  }

  take(event: Raw, deltas: Delta[]): Verdict {
    const { kinds, kindOf, other } = this.#table
    const kind = textOf(kindOf ? kindOf(event, this.#sent) : event.type)
    const meaning = Object.hasOwn(kinds, kind) ? kinds[kind] : other
    if (!meaning) return 'foreign'
    this.#tell.deltas = deltas
    this.#table.before?.(event, this.#tell)
    return this.#tell.kept.overflow ?? meaning(event, this.#tell, this.#sent)
  }

  done(deltas: Delta[]): Verdict {
    this.#tell.deltas = deltas
    return this.#table.done?.(this.#tell) ?? 'ping'
  }

  close(deltas: Delta[]): void {
    this.#tell.deltas = deltas
    if (!this.#tell.isFinished) this.#table.close?.(this.#tell)
  }

  unfinished(): StreamError | undefined {
    return this.#tell.failure
  }
}

/** Makes deltas of what a table finds, and says nothing twice. */
export class Teller {
  /** Those of the read at hand. */
  deltas: Delta[] = []
  about: About | undefined
  readonly memory: Memory
  readonly #calls: Map<string, ToldCall>
  readonly #arguments = new GrowingArguments()
  #text: number
  #reasoning: number
  isFinished = false
  failure: StreamError | undefined
  /** What is kept under names of the server's, and how often something was told again. */
  readonly kept: Kept = new Kept()
  readonly notes: Notes

  constructor({ calls, text, reasoning, notes, memory }: Raw) {
    const told = rawsIn(calls) as unknown as readonly ToldCall[]
    this.#calls = new Map(told.map((call) => [call.key, { ...call }]))
    this.#text = indexOf(text)
    this.#reasoning = indexOf(reasoning)
    this.notes = new Notes(this.kept, textOf(notes))
    this.memory = isRaw(memory) ? { ...memory } : {}
  }

  get state(): unknown {
    const calls = [...this.#calls.values()].map((call) => ({ ...call }))
    const notes = this.notes.lines
    return { calls, text: this.#text, reasoning: this.#reasoning, notes, memory: { ...this.memory } }
  }

  /** Keeps something in mind under a name of the server's. */
  keep(name: string, value: unknown): void {
    if (!Object.hasOwn(this.memory, name)) this.kept.add(name.length)
    this.memory[name] = value
  }

  /** Whether any text has been told. */
  get hasText(): boolean {
    return this.#text > 0
  }

  text(text: unknown): Verdict {
    this.#text += textOf(text).length
    pushText(this.deltas, 'text', text)
    return 'more'
  }

  /** The whole of a text, where nothing of it has come in pieces. */
  wholeText(text: unknown): Verdict {
    return this.hasText ? 'more' : this.text(text)
  }

  reasoning(text: unknown): Verdict {
    this.#reasoning += textOf(text).length
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

  /** A whole call; of one that came in pieces nothing is new. */
  wholeCall(key: unknown, { id, name, args = {} }: CallFacts): Verdict {
    return this.#calls.get(textOf(key))?.arguments ? 'more' : this.call(key, { id, name, args })
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
    this.memory.mark = { text: this.#text, reasoning: this.#reasoning, calls: this.#calls.size }
    return 'active'
  }

  /** Takes back what has come since the mark. */
  takeBack(): Verdict {
    const { text, reasoning, calls: count } = isRaw(this.memory.mark) ? this.memory.mark : {}
    this.#text = indexOf(text)
    this.#reasoning = indexOf(reasoning)
    this.kept.grow(0)
    this.deltas.push({ type: 'rewind', text: this.#text, reasoning: this.#reasoning })
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
