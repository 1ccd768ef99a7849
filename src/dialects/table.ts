/** A dialect as a table: what each kind of its events means. */
import type { StreamError } from '../errors/errors.ts'
import type { Delta, ServerEvent } from '../events.ts'
import type { About, ContinuedRequest, Dialect, DialectReader, Verdict } from './dialect.ts'
import { type ObjectReader, readObjects } from './json.ts'
import { type Memory, Teller } from './teller.ts'
import { isRaw, type Raw, textOf, valueIn } from './values.ts'

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
