import type { Position, ResumeCursor } from '../answer/cursor.ts'
import { isStart } from '../answer/replay.ts'
import type { Transcript } from '../answer/transcript.ts'
import type { DialectReader } from '../dialects/dialect.ts'
import { ProtocolError } from '../errors/errors.ts'
import type { Delta } from '../events.ts'

// A text that repeats so much of another is no other one.
const CONVINCING_CHARS = 32

/**
 * Keeps the place in a stream while it is read. Of one that was asked to go on it finds out whether it does, and where;
 * what comes has to wait until that is known.
 */
export class Tracker {
  readonly #cursor: ResumeCursor
  readonly #transcript: Transcript
  #held: Delta[] = []
  #heldChars = 0
  /** `unsure`: nothing has told yet where the stream goes on. `lost`: it has turned out to be another one. */
  #standing: 'sure' | 'unsure' | 'lost'
  /** The id of the answer that was being given, until it is known who gives this one. */
  #completion: string | undefined
  /** How many characters have come again as they were. */
  #repeated = 0
  /** How many deltas of the read at hand the cursor has counted. */
  #counted = 0

  /** @param position - where the stream was asked to go on; absent: at its start. */
  constructor(cursor: ResumeCursor, transcript: Transcript, position?: Position) {
    this.#cursor = cursor
    this.#transcript = transcript
    this.#standing = position?.lastEventId === undefined ? 'sure' : 'unsure'
    this.#completion = position?.completion
  }

  /** Whether what comes must wait. */
  get mustWait(): boolean {
    return this.#standing !== 'sure'
  }

  /** Whether it is still to be seen who gives this answer. */
  get isDoubtful(): boolean {
    return this.#completion !== undefined
  }

  /** Whether something waits that need not. */
  get isReady(): boolean {
    return this.#held.length > 0 && !this.mustWait
  }

  /**
   * An event begins. The first one with an id tells where the stream goes on, whatever was asked for.
   *
   * @param before - what came before it in this read.
   * @returns the state at an event that is read once more.
   * @throws ProtocolError when it belongs nowhere.
   */
  enter(
    id: string,
    dialect: DialectReader,
    before: readonly Delta[],
  ): { readonly state?: unknown } | undefined {
    this.#count(before)
    const again = this.#standing === 'unsure' ? this.#find(id, before.length === 0) : undefined
    this.#cursor.enter(id, again ? again.state : dialect.state?.())
    return again
  }

  #find(id: string, isFirst: boolean): { readonly state?: unknown } | undefined {
    const beginning = this.#cursor.beginning(id)
    if (beginning === 'lost' || (beginning !== 'on' && (!isFirst || this.#held.length > 0)))
      throw this.#lost()
    this.#standing = 'sure'
    if (beginning === 'on') return undefined
    this.#cursor.goBack(beginning)
    this.#transcript.goOnAt(beginning)
    // From its start it may as well be another answer.
    if (isStart(beginning)) this.#completion = undefined
    return beginning
  }

  /**
   * An event has been understood: one with an id, or of an answer that is doubtful.
   *
   * @param deltas - what this read has brought.
   * @param isPlace - whether it is one to go on from.
   * @throws ProtocolError when another answer is being given.
   */
  leave(id: string | undefined, dialect: DialectReader, deltas: readonly Delta[], isPlace: boolean): void {
    this.#count(deltas)
    if (id !== undefined && isPlace) this.#cursor.leave(id, dialect.state?.())
    const completion = this.#completion === undefined ? undefined : dialect.about?.()?.id
    if (completion === undefined) return
    if (completion !== this.#completion) throw this.#lost()
    this.#completion = undefined
  }

  /** A place is only needed where an event has an id and where a read ends. */
  #count(deltas: readonly Delta[]): void {
    this.#cursor.advance(deltas, this.#counted)
    this.#counted = deltas.length
  }

  /** The read is over: lets through what of it can be placed. */
  pass(deltas: readonly Delta[], aligned: readonly Delta[]): readonly Delta[] {
    this.#count(deltas)
    this.#counted = 0
    if (this.#standing === 'unsure') this.#repeated += charsIn(deltas) - charsIn(aligned)
    const isConvincing = this.#repeated >= CONVINCING_CHARS && !this.#transcript.isReplaying
    if (isConvincing && this.#standing === 'unsure') this.#standing = 'sure'
    if (!this.mustWait) return this.#held.length > 0 ? [...this.#held.splice(0), ...aligned] : aligned
    // One by one: engines take only so many arguments.
    for (const delta of aligned) {
      this.#held.push(delta)
      const { id, name, arguments: json } = delta.type === 'tool-call' ? delta : NO_CALL
      this.#heldChars += 1 + id.length + name.length + json.length
    }
    this.#heldChars += charsIn(aligned)
    this.#transcript.bound.allow(this.#heldChars)
    return []
  }

  /** What was read has been handed out. */
  commit(dialect: DialectReader): void {
    if (!this.mustWait) this.#cursor.commit(dialect.state?.(), dialect.about?.()?.id)
  }

  /** The file has ended. If nothing has come, it contradicts nothing. */
  close(isEmpty: boolean): void {
    if (isEmpty) this.#standing = 'sure'
  }

  /** @throws ProtocolError when an answer has ended, and nobody knows of what it is the rest. */
  settle(): void {
    if (this.mustWait && this.#held.some(({ type }) => type === 'finish')) throw this.#lost()
  }

  #lost(): ProtocolError {
    this.#standing = 'lost'
    this.#held = []
    return new ProtocolError('The server did not go on where the stream had broken, but with another answer')
  }
}

const NO_CALL = { id: '', name: '', arguments: '' }

function charsIn(deltas: readonly Delta[]): number {
  return deltas.reduce(
    (sum, each) => sum + (each.type === 'text' || each.type === 'reasoning' ? each.text.length : 0),
    0,
  )
}
