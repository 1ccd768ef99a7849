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
  /**
   * Reads on. The handlers are called before it returns.
   *
   * @throws ProtocolError once an event has outgrown the bound: the stream cannot be read on.
   */
  feed(bytes: Uint8Array): void
}

/** Called for each event, comment line and `retry:` field, in the order of the stream. */
export interface SseHandlers {
  onEvent(event: ServerEvent): void
  onComment(text: string): void
  /** How long the server wants to be left alone before it is asked again, in ms. */
  onRetry(ms: number): void
}

/**
 * One reader for one response.
 *
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream
 */
export function createSseReader(maxEventBytes: number, handlers: SseHandlers): SseReader {
  // `stream: true` below keeps the head of a character that a chunk cut in two.
  const decoder = new TextDecoder()
  const parser = createParser({
    ...handlers,
    ...(maxEventBytes > 0 && { maxBufferSize: maxEventBytes }),
    onError: ({ type }: ParseError) => {
      // Unknown fields and odd `retry:` values are to be ignored, says the standard.
      if (type === 'max-buffer-size-exceeded')
        throw new ProtocolError(`An event is longer than ${maxEventBytes} characters (maxEventBytes)`)
    },
  })
  return { feed: (bytes) => parser.feed(decoder.decode(bytes, DECODE)) }
}

const DECODE = Object.freeze({ stream: true })
