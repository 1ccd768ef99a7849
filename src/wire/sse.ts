import { createParser, type ParseError } from 'eventsource-parser'
import { ProtocolError } from '../errors/errors.ts'
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

/** Turns the text of an event stream into events, however it was cut. */
export interface SseReader {
  /**
   * Reads on. The handlers are called before it returns.
   *
   * @throws ProtocolError once an event has outgrown the bound: the stream cannot be read on.
   */
  feed(text: string): void
  /** The stream has ended: a last event without its blank line counts if it is whole beyond doubt. */
  end(): void
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
  const stray = createStrayReader((data) => handlers.onEvent({ event: 'error', data }))
  let isOver = false
  const parser = createParser({
    ...handlers,
    onEvent(event) {
      stray.stop()
      if (!isOver || isWhole(event.data)) handlers.onEvent(event)
    },
    ...(maxEventBytes > 0 && { maxBufferSize: maxEventBytes }),
    onError: ({ type }: ParseError) => {
      // Unknown fields and odd `retry:` values are to be ignored, says the standard.
      if (type === 'max-buffer-size-exceeded')
        throw new ProtocolError(`An event is longer than ${maxEventBytes} characters (maxEventBytes)`)
    },
  })
  return {
    feed(text) {
      stray.feed(text)
      parser.feed(text)
    },
    end() {
      isOver = true
      parser.feed('\n\n')
    },
  }
}

// The standard drops an event that no blank line has ended, because the rest of it may be missing. Of JSON one can
// see that nothing is.
function isWhole(data: string): boolean {
  if (data === '[DONE]') return true
  try {
    const value: unknown = JSON.parse(data)
    return typeof value === 'object' && value !== null
  } catch {
    return false
  }
}

// As much as an error takes.
const STRAY_CHARS = 8_192
const STRAY = /^(?:(\{"error".*\})|error:\s*(\{.*\}))\s*$/m

/**
 * Some servers write an error into the stream that is no event: `error: {…}` (llama.cpp until 2025) or a bare JSON
 * line (Lemonade). The parser passes such lines over, so they are looked for beside it, until the first event comes.
 */
function createStrayReader(onError: (data: string) => void): { feed(text: string): void; stop(): void } {
  let head: string | undefined = ''
  return {
    feed(text) {
      if (head === undefined) return
      head += text
      // Only whole lines are looked at, and only when there is a new one.
      if (!/[\r\n]/.test(text) && head.length <= STRAY_CHARS) return
      const lines = head.slice(0, Math.max(head.lastIndexOf('\n'), head.lastIndexOf('\r')) + 1)
      const [found, line, value] = STRAY.exec(lines) ?? []
      if (found || head.length > STRAY_CHARS) head = undefined
      if (found) onError(line ?? `{"error":${value}}`)
    },
    stop() {
      head = undefined
    },
  }
}
