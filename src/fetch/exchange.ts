import type { EventRole } from '../events.ts'
import { within } from '../time/clock.ts'
import { dressed } from './dressed.ts'
import { type BodyKind, EventEnds, kindOf } from './event-ends.ts'
import { joined } from './outlet.ts'
import type { Watch } from './watched.ts'

/** Who wants the bytes, and hears of what they are. */
export interface Receiver {
  /** Bytes that are the caller's. */
  pass(bytes: Uint8Array): void
  /** A promise while the caller should be waited for. */
  room(): Promise<void> | undefined
}

/** What the reply is given to end it: {@link Watch.isPassing} makes it one. */
export const END = 'data: [DONE]\n\n'

/**
 * One response on its way through. The reply is given one event at a time, so that with each read it is known that it has
 * taken the one before; then that goes to the caller as it is.
 */
export class Exchange implements UnderlyingDefaultSource<Uint8Array> {
  /** What the reply reads in its place. */
  readonly judged: Response
  readonly #receiver: Receiver
  readonly #watch: Watch
  readonly #source: ReadableStreamDefaultReader<Uint8Array>
  readonly #hangUp: () => void
  readonly #type: string
  readonly #ends = new EventEnds()
  #mode: 'judged' | 'free' | 'dropped' = 'judged'
  #kind: BodyKind
  /** What has come and was not looked at. */
  #unread: Uint8Array = new Uint8Array()
  /** The event at hand, and those before it which the reply has not told. */
  #event: Uint8Array[] = []
  #untold: Uint8Array[] = []
  #isWhole = false
  #isOver = false
  /** What the reply said of the event at hand. */
  #role: EventRole | undefined
  /** Whether content is among what the reply has not told. */
  #holdsContent = false
  #reading: Promise<true> | undefined

  /** @param hangUp - closes the connection. */
  constructor(response: Response, receiver: Receiver, watch: Watch, hangUp: () => void) {
    this.#receiver = receiver
    this.#watch = watch
    this.#hangUp = hangUp
    this.#type = response.headers.get('content-type') ?? ''
    this.#source = (response.body as ReadableStream<Uint8Array>).getReader()
    this.judged = dressed(new ReadableStream(this, { highWaterMark: 0 }), response)
  }

  get kind(): BodyKind {
    return this.#kind
  }

  /** The reply has taken an event. */
  hear(role: EventRole): void {
    this.#role = role
    this.#holdsContent ||= role === 'content'
  }

  /** What it has taken is told: it stays. */
  told(): void {
    this.#holdsContent = false
  }

  async pull(controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> {
    this.#settle()
    if (this.#unread.length === 0) await this.#fill()
    if (this.#mode !== 'judged' || this.#unread.length === 0) controller.close()
    else if (this.#kind === 'other') {
      this.#watch.isPassing = true
      controller.enqueue(new TextEncoder().encode(END))
    } else controller.enqueue(this.#next())
  }

  // Why it leaves becomes known later: its answer is whole, or has failed.
  cancel(): void {}

  /** Reads on; at the beginning until it is clear what comes. */
  async #fill(): Promise<void> {
    do {
      await this.#read()
      if (this.#mode !== 'judged') return
      this.#kind ??= kindOf(this.#unread, this.#type)
    } while (!this.#kind && !this.#isOver)
    this.#kind ??= 'other'
  }

  /** The next event, or as much of it as has come. */
  #next(): Uint8Array {
    const bytes = this.#unread
    const end = this.#kind === 'events' ? this.#ends.endIn(bytes) : 0
    const piece = end ? bytes.subarray(0, end) : bytes
    this.#unread = bytes.subarray(piece.length)
    this.#isWhole = end > 0 || this.#kind !== 'events'
    this.#event.push(piece)
    return piece
  }

  /** The reply wants more: what it was given is taken. */
  #settle(): void {
    if (!this.#isWhole) return
    // What comes once more is dropped.
    if (this.#role !== 'again') this.#untold.push(...this.#event)
    this.#event = []
    this.#isWhole = false
    this.#role = undefined
    if (!this.#holdsContent) this.#pass()
  }

  #pass(): void {
    for (const piece of this.#untold.splice(0)) this.#receiver.pass(piece)
  }

  /** One read, however many wait for it. What it brings is put away as it comes: by the time that they hear, the mode may be another. */
  #read(): Promise<true> {
    this.#reading ??= this.#source.read().then(({ done, value }) => {
      this.#reading = undefined
      this.#isOver = done
      if (value && this.#mode === 'free') this.#receiver.pass(value)
      else if (value) this.#unread = this.#unread.length > 0 ? joined([this.#unread, value]) : value
      return true
    })
    return this.#reading
  }

  /**
   * The stream goes on elsewhere: what was taken of this one stays, and half an event comes again. One that the end of the
   * file has ended was taken, but what follows must not become a part of it.
   */
  part(): void {
    const isTaken = this.#isOver && (this.#role === 'content' || this.#role === 'other')
    const isLine = /[\r\n]$/.test(String.fromCharCode(this.#event.at(-1)?.at(-1) ?? 0))
    if (isTaken) this.#untold.push(...this.#event, new TextEncoder().encode(isLine ? '\n' : '\n\n'))
    else if (this.#role !== 'error') this.#settle()
    if (!this.#holdsContent) this.#pass()
    this.drop()
  }

  /** Nobody wants it any more. */
  drop(): void {
    if (this.#mode === 'dropped') return
    this.#mode = 'dropped'
    this.#source.cancel().catch(() => {})
    this.#hangUp()
  }

  /**
   * All that has come, and all that comes, is the caller's, unseen.
   *
   * @param idleMs - how long to wait for more of it; without it, as long as it takes.
   * @returns when it is over. It throws what the connection ended with.
   */
  async free(idleMs?: number): Promise<void> {
    this.#mode = 'free'
    this.#untold.push(...this.#event.splice(0), this.#unread)
    this.#pass()
    while (!this.#isOver && this.#isFree()) {
      await this.#receiver.room()
      const read = this.#read()
      if (!(await (idleMs === undefined ? read : within(idleMs, read)))) break
    }
    if (!this.#isOver) this.drop()
  }

  #isFree(): boolean {
    return this.#mode === 'free'
  }
}
