import { brief } from '../errors/brief.ts'
import { ProtocolError } from '../errors/errors.ts'
import type { ServerEvent } from '../events.ts'
import { END_KIND, OPENING } from './event-kinds.ts'
import { PING, type Raw, textOf } from './values.ts'

// As much of a line as tells what it is, and is shown of it.
const HELD_CHARS = 200
// As much of its data as tells which one it is.
const HEAD_CHARS = 100
// One that may be cut in two is none yet.
const BREAK = /\r\n|\n|\r(?!$)/
// The longest name of a field.
const NAME_CHARS = 5
const FIELD = /^(?:data|event|id|retry)?(?::|$)/
const DATA = /^data(?:$|:( ?)(.*))/
const LAST = /^(?:data: ?\[done\]|event: ?(.*))/i
// PHP's warnings are none of the text.
const MARKUP = /^<br? ?\/?>/

/** A line with data. */
export interface DataLine {
  readonly hasBlank: boolean
  /** How it begins, without the one blank that the standard passes over. */
  readonly head: string
  /** What was passed over behind it. */
  lost: string
  /** Whether it is text of the answer; `undefined`: its event has not been read. */
  isText: boolean | undefined
}

/** The lines of an event stream, however the network cut them: what of a text the standard has passed over in them. */
export class TextLines {
  /** The first line that is no field, or a break or a blank alone. What stands before the first data, or after the end, is none. */
  #lost = ''
  /** Whether this server writes no blank after `data:`. */
  isBare = false
  /** Whether texts have come that are the data, or made of it. */
  #isText = false
  #kind = ''
  /** How many blanks lines began with, and how many of the later ones with none. */
  #spaced = 0
  #bare = 0
  #line = ''
  #last: DataLine | undefined
  readonly #unread: DataLine[] = []
  /** Whether the block at hand has a line with data; else the line in it that is no field, while nothing follows it. */
  #hasData = false
  #doubtful = ''
  #isOver = false
  /** How many breaks have come since the end of a line with data; how many an event of this server ends with. */
  #breaks: number | undefined
  #usual: number | undefined

  /** @param state - what {@link state} was before the stream broke. */
  remember({ lost, bare, told }: Raw): void {
    this.#lost ||= textOf(lost)
    this.isBare ||= bare === true
    this.#isText ||= told === true
  }

  get state(): Raw | undefined {
    const lost = this.#lost || this.#unread.map((line) => line.lost).find(Boolean) || ''
    return lost !== '' || this.isBare ? { lost, bare: this.isBare, told: this.#isText } : undefined
  }

  /** Hears a piece of the stream. */
  hear(text: string): void {
    const lines = (this.#line + text).split(BREAK)
    this.#line = (lines.pop() ?? '').slice(0, HELD_CHARS)
    for (const line of lines) if (!this.#isOver) this.#read(line)
  }

  /** The file has ended, and with it its last line, unless that may have been cut off within the name of a field. */
  end(): void {
    if (this.#line.length > NAME_CHARS && !this.#isOver) this.#read(this.#line)
    this.#line = ''
  }

  #read(line: string): void {
    if (line === '') this.#endBlock()
    if (line.trim() === '') return
    const [mark, kind] = LAST.exec(line) ?? []
    this.#isOver = mark !== undefined && (kind === undefined || END_KIND.test(kind))
    if (this.#isOver) return
    if (this.#breaks) this.#count(this.#breaks)
    const data = DATA.exec(line)
    this.#breaks = data ? 0 : undefined
    if (data) this.#keep(data)
    if (FIELD.test(line)) this.#doubtful = ''
    else if (MARKUP.test(line)) return
    else if (this.#hasData) this.#lose(line)
    // A sign of life, or a field that nobody knows: behind what is left of a text the event's blank line comes, and no field.
    else if (!PING.test(line)) this.#doubtful ||= line
  }

  #endBlock(): void {
    if (this.#breaks !== undefined) this.#breaks++
    if (this.#doubtful) this.#lose(this.#doubtful)
    this.#doubtful = ''
    this.#hasData = false
  }

  #keep([, blank = '', data = '']: RegExpExecArray): void {
    this.#hasData = true
    this.#last = { hasBlank: blank !== '', head: data.slice(0, HEAD_CHARS), lost: '', isText: undefined }
    this.#unread.push(this.#last)
  }

  /** A server may write more breaks than the standard asks for, but those that not every event has are of the text. */
  #count(breaks: number): void {
    this.#usual ??= breaks
    if (breaks !== this.#usual) this.#lose('\n')
  }

  #lose(what: string): void {
    if (!this.#last) return
    if (this.#last.isText) this.#lost ||= what
    else this.#last.lost ||= what
  }

  /** The lines of an event that is read; those before them were of events that nobody has read. */
  take({ data }: ServerEvent): readonly DataLine[] {
    const wanted = data.split('\n')
    const head = wanted[0]?.slice(0, HEAD_CHARS)
    const at = this.#unread.findIndex((line) => line.head === head)
    if (at < 0) return []
    this.settle(this.#unread.splice(0, at), false)
    return this.#unread.splice(0, wanted.length)
  }

  /** An event was text, or may have been a break of it, or is something else. */
  settle(lines: readonly DataLine[], isText: boolean): void {
    for (const line of lines) {
      line.isText = isText || line.head.trim() === ''
      if (line.isText) this.#lost ||= line.lost
    }
  }

  /** A text has come that is its data, or made of it. A greeting says nothing of how the words are written. */
  compare(lines: readonly DataLine[], kind = ''): void {
    this.#isText = true
    this.#kind = kind
    if (OPENING.test(kind) || PING.test(kind)) return
    for (const { head, hasBlank } of lines) {
      const [, more = '', word] = /^( *)([^\s{["])?/.exec(head) ?? []
      if (word === undefined || this.isBare || OPENING.test(head) || PING.test(head)) continue
      // Of some models the first word, too, begins with a blank: that one nobody misses.
      if (hasBlank) this.#spaced += more.length + 1
      else if (this.#spaced < 2) this.isBare = true
      else if (++this.#bare > 1) this.#lost ||= ' '
    }
  }

  /** Whether an event without a word may be a blank between two. */
  mayBeBlank({ data, event = '' }: ServerEvent): boolean {
    return this.isBare && this.#isText && data.trim() === '' && event === this.#kind
  }

  get #passedOver(): string {
    if (!this.#isText) return ''
    const unread = this.#unread.find(({ head, lost }) => head.trim() === '' && lost !== '')
    return this.#lost || this.#doubtful || (unread?.lost ?? '')
  }

  get error(): ProtocolError | undefined {
    const lost = this.#passedOver
    if (lost === '') return undefined
    const what = ALONE.get(lost) ?? `its line ${JSON.stringify(brief(lost))} has no "data:" before it`
    return new ProtocolError(`Part of the text is lost: ${what}`)
  }
}

const ALONE: ReadonlyMap<string, string> = new Map([
  ['\n', 'there is no "data:" after some of its line breaks'],
  [' ', 'there is no blank between "data:" and its words, so those that words began with are gone'],
])
