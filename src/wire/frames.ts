import { JsonReader } from './json.ts'
import { type SseHandlers, SseReader } from './sse.ts'

export interface FrameHandlers extends SseHandlers {
  /** What came is a page: the first piece of it. Called once, and nothing else after it. */
  onPage(text: string): void
}

/**
 * Turns the bytes of one response into events, however the network cut them and whatever frames them. The first character
 * tells what it is, because content types cannot be trusted: `{` and `[` begin JSON, `<` begins a page, all else is an
 * event stream.
 */
export class FrameReader {
  readonly #handlers: FrameHandlers
  // `stream: true` below keeps the head of a character that a chunk cut in two.
  readonly #decoder = new TextDecoder()
  #reader: JsonReader | SseReader | 'page' | undefined
  #head = ''

  constructor(handlers: FrameHandlers) {
    this.#handlers = handlers
  }

  /** What came, or its beginning, if it was JSON rather than events. */
  get json(): string | undefined {
    return this.#reader instanceof JsonReader ? this.#reader.heard : undefined
  }

  /**
   * Reads on. The handlers are called before it returns.
   *
   * @throws ProtocolError once an event has outgrown the bound: the stream cannot be read on.
   */
  feed(bytes: Uint8Array): void {
    this.#read(this.#decoder.decode(bytes, DECODE))
  }

  /** No more bytes will come. */
  end(): void {
    this.#read(this.#decoder.decode())
    if (this.#reader instanceof SseReader) this.#reader.end()
  }

  #read(text: string): void {
    if (this.#reader === 'page') return
    if (this.#reader) this.#reader.feed(text)
    else if (text !== '') this.#begin(text)
  }

  #begin(text: string): void {
    this.#head += text
    const first = this.#head.trimStart().charAt(0)
    if (first === '') {
      // Some proxies send white space for hours. Of a line that may become one only that it does not begin with its name.
      this.#head = /[\r\n]$/.test(this.#head) ? '' : ' '
      return
    }
    const head = this.#head
    this.#head = ''
    if (first === '<') {
      this.#reader = 'page'
      this.#handlers.onPage(head)
      return
    }
    this.#reader =
      first === '{' || first === '['
        ? new JsonReader(this.#handlers.maxEventBytes, (event) => this.#handlers.onEvent(event))
        : new SseReader(this.#handlers)
    this.#reader.feed(head)
  }
}

const DECODE = Object.freeze({ stream: true })
