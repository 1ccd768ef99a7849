import type { ToolCall } from '../events.ts'

/**
 * Where a reply stands, as JSON: to be kept over a page load and handed to `stream(…, { from })`. It holds the answer
 * so far, no header and no request body.
 */
export interface Checkpoint {
  readonly version: 1
  /** Who was answering: the URL without user, password and query. */
  readonly url: string
  readonly text: string
  readonly reasoning: string
  readonly toolCalls: readonly ToolCall[]
  /** Where the stream stands; absent when all that can be done is to ask again. */
  readonly position?: Position | undefined
}

/** A place in a stream that a server may be able to go on from. */
export interface Position {
  /** The last event's id, for `Last-Event-ID`. */
  readonly lastEventId?: string | undefined
  /** The first event's id and some of the last ones: to know events that are sent once more. */
  readonly ids?: readonly string[] | undefined
  /** What the dialect needs to go on, in its own form. */
  readonly state?: unknown
}

// A server that goes on a little too early repeats a few events; one that starts over repeats them all. Both begin
// with an id from this memory, so it need not grow with the stream.
const REMEMBERED = 100

/** How far one response has been read: what to ask for when it breaks, and what to drop when it comes twice. */
export class Trail {
  #first: string | undefined
  readonly #recent = new Set<string>()
  #last: string | undefined
  #isCursor = true
  #isSkipping = false
  #isResumed = false
  #state: unknown
  /** How long the server wants to be left alone before it is asked again (its `retry:` field), in ms. */
  retryMs = 0

  /** The place reached; `undefined` when nothing can be gone on from. */
  get position(): Position | undefined {
    const hasId = this.#isCursor && this.#last !== undefined && this.#last !== ''
    if (!hasId && this.#state === undefined) return undefined
    const ids = [...new Set([...(this.#first === undefined ? [] : [this.#first]), ...this.#recent])]
    return {
      ...(hasId && { lastEventId: this.#last, ids }),
      ...(this.#state !== undefined && { state: this.#state }),
    }
  }

  /** A stream from its start: other ids. */
  begin(): void {
    this.#first = this.#last = this.#state = undefined
    this.#recent.clear()
    this.#isCursor = true
    this.#isSkipping = this.#isResumed = false
  }

  /** The same stream goes on. */
  resume(position: Position | undefined): void {
    this.begin()
    this.#state = position?.state
    this.#last = position?.lastEventId
    for (const id of position?.ids ?? []) this.#remember(id)
    if (position?.lastEventId !== undefined && !this.#recent.has(position.lastEventId))
      this.#remember(position.lastEventId)
    this.#isResumed = true
  }

  /**
   * Whether an event of a resumed stream had been taken in before the break. From the first one that had, all are
   * dropped until the last one known has passed.
   */
  hasSeen(id: string | undefined): boolean {
    if (!this.#isResumed || this.#last === undefined) return false
    if (id === undefined) return this.#isSkipping
    if (!this.#isSkipping && !this.#recent.has(id) && id !== this.#first) {
      // The first new one: what comes from here on may use ids as it likes.
      this.#isResumed = false
      return false
    }
    this.#isSkipping = id !== this.#last
    return true
  }

  /** The events up to here have been handed out. */
  reached(ids: readonly string[], state: unknown): void {
    for (const id of ids) this.#remember(id)
    if (state !== undefined) this.#state = state
  }

  #remember(id: string): void {
    // One that names two events (some servers give them all the answer's id) names no place in the stream.
    if (this.#recent.has(id)) this.#isCursor = false
    this.#first ??= id
    this.#last = id
    this.#recent.add(id)
    if (this.#recent.size <= REMEMBERED) return
    const [oldest] = this.#recent
    if (oldest !== undefined) this.#recent.delete(oldest)
  }
}

/** What is wrong with a checkpoint, in words; `undefined` when nothing is. */
export function checkpointFault(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null) return 'is no object'
  const { version, url, text, reasoning, toolCalls, position } = value as Readonly<Record<string, unknown>>
  if (version !== 1) return 'is not of version 1'
  if (typeof url !== 'string') return 'has no url'
  if (typeof text !== 'string' || typeof reasoning !== 'string') return 'has no text'
  if (!Array.isArray(toolCalls) || !toolCalls.every(isToolCall)) return 'has no valid toolCalls'
  return position === undefined || isPosition(position) ? undefined : 'has no valid position'
}

function isToolCall(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  const { index, id, name, arguments: text } = value as Readonly<Record<string, unknown>>
  const texts = [id, name, text]
  return Number.isInteger(index) && texts.every((each) => typeof each === 'string')
}

function isPosition(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  const { lastEventId, ids } = value as Readonly<Record<string, unknown>>
  const areIds = ids === undefined || (Array.isArray(ids) && ids.every((id) => typeof id === 'string'))
  return areIds && (lastEventId === undefined || typeof lastEventId === 'string')
}
