/**
 * A text that grows by small pieces. Engines keep such a text as the list of its pieces, each with what it was cut from,
 * which may be a thousand times longer; so every now and then they are copied into one.
 */
export class GrowingText {
  #head: string
  #tail = ''

  constructor(text = '') {
    this.#head = text
  }

  /** All of it, with one more piece. */
  add(piece: string): string {
    this.#tail += piece
    if (this.#tail.length >= PIECES_CHARS) {
      // What makes a copy in every engine, also of half a surrogate pair.
      this.#head += JSON.parse(JSON.stringify(this.#tail))
      this.#tail = ''
    }
    return this.#head + this.#tail
  }

  /** As much of its beginning, from which it grows on. */
  cut(length: number): string {
    this.#head = this.add('').slice(0, length)
    this.#tail = ''
    return this.#head
  }
}

const PIECES_CHARS = 1_024
