import type { Position } from '../answer/cursor.ts'
import type { Dialect, DialectReader, Verdict } from '../dialects/dialect.ts'
import { isDone, valueIn } from '../dialects/values.ts'
import { StreamError, TruncatedError } from '../errors/errors.ts'
import { errorSaid, isFailure, providerError } from '../errors/provider-error.ts'
import { type Delta, type EventRole, isContent, isFinish, type ServerEvent } from '../events.ts'
import { type FrameHandlers, FrameReader } from '../wire/frames.ts'
import { Alignment } from './alignment.ts'
import type { Desk } from './desk.ts'
import { cutOff, textAdvice, Understanding } from './understanding.ts'

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
  /** Why there is nothing more to read. */
  verdict: 'end' | StreamError | undefined
  /** Only what somebody listens to is kept. */
  readonly events: { readonly event: ServerEvent; readonly role: EventRole }[] = []
  readonly comments: string[] = []
  dialect: DialectReader
  readonly #headers: Headers
  /** Whether nothing has come at all. */
  #isEmpty = true
  #isOver = false
  /** Whether the stream has said that it is over. */
  #isOverdue = false
  readonly #understanding: Understanding
  readonly #alignment: Alignment
  /** Whether the read at hand says that the model or a tool is at work. */
  isActive = false

  /** @param position - where the stream goes on; absent: at its start. */
  constructor(desk: Desk, dialect: Dialect, headers: Headers, position?: Position) {
    this.#desk = desk
    this.#spoken = dialect
    this.#headers = headers
    this.maxEventBytes = desk.maxEventBytes
    this.#alignment = new Alignment(desk.transcript)
    this.#understanding = new Understanding(position !== undefined && desk.transcript.hasContent)
    this.dialect = this.#open(position?.state)
    this.#frames = new FrameReader(this)
  }

  #open(state: unknown): DialectReader {
    return this.#spoken.open(state, this.#headers)
  }

  /** The dialect that is spoken. */
  get name(): string {
    return this.dialect.name ?? this.#spoken.name
  }

  /** Takes the bytes of one read; without any, the file has ended. */
  feed(bytes: Uint8Array | undefined): void {
    // An event that outgrew the bound ends the stream, but what came before it in the same read is still handed out.
    this.#isOver = !bytes
    this.isActive = false
    try {
      if (bytes) this.#frames.feed(bytes)
      else this.#frames.end()
    } catch (thrown) {
      if (!(thrown instanceof StreamError)) throw thrown
      this.verdict ??= thrown
    }
  }

  isText(head: string, isOver: boolean): boolean | undefined {
    return this.dialect.isText ? this.dialect.isText(head, this.#headers, isOver) : false
  }

  onPiece(text: string): void {
    this.dialect.hear?.(text)
  }

  onEvent(event: ServerEvent): void {
    const { tracker, transcript, wants } = this.#desk
    const { id } = event
    // The last event, without its end and its id, tells nothing of where the stream goes on.
    if (this.verdict || (this.#isOver && tracker?.mustWait && id === undefined)) return
    transcript.stats.events++
    this.#isEmpty = false
    const before = this.deltas.length
    if (id !== undefined) this.#enter(id)
    // An event that calls itself an error is one in every language.
    const verdict = isFailure(event.event) ? this.#fail(event.data) : this.dialect.read(event, this.deltas)
    const { hasMeaning } = this.#understanding
    if (!hasMeaning && !this.deltas.slice(before).some(isContent)) this.#understanding.suspect(event)
    // What nearly all of them are.
    if (verdict === 'more') this.#understanding.isUnderstood = true
    else this.#judge(verdict, event)
    if (wants.events) this.events.push({ event, role: this.#roleSince(before) })
    // An error is no place to go on from: a proxy may have written it into the middle of an event, after its id.
    if (tracker && (id !== undefined || tracker.isDoubtful))
      tracker.leave(id, this.dialect, this.deltas, typeof verdict === 'string')
  }

  onText(text: string): void {
    if (this.verdict) return
    this.#isEmpty = false
    const verdict = this.dialect.readText?.(text, this.deltas) ?? 'foreign'
    this.#judge(verdict, { data: text })
  }

  /** A line that is none of the stream's: whoever writes one means an error. */
  onStray(data: string): void {
    if (this.verdict) return
    const value = valueIn(data)
    if (value === undefined || providerError(value)) this.verdict = this.#fail(data)
    else this.#understanding.note('foreign', { data })
  }

  #roleSince(from: number): EventRole {
    return this.verdict instanceof StreamError ? 'error' : this.#alignment.roleOf(this.deltas, from)
  }

  /** The server reports an error: what the dialect has held back is all that will come. */
  #fail(data: string): StreamError {
    // What had ended before is whole.
    const before = this.deltas.length
    this.dialect.close?.(this.deltas)
    this.deltas = this.deltas.filter((delta, at) => at < before || !isFinish(delta))
    return errorSaid(data)
  }

  #judge(verdict: Verdict, event: ServerEvent): void {
    this.#understanding.note(verdict, event)
    if (verdict === 'active') this.isActive = true
    else if (verdict === 'malformed') this.#desk.transcript.stats.malformed++
    // Of a language that has another end.
    else if (verdict === 'ping') {
      this.#desk.onSign(event.data)
      this.#isOverdue ||= isDone(event.data)
    } else if (verdict === 'end') this.verdict = this.#end(event)
    else if (typeof verdict === 'object') this.verdict = verdict
  }

  /** The dialect has found the end. Of an answer of which there was nothing it is none. */
  #end(event: ServerEvent): 'end' | StreamError {
    // A whole answer has a reason to end, also where the dialect found none.
    if (!this.#desk.transcript.isFinished && !this.deltas.some(isFinish))
      this.deltas.push({ type: 'finish', reason: 'unknown' })
    this.#dropEmptyEnd()
    if (this.#understanding.hasMeaning) return this.#understanding.doubt(this.deltas) ?? 'end'
    if (!isDone(event.data) && !this.#understanding.isUnderstood) this.#understanding.note('foreign', event)
    return this.#refusal() ?? new TruncatedError('The stream ended before an answer came')
  }

  #refusal(): StreamError | undefined {
    return this.#understanding.refusal(this.dialect, this.name, this.#desk.refuse)
  }

  /** [spec] An event without data is none, but its id counts. */
  onId(id: string): void {
    if (this.verdict) return
    this.#enter(id)
    this.#desk.tracker?.leave(id, this.dialect, this.deltas, true)
  }

  #enter(id: string): void {
    const again = this.#desk.tracker?.enter(id, this.dialect, this.deltas)
    if (again) this.dialect = this.#open(again.state)
  }

  onComment(text: string): void {
    const { transcript, wants } = this.#desk
    transcript.stats.keepAlives++
    this.#desk.onSign(text)
    if (wants.comments) this.comments.push(text)
  }

  onRetry(ms: number): void {
    this.#desk.onRetry(ms)
  }

  onPage(text: string): void {
    this.verdict = this.#desk.refuse('html', text)
  }

  /** Whether there is something to be handed out. */
  get hasDeltas(): boolean {
    return this.deltas.length > 0 || this.#desk.tracker?.isReady === true
  }

  /** What of this read is new, to be handed out. */
  take(): readonly Delta[] {
    const { tracker } = this.#desk
    this.#dropEmptyEnd()
    const { deltas } = this
    // With room for one: an engine makes it for 17 when the first does not fit.
    this.deltas = [deltas[0] as Delta]
    this.deltas.pop()
    const aligned = this.#alignment.take(deltas)
    return tracker ? tracker.pass(deltas, aligned) : aligned
  }

  /** What was read has been handed out. */
  commit(): void {
    const about = this.dialect.about?.()
    if (about) this.#desk.transcript.sign(about)
    this.#desk.tracker?.commit(this.dialect)
  }

  /** The file has ended; of an answer of which there was nothing that is no end. */
  close(): void {
    this.#desk.tracker?.close(this.#isEmpty)
    this.dialect.close?.(this.deltas)
  }

  /** An end of which there was nothing is none, whatever comes after it, and in whatever packets. */
  #dropEmptyEnd(): void {
    const { deltas } = this
    if (this.#understanding.means(deltas)) return
    this.deltas = deltas.filter((delta) => !isFinish(delta))
    this.#isOverdue ||= this.deltas.length < deltas.length
  }

  /** What is wrong with a stream that has ended without an end; its last words may say why. */
  unfinished(): StreamError {
    const { stats } = this.#desk.transcript
    const { json, strange, parting } = this.#frames
    const said = this.dialect.unfinished?.(parting)
    if (said) return said
    const { isUnderstood, hasMeaning } = this.#understanding
    // Of several objects the first one tells more. A line that says nothing yet has a break behind it, a document has none.
    if (json !== undefined && !hasMeaning && stats.events < 2 && !(isUnderstood && json.endsWith('\n')))
      return this.#desk.refuse('json', json)
    const advice = this.#isEmpty && textAdvice(strange, this.#headers)
    if (advice) return this.#desk.refuse('text', strange as string, advice)
    const isTold = hasMeaning || (isUnderstood && !this.#isOverdue)
    const refusal = isTold ? undefined : this.#refusal()
    if (refusal) return refusal
    // It was over in good order, and would be so again.
    return cutOff(this.name, stats, this.#isOverdue && isUnderstood, parting)
  }

  /** No more will come. */
  settle(): void {
    this.#desk.tracker?.settle()
  }
}
