/** Finds where JSON objects end, however their text is cut. Each character is looked at once. */
export class Braces {
  #depth = 0
  #isText = false
  #isEscaped = false

  /** Whether an object has begun that has not ended. */
  get areOpen(): boolean {
    return this.#depth > 0
  }

  /** Whether an object ended where the last text did. */
  isWhole = false

  /** Takes a text to its end. */
  add(text: string): void {
    let end = 0
    for (let at = 0; at >= 0 && at < text.length; at = end) end = this.endIn(text, at)
    if (text !== '') this.isWhole = end === text.length
  }

  /** Where the object at hand ends in `text`, counted from `from`; `-1` if it goes on. */
  endIn(text: string, from: number): number {
    for (let at = from; at < text.length; at++) {
      const code = text.charCodeAt(at)
      if (this.#isEscaped) this.#isEscaped = false
      else if (this.#isText) {
        if (code === BACKSLASH) this.#isEscaped = true
        else if (code === QUOTE) this.#isText = false
      } else if (code === QUOTE) this.#isText = true
      else if (code === OPEN) this.#depth++
      else if (code === CLOSE && --this.#depth === 0) return at + 1
    }
    return -1
  }
}

const QUOTE = 34
const BACKSLASH = 92
const OPEN = 123
const CLOSE = 125
