import { createParser, type ParseError } from 'eventsource-parser'
import { ProtocolError } from '../errors.ts'
import type { ServerEvent } from '../events.ts'

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

/** Turns the bytes of an event stream into events, however the network cut them. */
export interface SseReader {
  /** The events this piece completes, and the comments in it. */
  feed(bytes: Uint8Array): SseBatch
}

/** What one piece of the stream held. */
export interface SseBatch {
  readonly events: readonly ServerEvent[]
  /** Comment lines, the keep-alives of most servers. */
  readonly comments: readonly string[]
  /** Set once an event outgrew the bound: the stream cannot be read on. What came before it is in `events`. */
  readonly error: ProtocolError | undefined
}

/**
 * One reader for one response.
 *
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream
 */
export function createSseReader(maxEventBytes: number): SseReader {
  // `stream: true` below keeps the head of a character that a chunk cut in two.
  const decoder = new TextDecoder()
  let events: ServerEvent[] = []
  let comments: string[] = []
  let error: ProtocolError | undefined
  const parser = createParser({
    ...(maxEventBytes > 0 && { maxBufferSize: maxEventBytes }),
    onEvent: (event) => events.push(event),
    onComment: (comment) => comments.push(comment),
    onError: (problem: ParseError) => {
      // Unknown fields and odd `retry:` values are to be ignored, says the standard.
      if (problem.type === 'max-buffer-size-exceeded')
        error = new ProtocolError(`An event is longer than ${maxEventBytes} characters (maxEventBytes)`)
    },
  })
  return {
    feed(bytes) {
      parser.feed(decoder.decode(bytes, DECODE))
      const batch = { events, comments, error }
      if (events.length > 0) events = []
      if (comments.length > 0) comments = []
      return batch
    },
  }
}

const DECODE = Object.freeze({ stream: true })
