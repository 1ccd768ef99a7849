import { brief } from '../errors/brief.ts'
import { ProtocolError } from '../errors/errors.ts'
import type { Dialect, Verdict } from './dialect.ts'
import { END_KIND } from './event-kinds.ts'
import { isRaw, type Raw, textOf } from './values.ts'

// As much of a line as tells what it is, and is shown of it.
const HELD_CHARS = 200
// One that may be cut in two is none yet.
const BREAK = /\r\n|\n|\r(?!$)/
const FIELD = /^(?:data|event|id|retry)?(?::|$)/
const DATA = /^data(?::|$)/
// Of JSON a blank before it tells nothing.
const TEXT = /^data:( *)[^\s{["]/
const LAST = /^(?:data: ?\[done\]|event: ?(.*))/i
// PHP's warnings are none of the text.
const MARKUP = /^<br? ?\/?>/

/** The lines of an event stream, however the network cut them: what of a text the standard has passed over in them. */
class TextLines {
  /** The first line that is no field, or a break or a blank alone. What stands before the first field, or after the end, is none. */
  lost: string
  /** Whether this server writes no blank after `data:`. */
  isBare: boolean
  /** How many blanks lines began with, and how many of the later ones with none. */
  #spaced = 0
  #bare = 0
  #line = ''
  #hasBegun = false
  #isOver = false
  /** How many breaks have come since the end of a line with data; how many an event of this server ends with. */
  #breaks: number | undefined
  #usual: number | undefined

  /** @param state - what there was before the stream broke. */
  constructor({ lost, bare }: Raw) {
    this.lost = textOf(lost)
    this.isBare = bare === true
  }

  /** Hears a piece of the stream. It gives what is to be read, in which each blank that a word begins with is kept. */
  hear(text: string): string {
    const held = this.#line
    const lines = (held + text).split(BREAK)
    this.#line = (lines.pop() ?? '').slice(0, HELD_CHARS)
    for (const line of lines) this.#read(line)
    return this.isBare ? spaced(held + text).slice(spaced(held).length) : text
  }

  #read(line: string): void {
    if (this.#isOver) return
    if (line === '' && this.#breaks !== undefined) this.#breaks++
    if (line.trim() === '') return
    const [mark, kind] = LAST.exec(line) ?? []
    this.#isOver = mark !== undefined && (kind === undefined || END_KIND.test(kind))
    if (this.#isOver) return
    const blank = TEXT.exec(line)?.[1]
    if (blank !== undefined && !this.isBare) this.#compare(blank)
    if (this.#breaks) this.#count(this.#breaks)
    this.#breaks = DATA.test(line) ? 0 : undefined
    if (FIELD.test(line)) this.#hasBegun = true
    else if (this.#hasBegun && !MARKUP.test(line)) this.lost ||= line
  }

  /** A server may write more breaks than the standard asks for, but those that not every event has are of the text. */
  #count(breaks: number): void {
    this.#usual ??= breaks
    if (breaks !== this.#usual) this.lost ||= '\n'
  }

  /** Of some models the first word, too, begins with a blank: that one nobody misses. */
  #compare(blank: string): void {
    if (blank !== '') this.#spaced += blank.length
    else if (this.#spaced < 2) this.isBare = true
    else if (++this.#bare > 1) this.lost ||= ' '
  }

  get error(): ProtocolError | undefined {
    if (this.lost === '') return undefined
    const line = JSON.stringify(brief(this.lost))
    const what = ALONE.get(this.lost) ?? `its line ${line} has no "data:" before it`
    return new ProtocolError(`Part of the text is lost: ${what}`)
  }
}

const ALONE: ReadonlyMap<string, string> = new Map([
  ['\n', 'there is no "data:" after some of its line breaks'],
  [' ', 'there is no blank between "data:" and its words, so those that words began with are gone'],
])

/** The standard has one blank after `data:` passed over. */
function spaced(text: string): string {
  return text.replace(/(^|[\r\n])data: /g, '$1data:  ')
}

/**
 * A dialect of texts, in which a server may write a line break as it is: `data: one⏎two`. What follows it is no field, and
 * the standard has such a line passed over; it was a part of the answer, which is not whole without it. A break that ends
 * a piece of text, or is one, only adds to those that end the event.
 *
 * What can be had again is: Spring and Gin write `data:` without a blank, and the one that a word begins with goes for it.
 */
export function withoutLoss(dialect: Dialect): Dialect {
  return {
    ...dialect,
    open(state) {
      const reader = dialect.open(state)
      const lines = new TextLines(isRaw(state) ? state : {})
      return {
        ...reader,
        hear: (text) => lines.hear(text),
        state: () => ({ ...(reader.state?.() as Raw | undefined), lost: lines.lost, bare: lines.isBare }),
        read(event, deltas): Verdict {
          const before = deltas.length
          const verdict = reader.read(event, deltas)
          const error = verdict === 'end' ? lines.error : undefined
          if (error) deltas.length = before
          return error ?? verdict
        },
        unfinished: () => lines.error,
      }
    },
  }
}
