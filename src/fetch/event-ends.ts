const LF = 10
const CR = 13
const COLON = 58

/**
 * Finds where the events of a stream end, in its bytes: a stream that is gone on with elsewhere can only be joined there.
 * A comment between two events ends with its line.
 *
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream
 */
export class EventEnds {
  #isLineStart = true
  /** Whether a line of the event at hand has been there that is no comment. */
  #hasField = false
  #wasCr = false

  /** Where the first event ends in these bytes, which follow those of the last call; `0`: not in them. */
  endIn(bytes: Uint8Array): number {
    for (let at = 0; at < bytes.length; at++) {
      const byte = bytes[at]
      const isOfLast = byte === LF && this.#wasCr
      this.#wasCr = byte === CR
      if (isOfLast) continue
      if (byte !== LF && byte !== CR) this.#inLine(byte)
      else if (this.#endsEvent()) return at + 1
    }
    return 0
  }

  #inLine(byte: number | undefined): void {
    if (this.#isLineStart && byte !== COLON) this.#hasField = true
    this.#isLineStart = false
  }

  /** A line has ended: an empty one, or a comment where nothing else was, ends an event. */
  #endsEvent(): boolean {
    const isEnd = this.#isLineStart || !this.#hasField
    this.#isLineStart = true
    if (isEnd) this.#hasField = false
    return isEnd
  }
}

/** What a body is, by how it begins; `undefined`: too little has come to tell. */
export type BodyKind = 'events' | 'json' | 'page' | 'other' | undefined

const PAGE = /^<(!doctype|html|head|body)\b/i
const FIELDS = ['data', 'event', 'id', 'retry', 'error']

/** Tells what a body is, as the client that reads it would. @param type - what its server calls it. */
export function kindOf(head: Uint8Array, type: string): BodyKind {
  const text = new TextDecoder().decode(head.subarray(0, MOST_WHITE)).trimStart()
  if (text === '') return head.length < MOST_WHITE ? undefined : 'other'
  if (/^[{[]/.test(text)) return 'json'
  // A model's answer may begin with a tag, too.
  if (text.startsWith('<')) return /^text\/(html|event)/i.test(type) || PAGE.test(text) ? 'page' : 'other'
  if (text.startsWith(':') || FIELDS.some((name) => text.startsWith(name))) return 'events'
  return FIELDS.some((name) => name.startsWith(text)) ? undefined : 'other'
}

const MOST_WHITE = 4_096
