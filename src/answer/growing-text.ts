/**
 * A text that grows by small pieces. Engines keep such a text as the list of its pieces, each with what it was cut from,
 * which may be a thousand times longer; so every now and then they are copied into one.
 */
export class GrowingText {
  #head = ''
  #tail = ''

  /** All of it, with one more piece. */
  add(piece: string): string {
    this.#tail += piece
    if (this.#tail.length < PIECES_CHARS) return this.#head + this.#tail
    this.#head += copyOf(this.#tail)
    this.#tail = ''
    return this.#head
  }

  /** As much of its beginning, from which it grows on. */
  cut(length: number): string {
    this.#head = (this.#head + this.#tail).slice(0, length)
    this.#tail = ''
    return this.#head
  }
}

const PIECES_CHARS = 1_024

// What makes a copy in every engine, also of half a surrogate pair.
function copyOf(text: string): string {
  return JSON.parse(JSON.stringify(text)) as string
}
