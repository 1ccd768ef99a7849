import { ProtocolError } from '../errors/errors.ts'
import type { ServerEvent } from '../events.ts'

/** How much of the text is kept for the case that nobody understands it. */
export const HEARD_CHARS = 65_536

/** JSON objects one after another: lines, an array, or one document. */
export interface JsonReader {
  /** The text so far, or its beginning. */
  readonly heard: string
  feed(text: string): void
}

/**
 * Finds where each object ends, however the text is cut, and hands it out unparsed. What stands between the objects
 * (line breaks, commas, the brackets of an array) is passed over. Each character is looked at once.
 */
export function createJsonReader(maxChars: number, onEvent: (event: ServerEvent) => void): JsonReader {
  let heard = ''
  let held = ''
  let depth = 0
  let isText = false
  let isEscaped = false

  /** Where the object at hand ends in `text`, counted from `from`; `-1` if it goes on. */
  function endOf(text: string, from: number): number {
    for (let at = from; at < text.length; at++) {
      const code = text.charCodeAt(at)
      if (isEscaped) isEscaped = false
      else if (isText) {
        if (code === BACKSLASH) isEscaped = true
        else if (code === QUOTE) isText = false
      } else if (code === QUOTE) isText = true
      else if (code === OPEN) depth++
      else if (code === CLOSE && --depth === 0) return at + 1
    }
    return -1
  }

  return {
    get heard() {
      return heard
    },
    feed(text) {
      if (heard.length < HEARD_CHARS) heard += text.slice(0, HEARD_CHARS)
      let at = 0
      while (at < text.length) {
        const start = depth > 0 ? at : text.indexOf('{', at)
        if (start < 0) return
        const end = endOf(text, start)
        held += text.slice(start, end < 0 ? undefined : end)
        if (maxChars > 0 && held.length > maxChars)
          throw new ProtocolError(`An event is longer than ${maxChars} characters (maxEventBytes)`)
        if (end < 0) return
        onEvent({ data: held })
        held = ''
        at = end
      }
    },
  }
}

const [QUOTE, BACKSLASH, OPEN, CLOSE] = ['"', '\\', '{', '}'].map((character) => character.charCodeAt(0))
