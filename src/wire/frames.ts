import { createJsonReader, type JsonReader } from './json.ts'
import { createSseReader, type SseHandlers, type SseReader } from './sse.ts'

/** Turns the bytes of a response into events, however the network cut them and whatever frames them. */
export interface FrameReader {
  /**
   * Reads on. The handlers are called before it returns.
   *
   * @throws ProtocolError once an event has outgrown the bound: the stream cannot be read on.
   */
  feed(bytes: Uint8Array): void
  /** No more bytes will come. */
  end(): void
  /** What came, or its beginning, if it was JSON rather than events. */
  readonly json: string | undefined
}

export interface FrameHandlers extends SseHandlers {
  /** What came is a page: the first piece of it. Called once, and nothing else after it. */
  onPage(text: string): void
}

/**
 * One reader for one response. The first character tells what it is, because content types cannot be trusted: `{` and
 * `[` begin JSON, `<` begins a page, all else is an event stream.
 */
export function createFrameReader(maxEventBytes: number, handlers: FrameHandlers): FrameReader {
  // `stream: true` below keeps the head of a character that a chunk cut in two.
  const decoder = new TextDecoder()
  let sse: SseReader | undefined
  let json: JsonReader | undefined
  let head = ''
  let isPage = false

  function begin(text: string): void {
    head += text
    const first = head.trimStart().charAt(0)
    if (first === '') return
    if (first === '<') {
      isPage = true
      handlers.onPage(head)
    } else if (first === '{' || first === '[') {
      json = createJsonReader(maxEventBytes, handlers.onEvent)
      json.feed(head)
    } else {
      sse = createSseReader(maxEventBytes, handlers)
      sse.feed(head)
    }
    head = ''
  }

  function feed(text: string): void {
    if (sse) sse.feed(text)
    else if (json) json.feed(text)
    else if (!isPage && text !== '') begin(text)
  }

  return {
    feed: (bytes) => feed(decoder.decode(bytes, DECODE)),
    end() {
      feed(decoder.decode())
      sse?.end()
    },
    get json() {
      return json?.heard
    },
  }
}

const DECODE = Object.freeze({ stream: true })
