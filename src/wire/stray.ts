import { jsonIn } from '../json-value.ts'

/** What stands in a stream, but is no event: JSON, or an error. */
export interface Stray {
  /** What it says. */
  readonly data: string
  /** Where it ends in the text it was found in: what stands before it still counts. */
  readonly end: number
}

// As much as an error takes.
const STRAY_CHARS = 8_192
// Few lines of a document look like its last one; each costs a look at all before it.
const MOST_TRIES = 50
const BREAK = /[\r\n]/
// How a line begins that is JSON or an error, or may become one.
const BEGINS = /^(?:[{[<]|error:|e(?:r(?:r(?:or?)?)?)?$)/
const ERROR = /^(?:error|<b>\w+ error<\/b>):\s*(\S.*)/
const FIELD = /^(?::|(?:data|event|id|retry)\b)/

/**
 * Some servers write an error into the stream that is no event: `error: {…}` (llama.cpp until 2025), a line of bare JSON
 * (Lemonade), a document over several lines (gateways), or `<b>Fatal error</b>: …` (PHP, which then ends the response in
 * good order). The parser passes such lines over, so they are looked for beside it.
 */
export class StrayReader {
  /** What may become an error: whole lines of JSON, and the line that has not ended. */
  #json = ''
  #line = ''
  #isLineStart = true
  /** How often those lines were looked at as a whole. */
  #tries = 0

  /** Looks through a text before the parser gets it. */
  find(text: string): Stray | undefined {
    const isHeld = this.#json !== '' || this.#line !== ''
    const isLineStart = this.#isLineStart
    if (text !== '') this.#isLineStart = endsInBreak(text)
    // What most texts cost: a look at how each of their lines begins.
    if (!isHeld && !(isLineStart && mayBegin(text, 0)) && !hasMark(text)) return undefined
    // Without a line break the line at hand goes on.
    const from = isHeld || isLineStart ? 0 : text.search(BREAK)
    const before = this.#line.length
    this.#line += text.slice(from)
    if (isHeld && !BREAK.test(text)) return this.#bound()
    const found = this.#take()
    if (found) this.#isLineStart = true
    return found && { data: found.data, end: from + Math.max(found.end - before, 0) }
  }

  /** No more will come: the last line has ended. */
  end(): string | undefined {
    this.#line += '\n'
    const data = this.#take()?.data
    // Half an error says nothing.
    return data?.startsWith('{') && jsonIn(data) === undefined ? undefined : data
  }

  #bound(): undefined {
    if (this.#json.length + this.#line.length > STRAY_CHARS) this.#json = this.#line = ''
  }

  /** Goes through the lines that have ended and keeps what may go on. */
  #take(): Stray | undefined {
    const held = this.#line
    let at = 0
    for (let next = lineEnd(held, at); next > at; at = next, next = lineEnd(held, at)) {
      const data = this.#takeLine(held.slice(at, next))
      if (data === undefined) continue
      this.#json = this.#line = ''
      return { data, end: next }
    }
    const rest = held.slice(at)
    this.#line = this.#json !== '' || BEGINS.test(rest.slice(0, 6)) ? rest : ''
    return this.#bound()
  }

  /** What a line says, or ends the saying of. */
  #takeLine(line: string): string | undefined {
    if (FIELD.test(line)) this.#json = ''
    if (this.#json === '') {
      this.#tries = 0
      const error = ERROR.exec(line)?.[1]
      if (error !== undefined) return error
      if (!/^[{[]/.test(line)) return undefined
    }
    this.#json += line
    if (this.#json.length > STRAY_CHARS) this.#json = ''
    else if (/[}\]]\s*$/.test(line) && this.#tries++ < MOST_TRIES && jsonIn(this.#json) !== undefined)
      return this.#json.trim()
    return undefined
  }
}

/** Whether a line begins that may be stray. One search for the breaks is faster than one for each mark. */
function hasMark(text: string): boolean {
  for (let at = text.indexOf('\n') + 1; at > 0; at = text.indexOf('\n', at) + 1) {
    while (text.charCodeAt(at) === LF) at++
    if (mayBegin(text, at)) return true
  }
  return text.includes('\r') && /\r(?:[{[<]|e(?!v))/.test(text)
}

function endsInBreak(text: string): boolean {
  const code = text.charCodeAt(text.length - 1)
  return code === LF || code === CR
}

/** JSON, a tag, or `error:` (but not `event:`), or as much of it as has come. */
function mayBegin(text: string, at: number): boolean {
  const code = text.charCodeAt(at)
  return code === BRACE || code === BRACKET || code === LESS || (code === E && text.charCodeAt(at + 1) !== V)
}

const LF = 10
const CR = 13
const BRACE = 123
const BRACKET = 91
const LESS = 60
const E = 101
const V = 118

/** Where the line ends, its break included; where it began if it does not end. */
function lineEnd(text: string, from: number): number {
  return from + text.slice(from).search(BREAK) + 1
}
