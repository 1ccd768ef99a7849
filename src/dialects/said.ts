import { ProtocolError } from '../errors/errors.ts'
import type { Delta } from '../events.ts'
import type { Dialect } from './dialect.ts'
import { BESIDE_KIND, THOUGHT_KIND } from './event-kinds.ts'
import { indexOf, isRaw, pushText, type Raw, saidOf, textOf, wordOf } from './values.ts'

/** What is as long as all before it and says the same says it again. */
const CONVINCING_CHARS = 16

/** What a server of one's own has said, and what of its next text is new: some say all of it again, at the end or each time. */
export class Said {
  #text: string
  #pieces: number
  #thought: number
  /** The kind of the last text. */
  #kind: string | undefined
  /** Where the message at hand begins. */
  #from: number
  /** The last text, as long as each repeats the one before it and goes on. */
  #last: string | undefined

  constructor({ text, pieces, thought, kind, last, from }: Raw) {
    this.#text = textOf(text)
    this.#from = indexOf(from)
    this.#pieces = indexOf(pieces)
    this.#thought = indexOf(thought)
    this.#kind = wordOf(kind)
    this.#last = wordOf(last)
  }

  get state(): Raw {
    const [text, pieces, thought] = [this.#text, this.#pieces, this.#thought]
    return { text, pieces, thought, kind: this.#kind, last: this.#last, from: this.#from }
  }

  /** Whether each text so far has repeated the one before it: one that has not tells that none does. */
  get mayRepeat(): boolean {
    return this.#pieces === 0 || this.#last !== undefined
  }

  think(text: unknown, deltas: Delta[]): void {
    this.#thought += saidOf(text).length
    pushText(deltas, 'reasoning', text)
  }

  /**
   * What a text that says all of it once more has beyond it, or all of the message at hand; `undefined`: it says something
   * else. It may be the last one, or of another kind.
   */
  restOf(text: string, kind: string, isLast: boolean): string | undefined {
    const isOther = kind !== this.#kind
    if (text === '' || this.#text === '' || !(isLast || isOther)) return undefined
    if (isOther && text === this.#text) return ''
    // A title may begin as the answer does.
    if (BESIDE_KIND.test(kind) || THOUGHT_KIND.test(kind)) return undefined
    const all = [this.#text, ...(isOther ? [this.#text.slice(this.#from)] : [])]
    const said = all.find((each) => each !== '' && text.startsWith(each))
    const isConvincing = this.#pieces > 1 || (said ?? text).length >= CONVINCING_CHARS
    if (said !== undefined) return isConvincing ? text.slice(said.length) : undefined
    // Of several messages the last.
    return text.length >= CONVINCING_CHARS && this.#text.endsWith(text) ? '' : undefined
  }

  /** Adds what a message has beyond its pieces. What follows is of another one. */
  complete(rest: string, deltas: Delta[]): void {
    pushText(deltas, 'text', rest)
    this.#text += rest
    this.#from = this.#text.length
  }

  /** Adds what is new of a text; the error where each has repeated the one before it, and this one does not. */
  add(text: string, kind: string, deltas: Delta[]): ProtocolError | undefined {
    if (text === '') return undefined
    const last = this.#last ?? ''
    const isCumulative = this.#pieces > 1 && last === this.#text
    const goesOn = last !== '' && text.length > last.length && text.startsWith(last)
    const isConvincing =
      last.length >= CONVINCING_CHARS || (this.#pieces > 1 && text.length >= CONVINCING_CHARS)
    if (isCumulative && !goesOn) return text === last ? undefined : new ProtocolError(NOT_REPEATED)
    if (goesOn && (isCumulative || isConvincing)) this.#replace(text, deltas)
    else {
      this.#last = goesOn || this.#pieces === 0 ? text : undefined
      this.#text += text
      pushText(deltas, 'text', text)
    }
    this.#kind = kind
    this.#pieces++
    return undefined
  }

  /** All that was said is a text's beginning, or was said twice. */
  #replace(text: string, deltas: Delta[]): void {
    let same = 0
    while (same < this.#text.length && this.#text[same] === text[same]) same++
    if (same < this.#text.length) deltas.push({ type: 'rewind', text: same, reasoning: this.#thought })
    pushText(deltas, 'text', text.slice(same))
    this.#text = this.#last = text
  }
}

/** A dialect of texts, in which a server may say all of them again with each. */
export function saidOnce(dialect: Dialect): Dialect {
  return {
    ...dialect,
    open(state, headers) {
      const reader = dialect.open(state, headers)
      const said = new Said(isRaw(state) ? state : {})
      return {
        ...reader,
        state: () => ({ ...said.state, ...(reader.state?.() as Raw | undefined) }),
        read(event, deltas) {
          if (!said.mayRepeat) return reader.read(event, deltas)
          const told: Delta[] = []
          const verdict = reader.read(event, told)
          for (const delta of told) {
            if (delta.type === 'reasoning') said.think(delta.text, deltas)
            else if (delta.type !== 'text') deltas.push(delta)
            else {
              const error = said.add(delta.text, '', deltas)
              if (error) return error
            }
          }
          return verdict
        },
      }
    },
  }
}

const NOT_REPEATED = 'Each text repeated the one before it, and then came one that does not'
