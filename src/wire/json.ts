import { Braces } from '../braces.ts'
import { ProtocolError } from '../errors/errors.ts'
import type { ServerEvent } from '../events.ts'

/** How much of the text is kept for the case that nobody understands it. */
export const HEARD_CHARS = 65_536

/**
 * JSON objects one after another: lines, an array, or one document. It finds where each object ends, however the text is
 * cut, and hands it out unparsed. What stands between the objects (line breaks, commas, the brackets of an array) is
 * passed over. Each character is looked at once.
 */
export class JsonReader {
  readonly #maxChars: number
  readonly #onEvent: (event: ServerEvent) => void
  /** The text so far, or its beginning. */
  heard = ''
  #held = ''
  readonly #braces = new Braces()

  constructor(maxChars: number, onEvent: (event: ServerEvent) => void) {
    this.#maxChars = maxChars
    this.#onEvent = onEvent
  }

  /** @throws ProtocolError once an object has outgrown the bound. */
  feed(text: string): void {
    if (this.heard.length < HEARD_CHARS) this.heard += text
    for (let at = 0; at < text.length; ) {
      const start = this.#braces.areOpen ? at : text.indexOf('{', at)
      if (start < 0) return
      const end = this.#braces.endIn(text, start)
      this.#held += text.slice(start, end < 0 ? undefined : end)
      if (this.#maxChars > 0 && this.#held.length > this.#maxChars)
        throw new ProtocolError(`An event is longer than ${this.#maxChars} characters (maxEventBytes)`)
      if (end < 0) return
      this.#onEvent({ data: this.#held })
      this.#held = ''
      at = end
    }
  }
}
