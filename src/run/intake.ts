import type { Transcript } from '../answer/transcript.ts'
import type { Dialect, DialectReader } from '../dialects/dialect.ts'
import { StreamError } from '../errors/errors.ts'
import type { Delta, ServerEvent } from '../events.ts'
import { type FrameHandlers, FrameReader } from '../wire/frames.ts'
import type { Tracker } from './tracker.ts'

/** Where what is understood is laid down, and what of it is wanted as it stood. */
export interface Desk {
  readonly transcript: Transcript
  readonly tracker: Tracker | undefined
  readonly wants: { readonly events: boolean; readonly comments: boolean }
  readonly maxEventBytes: number
  /** The error for what turns out to be a page. */
  refuse(page: string): StreamError
  /** How long the server wants to be left alone whenever a stream of it breaks, in ms. */
  onRetry(ms: number): void
}

/**
 * Understands the events of one response as they are parsed; nothing is asked and nobody told before the read is done
 * with.
 */
export class Intake implements FrameHandlers {
  readonly #desk: Desk
  readonly #spoken: Dialect
  readonly #frames: FrameReader
  readonly maxEventBytes: number
  /** What the events of this read mean. */
  deltas: Delta[] = []
  /** Why there is nothing more to read: the answer's end or its failure. */
  verdict: 'end' | StreamError | undefined
  /** Only what somebody listens to is kept. */
  readonly events: ServerEvent[] = []
  readonly comments: string[] = []
  dialect: DialectReader
  /** Whether nothing has come at all. */
  #isEmpty = true
  #isOver = false

  /** @param state - the dialect's, where the stream goes on. */
  constructor(desk: Desk, dialect: Dialect, state?: unknown) {
    this.#desk = desk
    this.#spoken = dialect
    this.maxEventBytes = desk.maxEventBytes
    this.#frames = new FrameReader(this)
    this.dialect = dialect.open(state)
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
    const { tracker, transcript, wants } = this.#desk
    const { id } = event
    // The last event, without its end and its id, tells nothing of where the stream goes on.
    if (this.verdict || (this.#isOver && tracker?.mustWait && id === undefined)) return
    transcript.stats.events++
    this.#isEmpty = false
    if (wants.events) this.events.push(event)
    if (id !== undefined) this.#enter(id)
    const verdict = this.dialect.read(event, this.deltas)
    // A whole answer has a reason to end, also where the dialect found none.
    if (verdict === 'end' && !transcript.isFinished && !this.deltas.some(({ type }) => type === 'finish'))
      this.deltas.push({ type: 'finish', reason: 'unknown' })
    if (verdict === 'malformed') transcript.stats.malformed++
    else if (verdict !== 'more') this.verdict = verdict
    // An error is no place to go on from: a proxy may have written it into the middle of an event, after its id.
    if (tracker && (id !== undefined || tracker.isDoubtful))
      tracker.leave(id, this.dialect, this.deltas, typeof verdict === 'string')
  }

  /** [spec] An event without data is none, but its id counts. */
  onId(id: string): void {
    if (this.verdict) return
    this.#enter(id)
    this.#desk.tracker?.leave(id, this.dialect, this.deltas, true)
  }

  #enter(id: string): void {
    const again = this.#desk.tracker?.enter(id, this.dialect, this.deltas)
    if (again) this.dialect = this.#spoken.open(again.state)
  }

  onComment(text: string): void {
    const { transcript, wants } = this.#desk
    transcript.stats.keepAlives++
    if (wants.comments) this.comments.push(text)
  }

  onRetry(ms: number): void {
    this.#desk.onRetry(ms)
  }

  onPage(text: string): void {
    this.verdict = this.#desk.refuse(text)
  }

  /** Whether there is something to be handed out. */
  get hasDeltas(): boolean {
    return this.deltas.length > 0 || this.#desk.tracker?.isReady === true
  }

  /** What of this read is new, to be handed out. */
  take(): readonly Delta[] {
    const { transcript, tracker } = this.#desk
    const { deltas } = this
    this.deltas = []
    const aligned = transcript.align(deltas)
    return tracker ? tracker.pass(deltas, aligned) : aligned
  }

  /** What was read has been handed out. */
  commit(): void {
    const about = this.dialect.about?.()
    if (about) this.#desk.transcript.sign(about)
    this.#desk.tracker?.commit(this.dialect)
  }

  /** The file has ended. */
  close(): void {
    this.#desk.tracker?.close(this.#isEmpty)
    this.dialect.close?.(this.deltas)
  }

  /** No more will come. */
  settle(): void {
    this.#desk.tracker?.settle()
  }
}
