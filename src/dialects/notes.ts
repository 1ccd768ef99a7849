import type { Kept } from './kept.ts'

/** Names of the server's that are kept in mind. */
export class Notes {
  /** As JSON, one a line: such a text grows at no cost, and its beginnings stay as they are. */
  lines: string
  readonly #all: Set<string>
  readonly #kept: Kept

  /** @param lines - what {@link lines} was before the stream broke. */
  constructor(kept: Kept, lines: string) {
    this.#kept = kept
    this.lines = lines
    this.#all = new Set(lines.split('\n'))
  }

  has(name: string): boolean {
    return this.#all.has(JSON.stringify(name))
  }

  add(name: string): void {
    if (this.has(name)) return
    const line = JSON.stringify(name)
    this.#kept.add(line.length)
    this.#all.add(line)
    this.lines += `${line}\n`
  }
}
