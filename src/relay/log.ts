import type { Ending } from './store.ts'

const encoder = new TextEncoder()

/** Some of a log, as it goes out. */
export interface Piece {
  readonly bytes: Uint8Array<ArrayBuffer>
  /** The id of the last event in it. */
  readonly last: number
}

/** Who reads a log. */
export interface LogReader {
  /** There may be more. */
  wake(): void
}

/** What has arrived of an answer, in the memory of this process. Readers pull from it at their own pace, and none holds another. */
export class Log {
  readonly #frames: string[] = []
  readonly #readers = new Set<LogReader>()
  readonly #onReaders: (count: number) => void
  #bytes = 0
  #ending: Ending | undefined
  #isCut = false
  /** What came last, if several are there: those who are up to date all want the same. */
  #tail: (Piece & { readonly after: number }) | undefined

  /** @param onReaders - told whenever somebody comes or goes. */
  constructor(onReaders: (count: number) => void = () => {}) {
    this.#onReaders = onReaders
  }

  /** The id of the last event; `0` while there is none. */
  get last(): number {
    return this.#frames.length
  }

  /** UTF-8 bytes on the wire. */
  get bytes(): number {
    return this.#bytes
  }

  get ending(): Ending | undefined {
    return this.#ending
  }

  /** Nothing more is coming here, though the answer has not ended: its store cannot be read any more. */
  get isCut(): boolean {
    return this.#isCut
  }

  get readers(): number {
    return this.#readers.size
  }

  get firstFrame(): string | undefined {
    return this.#frames[0]
  }

  /** The events after one of them, without ids. */
  framesAfter(after: number): readonly string[] {
    return this.#frames.slice(after)
  }

  /** @param first - the id of the first one; those that are there already are left out. */
  add(frames: readonly string[], first: number = this.last + 1): void {
    const after = this.last
    for (let at = Math.max(0, after + 1 - first); at < frames.length; at++)
      this.#frames.push(frames[at] as string)
    if (this.last === after) return
    const bytes = this.#encode(after, this.last)
    this.#bytes += bytes.length
    this.#tail = { after, bytes, last: this.last }
    this.#wake()
    // The only one has it, or comes later and asks for more than this.
    if (this.#readers.size < 2) this.#tail = undefined
  }

  /** The answer has ended. */
  end(ending: Ending): void {
    this.#ending ??= ending
    this.#wake()
  }

  cut(): void {
    this.#isCut = true
    this.#wake()
  }

  #wake(): void {
    for (const reader of this.#readers) reader.wake()
  }

  /** Events after one of them, about `maxChars` of them; `undefined` when there is none. */
  pieceAfter(after: number, maxChars: number): Piece | undefined {
    if (after >= this.last) return undefined
    if (this.#tail?.after === after) return this.#tail
    let to = after
    for (let chars = 0; to < this.last && chars < maxChars; to++) chars += this.#frames[to]?.length ?? 0
    return { bytes: this.#encode(after, to), last: to }
  }

  /** What a reader is told that has seen more than there is: how it ended, as the event after its last one. */
  verdictAfter(after: number): Piece {
    return { bytes: encoder.encode(`id: ${after + 1}\n${this.#frames.at(-1) ?? ''}`), last: after + 1 }
  }

  #encode(after: number, to: number): Uint8Array<ArrayBuffer> {
    let text = ''
    for (let at = after; at < to; at++) text += `id: ${at + 1}\n${this.#frames[at]}`
    return encoder.encode(text)
  }

  /** Somebody reads, until {@link leave}. */
  enter(reader: LogReader): void {
    this.#readers.add(reader)
    this.#onReaders(this.#readers.size)
  }

  leave(reader: LogReader): void {
    if (this.#readers.delete(reader)) this.#onReaders(this.#readers.size)
  }
}
