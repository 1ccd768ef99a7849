import type { Position, ResumeCursor, SeenEvent } from '../answer/cursor.ts'
import { isStart } from '../answer/replay.ts'
import type { Transcript } from '../answer/transcript.ts'
import type { Dialect, DialectReader } from '../dialects/dialect.ts'
import { ProtocolError, StreamError } from '../errors/errors.ts'
import type { Delta, ServerEvent } from '../events.ts'
import { type FrameHandlers, FrameReader } from '../wire/frames.ts'

/** Where what is understood is laid down, and what of it is wanted as it stood. */
export interface Desk {
  readonly transcript: Transcript
  readonly cursor: ResumeCursor
  readonly wants: { readonly events: boolean; readonly comments: boolean }
  readonly maxEventBytes: number
  /** The error for what turns out to be a page. */
  refuse(page: string): StreamError
}

// A text that repeats so much of another is no other one.
const CONVINCING_CHARS = 32

/**
 * Understands the events of one response as they are parsed; nothing is asked and nobody told before the read is done
 * with. Of a stream that was asked to go on it finds out whether it does.
 */
export class Intake implements FrameHandlers {
  readonly #desk: Desk
  readonly #spoken: Dialect
  readonly #frames: FrameReader
  /** What the events of this read mean. */
  deltas: Delta[] = []
  /** What must wait until it is known where the stream goes on. */
  #held: Delta[] = []
  /** Why there is nothing more to read: the answer's end or its failure. */
  verdict: 'end' | StreamError | undefined
  /** Only what somebody listens to is kept. */
  readonly events: ServerEvent[] = []
  readonly comments: string[] = []
  dialect: DialectReader
  /** Whether the stream was asked to go on after an id, and nothing has told yet that it does. */
  isUnsure: boolean
  #completion: string | undefined
  /** How many characters have come again as they were. */
  #repeated = 0
  /** Whether anything has come at all. */
  #isEmpty = true
  #isOver = false

  /** @param rest - where the stream was asked to go on; absent: at its start. */
  constructor(desk: Desk, dialect: Dialect, rest?: Position) {
    this.#desk = desk
    this.#spoken = dialect
    this.#frames = new FrameReader(desk.maxEventBytes, this)
    this.dialect = dialect.open(rest?.state)
    this.isUnsure = rest?.lastEventId !== undefined
    this.#completion = rest?.completion
  }

  /** What came, or its beginning, if it was JSON rather than events. */
  get json(): string | undefined {
    return this.#frames.json
  }

  /** The dialect that is spoken. */
  get name(): string {
    return this.dialect.name ?? this.#spoken.name
  }

  /** Takes the bytes of one read; without any, the file has ended. */
  feed(bytes: Uint8Array | undefined): void {
    // An event that outgrew the bound ends the stream, but what came before it in the same read is still handed out.
    this.#isOver = !bytes
    try {
      if (bytes) this.#frames.feed(bytes)
      else this.#frames.end()
    } catch (thrown) {
      if (!(thrown instanceof StreamError)) throw thrown
      this.verdict ??= thrown
    }
  }

  onEvent(event: ServerEvent): void {
    const { cursor, transcript, wants } = this.#desk
    const { id } = event
    // The last event, without its end and its id, tells nothing of where the stream goes on.
    if (this.verdict || (this.#isOver && this.isUnsure && id === undefined)) return
    transcript.stats.events++
    if (wants.events) this.events.push(event)
    this.#isEmpty = false
    if (this.isUnsure) this.#begin(id)
    if (this.verdict) return
    if (id !== undefined) cursor.enter(id, this.dialect.state?.())
    const from = this.deltas.length
    const verdict = this.dialect.read(event, this.deltas)
    // A whole answer has a reason to end, also where the dialect found none.
    if (verdict === 'end' && !transcript.isFinished && !this.deltas.some(isFinish))
      this.deltas.push({ type: 'finish', reason: 'unknown' })
    cursor.advance(this.deltas, from)
    if (verdict === 'malformed') transcript.stats.malformed++
    else if (verdict !== 'more') this.verdict = verdict
    // An error is no place to go on from: a proxy may have written it into the middle of an event, after its id.
    if (id !== undefined && typeof verdict === 'string') cursor.leave(id, this.dialect.state?.())
    if (this.#completion !== undefined) this.#compareCompletion(this.#completion)
  }

  /** [spec] An event without data is none, but its id counts. */
  onId(id: string): void {
    if (this.verdict) return
    const { cursor } = this.#desk
    if (this.isUnsure) this.#begin(id)
    cursor.enter(id, this.dialect.state?.())
    cursor.leave(id, this.dialect.state?.())
  }

  onComment(text: string): void {
    const { transcript, wants } = this.#desk
    transcript.stats.keepAlives++
    if (wants.comments) this.comments.push(text)
  }

  onRetry(ms: number): void {
    this.#desk.cursor.retryMs = ms
  }

  onPage(text: string): void {
    this.verdict = this.#desk.refuse(text)
  }

  /** Whether there is something to be handed out. */
  get hasDeltas(): boolean {
    return this.deltas.length > 0 || (!this.isUnsure && this.#held.length > 0)
  }

  /** What of this read is new, to be handed out. */
  take(): readonly Delta[] {
    const { transcript } = this.#desk
    const wasReplaying = transcript.isReplaying
    const aligned = transcript.align(this.deltas)
    if (wasReplaying && this.isUnsure) this.#repeated += charsIn(this.deltas) - charsIn(aligned)
    this.deltas = []
    if (!transcript.isReplaying && this.#repeated >= CONVINCING_CHARS) this.isUnsure = false
    if (this.isUnsure) {
      this.#held.push(...aligned)
      return []
    }
    return this.#held.length > 0 ? [...this.#held.splice(0), ...aligned] : aligned
  }

  /** The file has ended. */
  close(): void {
    // Nothing was left to come: that contradicts nothing.
    if (this.#isEmpty) this.isUnsure = false
    this.dialect.close?.(this.deltas)
  }

  /** No more will come. If nothing has told where the stream went on, its end is that of nobody knows what. */
  settle(): void {
    if (this.isUnsure && this.#held.some(isFinish)) throw elsewhere()
  }

  /** The first event with an id tells where the stream goes on, whatever was asked for. */
  #begin(id: string | undefined): void {
    const beginning = this.#desk.cursor.beginning(id)
    if (beginning === 'unsure') return
    this.isUnsure = false
    if (beginning === 'on') return
    if (beginning === 'lost' || this.deltas.length > 0 || this.#held.length > 0) this.#refuse()
    else this.#goBack(beginning)
  }

  /** Events come again from one that had been before: they are read again, and compared. */
  #goBack(to: SeenEvent): void {
    const { cursor, transcript } = this.#desk
    cursor.goBack(to)
    transcript.goOnAt(to)
    this.dialect = this.#spoken.open(to.state)
    // From its start it may as well be another answer.
    if (isStart(to)) this.#completion = undefined
  }

  #compareCompletion(was: string): void {
    const id = this.dialect.about?.()?.id
    if (id === undefined) return
    this.#completion = undefined
    if (id !== was) this.#refuse()
  }

  /** What has come belongs nowhere. */
  #refuse(): void {
    this.verdict = elsewhere()
    this.isUnsure = true
    this.deltas = []
    this.#held = []
  }
}

function isFinish({ type }: Delta): boolean {
  return type === 'finish'
}

function elsewhere(): ProtocolError {
  return new ProtocolError('The server did not go on where the stream had broken, but with another one')
}

function charsIn(deltas: readonly Delta[]): number {
  return deltas.reduce(
    (sum, delta) => sum + (delta.type === 'text' || delta.type === 'reasoning' ? delta.text.length : 0),
    0,
  )
}
