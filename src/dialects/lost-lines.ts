import { brief } from '../errors/brief.ts'
import { ProtocolError } from '../errors/errors.ts'
import type { Dialect, Verdict } from './dialect.ts'
import { END_KIND } from './event-kinds.ts'
import { isRaw, type Raw, textOf } from './values.ts'

// As much of a line as tells what it is, and is shown of it.
const HELD_CHARS = 200
const FIELD = /^(?:data|event|id|retry)?(?::|$)/
const LAST = /^(?:data: ?\[done\]|event: ?(.*))/i
// PHP's warnings are none of the text.
const MARKUP = /^<br? ?\/?>/

/** Finds the lines of an event stream that are no fields, however the network cut them. */
class LostLines {
  /** The first one. What stands before the first field, or after the end, is none of the answer. */
  first: string
  #line = ''
  #hasBegun: boolean
  #isOver = false

  /** @param first - what was lost before the stream broke; absent at its start. */
  constructor(first: string | undefined) {
    this.first = textOf(first)
    this.#hasBegun = first !== undefined
  }

  hear(text: string): void {
    const lines = (this.#line + text).split(/\r\n?|\n/)
    this.#line = (lines.pop() ?? '').slice(0, HELD_CHARS)
    for (const line of lines) this.#read(line)
  }

  #read(line: string): void {
    if (this.#isOver || line.trim() === '') return
    const [mark, kind] = LAST.exec(line) ?? []
    this.#isOver = mark !== undefined && (kind === undefined || END_KIND.test(kind))
    if (FIELD.test(line)) this.#hasBegun = true
    else if (this.#hasBegun && !MARKUP.test(line)) this.first ||= line
  }

  get error(): ProtocolError | undefined {
    if (this.first === '') return undefined
    return new ProtocolError(
      `Part of the text is lost: its line ${JSON.stringify(brief(this.first))} has no "data:" before it`,
    )
  }
}

/**
 * A dialect of texts, in which a server may write a line break as it is: `data: one⏎two`. What follows it is no field, and
 * the standard has such a line passed over; it was a part of the answer, which is not whole without it.
 */
export function withoutLoss(dialect: Dialect): Dialect {
  return {
    ...dialect,
    open(state) {
      const reader = dialect.open(state)
      const lines = new LostLines(isRaw(state) ? textOf(state.lost) : undefined)
      return {
        ...reader,
        hear: (text) => lines.hear(text),
        state: () => ({ ...(reader.state?.() as Raw | undefined), lost: lines.first }),
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
