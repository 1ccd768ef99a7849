import { type StreamError, TruncatedError } from '../errors/errors.ts'
import type { Delta, ServerEvent } from '../events.ts'
import { spokenAt } from './addresses.ts'
import { readPlain } from './beside-text.ts'
import type { About, Dialect, DialectReader, Verdict } from './dialect.ts'
import { isEndMark, isNamedEnd } from './end-marks.ts'
import { jsonEvents, jsonStrings } from './json-events.ts'
import { openaiChat } from './openai-chat.ts'
import { anyError, ownError } from './own-errors.ts'
import { plain } from './plain.ts'
import { finish } from './reasons.ts'
import { adviceFor } from './refused.ts'
import { spokenByName, spokenIn } from './signs.ts'
import { isText, text } from './text.ts'
import { uiMessages } from './ui-messages.ts'
import { isPing, type Kind, kindOf, kindOfObject } from './unsigned.ts'
import { DONE, isDone, isRaw, objectIn, partsOf, type Raw } from './values.ts'

/**
 * Finds out by the first events which of the dialects is spoken. A sign that only one language gives decides at once; of
 * text, JSON strings and plain JSON it wants to see two events, and then all are read. A stream of which it understands
 * nothing is refused with what would read it.
 */
export const auto: Dialect = {
  name: 'auto',
  open(state, headers) {
    const reader = new AutoReader(headers)
    const { name, state: own, held } = isRaw(state) ? state : {}
    const known = spokenByName(name)
    if (known) reader.speak(known, own)
    else if (Array.isArray(held)) reader.hold(held, own)
    else if (headers?.get('x-vercel-ai-ui-message-stream')) reader.speak(uiMessages)
    return reader
  },
  chat: (body, baseUrl) => spokenAt(baseUrl).chat?.(body, baseUrl) ?? { path: '', json: body },
  auth: (apiKey, baseUrl) => spokenAt(baseUrl).auth?.(apiKey, baseUrl),
  resume(url, state) {
    return isRaw(state) ? spokenByName(state.name)?.resume?.(url, state.state) : undefined
  },
}

interface Held {
  readonly event: ServerEvent
  readonly kind: Kind
}

const GUESSES: readonly (readonly [Dialect, string])[] = [
  [plain, 'plain'],
  [jsonEvents, 'jsonEvents'],
  [jsonStrings, 'jsonStrings'],
]

// A server that has said so much without a sign is not understood.
const MOST_HELD = 64
const HELD_CHARS = 262_144

class AutoReader implements DialectReader {
  #dialect: Dialect | undefined
  #reader: DialectReader | undefined
  /** What has come before it was clear who speaks. */
  #held: Held[] = []
  #failure: StreamError | undefined
  #state: { readonly name: string; readonly state: unknown } | undefined
  /** What it may be from the beginning: text tells only in its second event that it is text. */
  #plain: DialectReader
  readonly #headers: Headers | undefined

  constructor(headers?: Headers) {
    this.#headers = headers
    this.#plain = plain.open(undefined, headers)
  }

  get name(): string | undefined {
    return this.#dialect?.name
  }

  /** What had come before the stream broke, and was not clear. */
  hold(held: readonly unknown[], state: unknown): void {
    this.#held = held.filter(isRaw).map((each) => each as unknown as Held)
    this.#plain = plain.open(state, this.#headers)
  }

  /** From here on every event goes to one dialect. */
  speak(dialect: Dialect, state?: unknown): DialectReader {
    this.#dialect = dialect
    this.#reader = dialect === plain && state === undefined ? this.#plain : dialect.open(state, this.#headers)
    return this.#reader
  }

  hear(text: string): void {
    const reader = this.#reader ?? this.#plain
    reader.hear?.(text)
  }

  /** Whether an event may be a word of the answer as it stands. */
  get #mayBeText(): boolean {
    if (this.#dialect) return this.#dialect === plain
    return !this.#held.some(({ kind }) => kind === 'json' || kind === 'string')
  }

  read(sent: ServerEvent, deltas: Delta[]): Verdict {
    const isOver = (isEndMark(sent) && !this.#mayBeText) || (this.#dialect === openaiChat && isNamedEnd(sent))
    const event = isOver ? { ...sent, data: DONE } : sent
    if (this.#reader) {
      // An error may be spelled in another way than the language does.
      const verdict = this.#readBy(this.#reader, event, deltas)
      return verdict === 'foreign' || verdict === 'malformed' ? (ownError(event) ?? verdict) : verdict
    }
    if (isDone(event.data)) return this.#end(event, deltas)
    const object = objectIn(event.data) ?? partsOf(event.data).find(isRaw)
    const spoken = spokenIn(object, event)
    if (spoken) return this.#begin(spoken, event, deltas)
    const error = ownError(event) ?? anyError(object, event)
    if (error) return this.#fail(error, deltas)
    return this.#hold(event, object, deltas)
  }

  #readBy(reader: DialectReader, event: ServerEvent, deltas: Delta[]): Verdict {
    return this.#dialect === plain ? readPlain(reader, event, deltas) : reader.read(event, deltas)
  }

  isText(head: string, headers: Headers, isOver: boolean): boolean | undefined {
    return this.#reader ? false : isText(head, headers, isOver, false)
  }

  readText(piece: string, deltas: Delta[]): Verdict {
    const reader = this.#reader ?? this.speak(text)
    return reader.readText?.(piece, deltas) ?? 'foreign'
  }

  /** A sure sign: of what came before, what is JSON may have been said in the same language. */
  #begin(dialect: Dialect, event: ServerEvent, deltas: Delta[]): Verdict {
    const before = this.#held.splice(0).filter(({ kind }) => !/^(text|string|unclear)$/.test(kind))
    const reader = this.speak(dialect)
    for (const held of before) reader.read(held.event, deltas)
    return reader.read(event, deltas)
  }

  #hold(event: ServerEvent, object: Raw | undefined, deltas: Delta[]): Verdict {
    if (isPing(event, object)) return 'ping'
    const chars = this.#held.reduce((sum, held) => sum + held.event.data.length, 0)
    if (this.#held.length >= MOST_HELD || chars > HELD_CHARS) return 'foreign'
    const kind = object ? kindOfObject(object, event) : kindOf(event)
    this.#held.push({ event, kind })
    const dialect = this.#guess(false)
    if (dialect) return this.#readHeld(dialect, deltas)
    if (kind === 'unclear') return event.data.trim() === '' ? 'ping' : 'malformed'
    // What nothing can be made of any more is not understood.
    return kind !== 'about' && this.#guess(true) ? 'more' : 'foreign'
  }

  /** The one language in which all of this can be said; `isOver`: one event has to do. */
  #guess(isOver: boolean): Dialect | undefined {
    // Who speaks, and to whom, may be said before and between.
    const kinds: Kind[] = this.#held.map(({ kind }) => kind).filter((kind) => kind !== 'about')
    const has = (kind: Kind): boolean => kinds.includes(kind)
    const enough = isOver ? 1 : 2
    // A word before the first JSON is none of the answer's.
    const rest = kinds[0] === 'text' ? kinds.slice(1) : kinds
    const isJson = rest[0] === 'json' && (kinds[0] === 'json' || !rest.includes('text'))
    if (isJson && rest.filter((kind) => kind === 'json' || kind === 'text').length >= enough)
      return jsonEvents
    if (has('other') || (has('strange') && kinds[0] !== 'text')) return undefined
    const spoken = kinds.filter((kind) => kind !== 'unclear' || has('text')).length
    if (spoken < enough || (has('json') && !isOver && kinds.length < 3)) return undefined
    if (has('text')) return plain
    return kinds.every((kind) => kind === 'string') ? jsonStrings : undefined
  }

  #readHeld(dialect: Dialect, deltas: Delta[]): Verdict {
    const held = this.#held.splice(0)
    const first = held.findIndex(({ kind }) => kind !== 'about')
    const reader = this.speak(dialect)
    let verdict: Verdict = 'ping'
    for (const [at, { event, kind }] of held.entries()) {
      if (dialect === jsonEvents ? kind === 'text' && at === first : at < first) continue
      verdict = this.#readBy(reader, event, deltas)
      if (verdict === 'end' || typeof verdict === 'object') return verdict
    }
    return verdict
  }

  /** No more will come that could tell: what is held back has to do. */
  #settle(deltas: Delta[]): Verdict | undefined {
    const dialect = this.#reader ? undefined : this.#guess(true)
    return dialect && this.#readHeld(dialect, deltas)
  }

  /** The stream says that it is over. */
  #end(event: ServerEvent, deltas: Delta[]): Verdict {
    const verdict = this.#settle(deltas)
    if (typeof verdict === 'object') return verdict
    return this.#reader ? this.#reader.read(event, deltas) : (finish(undefined, deltas) ?? 'end')
  }

  #fail(error: StreamError, deltas: Delta[]): Verdict {
    const verdict = this.#settle(deltas)
    return typeof verdict === 'object' ? verdict : error
  }

  close(deltas: Delta[]): void {
    const verdict = this.#settle(deltas)
    if (typeof verdict === 'object') this.#failure = verdict
    else this.#reader?.close?.(deltas)
  }

  /** What was guessed may have an end that nobody here knows: another request might be another bill for the same. */
  unfinished(words?: string): StreamError | undefined {
    if (this.#failure) return this.#failure
    const guess = GUESSES.find(([dialect]) => dialect === this.#dialect)
    const own = this.#reader?.unfinished?.()
    if (own || !guess) return own
    const last = words ? `; last words: ${words}` : ''
    return new TruncatedError(
      'The stream ended without [DONE], `done: true` or an event `done`, so nobody can tell whether it was whole. ' +
        `If your server ends so: dialect: endsAtClose(${guess[1]})${last}`,
      true,
    )
  }

  state(): unknown {
    if (!this.#dialect)
      return this.#held.length > 0 ? { held: [...this.#held], state: this.#plain.state?.() } : undefined
    const { name } = this.#dialect
    const state = this.#reader?.state?.()
    // It is asked for at each read, and seldom another.
    if (!this.#state || this.#state.state !== state) this.#state = { name, state }
    return this.#state
  }

  about(): About | undefined {
    return this.#reader?.about?.()
  }

  advice(first: ServerEvent): string | undefined {
    return this.#reader ? this.#reader.advice?.(first) : adviceFor(first)
  }
}
