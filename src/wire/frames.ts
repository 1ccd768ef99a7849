import { JsonReader } from './json.ts'
import { type SseHandlers, SseReader } from './sse.ts'

export interface FrameHandlers extends SseHandlers {
  /** What came is a page: its beginning. Called once, and nothing else after it. */
  onPage(text: string): void
  /**
   * Whether a body that begins like this is text, without frames; `undefined`: too little has come to tell.
   *
   * @param isOver - it is all that will come.
   */
  isText(head: string, isOver: boolean): boolean | undefined
  /** A piece of a body that is the text itself. */
  onText(text: string): void
}

/**
 * Turns the bytes of one response into events, however the network cut them and whatever frames them. The first character
 * tells what it is, because content types cannot be trusted: `{` and `[` begin JSON, `<` (but not `<br`) begins a page, all
 * else is an event stream. Whoever can read a body without frames is asked before.
 */
export class FrameReader {
  readonly #handlers: FrameHandlers
  // `stream: true` below keeps the head of a character that a chunk cut in two.
  readonly #decoder = new TextDecoder()
  // Node and Chromium decode faster without it.
  readonly #wholeDecoder = new TextDecoder('utf-8', { ignoreBOM: true })
  /** Whether the read before this one ended with a whole character. */
  #isWhole = false
  #reader: JsonReader | SseReader | 'page' | 'text' | undefined
  #head = ''
  /** A page as far as it has come; `undefined` once it is told. */
  #page: string | undefined = ''
  /** How an event stream began, and how it ends: in two, because a text that is cut is copied. */
  #heard = ''
  #before = ''
  #last = ''

  constructor(handlers: FrameHandlers) {
    this.#handlers = handlers
  }

  /** What came, or its beginning, if it was JSON rather than events. */
  get json(): string | undefined {
    return this.#reader instanceof JsonReader ? this.#reader.heard : undefined
  }

  /** The first line of what came, if it was none of an event stream, nor the beginning of a field's name. */
  get strange(): string | undefined {
    return STRANGE.exec(this.#heard)?.[0]
  }

  /** The last line, if it was none of an event stream, nor JSON: what a server says of its end (Go's `http.Error`). */
  get parting(): string | undefined {
    return PARTING.exec((this.#before + this.#last).slice(-LAST_CHARS))?.[1]
  }

  /**
   * Reads on. The handlers are called before it returns.
   *
   * @throws ProtocolError once an event has outgrown the bound: the stream cannot be read on.
   */
  feed(bytes: Uint8Array): void {
    const wasWhole = this.#isWhole
    this.#isWhole = (bytes[bytes.length - 1] as number) < NOT_ASCII
    const isPlain = wasWhole && this.#isWhole
    this.#read(isPlain ? this.#wholeDecoder.decode(bytes) : this.#decoder.decode(bytes, { stream: true }))
  }

  /** No more bytes will come. */
  end(): void {
    this.#read(this.#decoder.decode())
    if (!this.#reader && this.#heard !== '') this.#begin('', true)
    if (this.#reader instanceof SseReader) this.#reader.end()
    if (this.#reader === 'page' && this.#page !== undefined) this.#handlers.onPage(this.#page)
  }

  #read(text: string): void {
    if (text === '') return
    if (this.#last.length > LAST_CHARS) {
      this.#before = this.#last
      this.#last = ''
    }
    this.#last += text
    if (this.#heard.length < HEARD_CHARS)
      this.#heard = (this.#heard + text).replace(/^(?:<br \/>)?\s*([\r\n]|(?=\s))/, '')
    if (typeof this.#reader === 'object') this.#reader.feed(text)
    else if (this.#reader === 'page') this.#readPage(text)
    else if (this.#reader) this.#handlers.onText(text)
    else this.#begin(text)
  }

  #begin(text: string, isOver = false): void {
    this.#head += text
    if (this.#readText(isOver)) return
    const first = this.#head.trimStart().charAt(0)
    if (first === '') {
      // Some proxies send white space for hours. Of a line that may become one only that it does not begin with its name.
      this.#head = /[\r\n]$/.test(this.#head) ? '' : ' '
      return
    }
    const head = this.#head
    this.#head = ''
    // PHP writes `<br />` and a warning before the first event.
    if (/^\s*<(?!br)/.test(head)) {
      this.#reader = 'page'
      this.#readPage(head)
      return
    }
    this.#reader =
      first === '{' || first === '['
        ? new JsonReader(this.#handlers.maxEventBytes, (event) => this.#handlers.onEvent(event))
        : new SseReader(this.#handlers)
    this.#reader.feed(head)
  }

  /** A page is told by its title. */
  #readPage(text: string): void {
    if (this.#page === undefined) return
    this.#page += text
    if (this.#page.length < PAGE_CHARS && !/<\/title|<body/i.test(this.#page)) return
    const page = this.#page
    this.#page = undefined
    this.#handlers.onPage(page)
  }

  /** Whether the head is text, or too short to tell. */
  #readText(isOver: boolean): boolean {
    const isText = this.#handlers.isText(this.#head, isOver)
    if (isText) {
      this.#reader = 'text'
      this.#handlers.onText(this.#head)
    }
    return isText ?? (!isOver && this.#head.length < HEARD_CHARS)
  }
}

// `data={…}` is no field, and an event whose breaks are written out (`\\n\\n`, of a string in single quotes) never ends.
const STRANGE =
  /^(?:data:.*\\n\\ndata:|(?!:|\s*$|(?:data|event|id|retry|error)(?:[:\s]|$))(?:.{6,}|.+(?=[\r\n])|[^deir].*))/
const PARTING = /[\r\n](?!(?:data|event|id|retry)\b|[:{])(\S.{5,299}?)\s*$/
// More than words that are quoted, and what stands around them.
const LAST_CHARS = 320
const NOT_ASCII = 0x80
const HEARD_CHARS = 1_000
// Little enough to be looked through at each read.
const PAGE_CHARS = 4_096
