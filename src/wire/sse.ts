import { createParser, type EventSourceParser } from 'eventsource-parser'
import { ProtocolError } from '../errors/errors.ts'
import type { ServerEvent } from '../events.ts'
import { jsonIn } from '../json-value.ts'
import { StrayReader } from './stray.ts'

/** Bounds on what is held of a stream while it is incomplete. */
export interface SseLimits {
  /**
   * The longest event held while its end has not come. Counted in decoded characters, of which a byte never makes
   * more than one.
   * @defaultValue 16 777 216 (16 MiB)
   */
  readonly maxEventBytes?: number | undefined
}

/** The default bound. */
export const sseLimits: { readonly maxEventBytes: number } = Object.freeze({
  maxEventBytes: 16 * 1024 * 1024,
})

/** Called for each event, id without an event, comment line and `retry:` field, in the order of the stream. */
export interface SseHandlers {
  /** The longest event; `0`: any. */
  readonly maxEventBytes: number
  /** A piece of the stream, before the events in it. */
  onPiece(text: string): void
  onEvent(event: ServerEvent): void
  /** An id without data, which is no event, but a place. */
  onId(id: string): void
  /** A line, or several, that are no part of an event: JSON, or what follows `error:`. */
  onStray(data: string): void
  onComment(text: string): void
  /** How long the server wants to be left alone before it is asked again, in ms. */
  onRetry(ms: number): void
}

/**
 * Turns the text of an event stream into events, however it was cut.
 *
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream
 */
export class SseReader {
  readonly #handlers: SseHandlers
  readonly #parser: EventSourceParser
  readonly #stray = new StrayReader()
  #isOver = false
  /** An id whose event has not come. */
  #id: string | undefined
  /** How the line begins that has not ended. */
  #line = ''

  constructor(handlers: SseHandlers) {
    const { maxEventBytes } = handlers
    this.#handlers = handlers
    this.#parser = createParser({
      ...(maxEventBytes > 0 && { maxBufferSize: maxEventBytes }),
      onComment: (text) => handlers.onComment(text),
      onRetry: (ms) => handlers.onRetry(ms),
      onId: (id) => this.#onId(id),
      onEvent: (event) => {
        if (this.#isOver || this.#id !== undefined) this.#onEvent(event)
        else handlers.onEvent(event)
      },
    })
  }

  /**
   * Reads on. The handlers are called before it returns.
   *
   * @throws ProtocolError once an event has outgrown the bound: the stream cannot be read on.
   */
  feed(text: string): void {
    this.#handlers.onPiece(text)
    for (let rest: string | undefined = text; rest !== undefined; ) {
      const stray = this.#stray.find(rest)
      const part = stray ? rest.slice(0, stray.end) : rest
      this.#parser.feed(part)
      if (part.endsWith(END)) this.#line = ''
      else this.#hold(part)
      this.#tellId()
      if (stray) this.#handlers.onStray(stray.data)
      rest = stray && rest.slice(stray.end)
    }
  }

  /** The stream has ended: a last event without its blank line counts if it is whole beyond doubt. */
  end(): void {
    this.#isOver = true
    const stray = this.#stray.end()
    this.#parser.feed(END)
    if (stray !== undefined) this.#handlers.onStray(stray)
  }

  /** The text has ended within an event, as few do. */
  #hold(text: string): void {
    // Without `onError`, for which the parser would make an error of each line that is to be ignored, with its stack: that
    // an event has outgrown the bound is then told by refusing to read on.
    try {
      this.#parser.feed('')
    } catch {
      throw new ProtocolError(
        `An event is longer than ${this.#handlers.maxEventBytes} characters (maxEventBytes)`,
      )
    }
    const isNew = text.includes('\n') || text.includes('\r')
    // What a piece of a long line is.
    if (!isNew && this.#line.length === ID.length) return
    // A carriage return is looked for only behind the last line feed: engines search backwards one character at a time.
    const tail = text.slice(text.lastIndexOf('\n') + 1)
    const line = tail.slice(tail.lastIndexOf('\r') + 1)
    this.#line = ((isNew ? '' : this.#line) + line.slice(0, ID.length)).slice(0, ID.length)
  }

  /** An event that is not as most are: with an id, after one, or the last. */
  #onEvent(event: ServerEvent): void {
    if (event.id === undefined) this.#tellId()
    this.#id = undefined
    if (!this.#isOver) this.#handlers.onEvent(event)
    // Half an id is another one.
    else {
      const data = wholeLines(event.data)
      if (data !== '')
        this.#handlers.onEvent({ ...event, data, ...(this.#line.startsWith(ID) && { id: undefined }) })
    }
  }

  #onId(id: string): void {
    this.#tellId()
    if (!this.#isOver) this.#id = id
  }

  #tellId(): void {
    if (this.#id !== undefined) this.#handlers.onId(this.#id)
    this.#id = undefined
  }
}

const ID = 'id'
/** The end of an event, as nearly all servers write it. */
const END = '\n\n'

// The standard drops an event that no blank line has ended, because the rest of it may be missing. Of JSON one can
// see that nothing is; and a server that ends its events with a single break has made one event of them all.
function wholeLines(data: string): string {
  if (isWhole(data)) return data
  const lines = data.split('\n')
  const end = lines.findIndex((line) => !isWhole(line))
  return lines.slice(0, end < 0 ? undefined : end).join('\n')
}

function isWhole(data: string): boolean {
  const value = jsonIn(data)
  return data.trim() === '[DONE]' || (typeof value === 'object' && value !== null)
}
