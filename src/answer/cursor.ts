import type { Delta, Place } from '../events.ts'
import { START } from './replay.ts'

/** A place in a stream that a server may be able to go on from. */
export interface Position {
  /** The last event's id, for `Last-Event-ID`. */
  readonly lastEventId?: string | undefined
  /** How much of the answer stands before the event that comes next. */
  readonly place?: Place | undefined
  /** What the dialect needs to go on, in its own form. */
  readonly state?: unknown
  /** The provider's id of the answer that was being given. */
  readonly completion?: string | undefined
  /** Events that may be sent once more: the first one and some of the last. */
  readonly seen?: readonly SeenEvent[] | undefined
  /** Whether there were others, that nobody remembers. */
  readonly forgot?: boolean | undefined
}

/** An event that has an id, and what stood before it. */
export interface SeenEvent extends Place {
  readonly id: string
  readonly state?: unknown
}

/**
 * How a stream that was asked to go on begins: `on`, as asked; `lost`, with an event that has been before, nobody knows
 * where; or with one that is remembered.
 */
export type Beginning = 'on' | 'lost' | SeenEvent

// A server that goes on a little too early repeats a few events; one that starts over begins with the first. Of ids that
// count up, others need not be remembered: that they are no later than the last tells that they have been.
const REMEMBERED = 100
// Ids that do not count up are remembered as they are. Beyond so many nobody can tell any more.
const MOST = 10_000
// Whatever their number, so much of them: characters, and of what is remembered with each, entries.
const MOST_CHARS = 2 * 1024 * 1024
const ENTRY_CHARS = 16
/** A longer id no server could be sent: it is none. */
const ID_CHARS = 4_096

/** How far one response has been read: what to ask for when it breaks, and where it is when events come twice. */
export class ResumeCursor {
  #here = copyOf(START)
  /** Whether the lengths of calls are another place's, too: then they are copied before they change. */
  #hasLentCalls = true
  #seen = new Map<string, SeenEvent>()
  #seenChars = 0
  #forgot = false
  #countsUp = true
  /** Whether the ids tell places: one that names two events (some servers give them all the answer's id) does not. */
  #isPlace = true
  #isRepeating = false
  #hasManyCompletions = false
  #lastId: string | undefined
  /** Where the read at hand has come to, and where the one before it came to an end. */
  #reached: { -readonly [K in keyof Position]: Position[K] } = {}
  #position: Position = {}
  /** How much of the answer the reads have brought that were handed out in full. */
  place: Place = START

  /** Whose stream it is: the URL without user, password and query. */
  url = ''

  /** What must not be kept of it. */
  secrets: readonly string[] = []

  /** Where the answer is to be had, as its response says (`Content-Location`). */
  address: string | undefined
  /** Whether the server has been told that nobody wants it any more. */
  isStopped = false
  /** Whether it is known that the stream can be had there from its start. */
  isKept: true | undefined
  /** Events that had not been before, of streams that have an address. */
  events = 0

  /** @param position - where the stream goes on; absent: it begins. */
  begin(url: string, position?: Position, place: Place = START): void {
    this.url = url
    if (!position) this.address = this.isKept = undefined
    this.#here = this.#lent(place)
    this.#seen = new Map()
    this.#seenChars = 0
    this.#forgot = position?.forgot ?? false
    this.#countsUp = this.#isPlace = true
    this.#isRepeating = false
    this.#hasManyCompletions = position !== undefined && position.completion === undefined
    this.#lastId = undefined
    for (const event of position?.seen ?? []) this.#remember(event)
    this.#lastId = position?.lastEventId
    this.place = this.#lent(place)
    this.#reached = this.#position = position ? { ...position, place: this.place } : {}
  }

  /** The place reached; `undefined` when nothing can be gone on from. */
  get position(): Position | undefined {
    const { lastEventId, state } = this.#position
    const hasId = this.#isPlace && lastEventId !== undefined && lastEventId !== ''
    if (!hasId) {
      const { lastEventId: _id, ...rest } = this.#position
      return this.isKept ? { place: START } : state === undefined ? undefined : rest
    }
    // A read may have brought more than has been handed out.
    const seen = [...this.#seen.values()]
    const end = seen.findIndex(({ id }) => id === lastEventId) + 1
    const forgot = this.#forgot || end === 0
    return { ...this.#position, seen: seen.slice(0, end || 1), ...(forgot && { forgot }) }
  }

  /** The address, if a stream is kept there: the ids of its events have shown that, or a checkpoint says it. */
  get source(): string | undefined {
    const hasIds = this.#isPlace && this.#reached.lastEventId
    return hasIds || this.isKept ? this.address : undefined
  }

  /** How a stream that was asked for by id begins, by its first event that has one. */
  beginning(id: string): Beginning {
    const seen = this.#seen.get(id)
    if (seen || !this.#forgot) return seen ?? 'on'
    return id.length <= ID_CHARS && this.#countsUp && this.#lastId !== undefined && follows(id, this.#lastId)
      ? 'on'
      : 'lost'
  }

  /** The stream has begun with an event that had been before. */
  goBack(to: SeenEvent): void {
    this.#here = this.#lent(to)
    this.#isRepeating = true
  }

  /** An event with this id begins. */
  enter(id: string, state: unknown): void {
    // [spec] An empty id takes back those before it, and names nothing.
    if (id === '') return
    if (id.length > ID_CHARS) {
      this.#forgot = true
      return
    }
    if (this.#seen.has(id) || (this.#isRepeating && this.beginning(id) === 'lost' && this.#countsUp)) {
      if (!this.#isRepeating) this.#isPlace = false
      return
    }
    this.#isRepeating = false
    this.#remember({ id, ...this.#lent(this.#here), ...(state !== undefined && { state }) })
  }

  /** It has been understood, up to its end. */
  leave(lastEventId: string, state: unknown): void {
    const id = lastEventId.length > ID_CHARS ? '' : lastEventId
    if (this.address && !this.#isRepeating) this.events++
    this.#reached = { ...this.#reached, lastEventId: id, place: this.#lent(this.#here), state }
  }

  /** What an event brought. */
  advance(deltas: readonly Delta[], from: number): void {
    for (let at = from; at < deltas.length; at++) {
      const delta = deltas[at] as Delta
      if (delta.type === 'text') this.#here.text += delta.text.length
      else if (delta.type === 'reasoning') this.#here.reasoning += delta.text.length
      else if (delta.type === 'tool-call') {
        const calls = this.#hasLentCalls ? { ...this.#here.calls } : (this.#here.calls ?? {})
        this.#here.calls = calls
        this.#hasLentCalls = false
        calls[delta.index] = (calls[delta.index] ?? 0) + delta.arguments.length
      } else if (delta.type === 'rewind') this.#here = { text: delta.text, reasoning: delta.reasoning }
    }
  }

  /** All that the read has brought has been handed out. Without ids the dialect alone says where that is. */
  commit(state: unknown, completion: string | undefined): void {
    if (completion !== undefined && completion !== this.#reached.completion) {
      // Some servers give each chunk an id of its own: those tell nothing.
      this.#hasManyCompletions ||= this.#reached.completion !== undefined
      this.#reached = { ...this.#reached, completion: this.#hasManyCompletions ? undefined : completion }
    }
    this.place = this.#lent(this.#here)
    const hasId = this.#isPlace && !!this.#reached.lastEventId
    // In place: this is what each read costs. Whoever asks is given a copy.
    if (!hasId && state !== undefined) {
      this.#reached.state = state
      this.#reached.place = this.place
    }
    this.#position = this.#reached
  }

  #remember(event: SeenEvent): void {
    if (this.#lastId !== undefined && !follows(event.id, this.#lastId)) this.#countsUp = false
    this.#lastId = event.id
    this.#seen.set(event.id, event)
    this.#seenChars += charsOf(event)
    const most = this.#countsUp ? REMEMBERED : MOST
    while (this.#seen.size > 2 && (this.#seen.size > most || this.#seenChars > MOST_CHARS)) this.#forget()
  }

  #forget(): void {
    this.#forgot = true
    // The first one stays: a server that starts over begins with it.
    const [, oldest] = this.#seen.values()
    if (!oldest) return
    this.#seen.delete(oldest.id)
    this.#seenChars -= charsOf(oldest)
  }

  #lent(place: Place): ReturnType<typeof copyOf> {
    this.#hasLentCalls = true
    return copyOf(place)
  }
}

/** What it takes to remember an event. Texts that grow from one to the next have all but their ends in common. */
function charsOf({ id, calls, state }: SeenEvent): number {
  return id.length + ENTRY_CHARS * (entriesIn(calls, 0) + entriesIn(state, 2))
}

function entriesIn(value: unknown, depth: number): number {
  if (typeof value !== 'object' || value === null) return 0
  if (Array.isArray(value)) return value.length
  const inner = Object.values(value)
  return (
    inner.length + (depth > 0 ? inner.reduce<number>((sum, each) => sum + entriesIn(each, depth - 1), 0) : 0)
  )
}

function copyOf({ text, reasoning, calls }: Place): {
  text: number
  reasoning: number
  calls?: Record<number, number>
} {
  // Spelled out: it is made at each read.
  return calls ? { text, reasoning, calls } : { text, reasoning }
}

/** Whether an id comes after another: the same text, and the first number that differs is larger. */
function follows(id: string, last: string): boolean {
  const parts = id.split(/(\d+)/)
  const before = last.split(/(\d+)/)
  const at = parts.findIndex((part, index) => part !== before[index])
  const [one = '', other = ''] = [parts[at], before[at]].map((part) => part?.replace(/^0+/, ''))
  if (at % 2 !== 1) return false
  return one.length === other.length ? one > other : one.length > other.length
}
