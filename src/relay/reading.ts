import { schedule } from '../time/clock.ts'
import type { Log } from './log.ts'
import { PADDING } from './responses.ts'

/** How an answer is read. */
export interface ReadingOptions {
  readonly heartbeatMs: number
  /** `0`: a reader stays to the end. */
  readonly rotateMs: number
  /** Aborted when the reader has gone; some platforms say it no other way. */
  readonly signal: AbortSignal
}

const encoder = new TextEncoder()
const BEGINNING = `${PADDING}retry: 300\n`
// A break before the first event is no reason to ask anew either: there is an id to come back with.
const FROM_START = encoder.encode(`${BEGINNING}id:0\n\n`)
const FROM_EVENT = encoder.encode(`${BEGINNING}\n`)
const HEARTBEAT = encoder.encode(':\n\n')
const LIVE = encoder.encode(': live\n\n')
// What a reader who comes late is given at a time.
const PIECE_CHARS = 65_536

/** The body of a response: the events after one of them, then what comes as it comes, then how it ended. */
export function bodyOf(
  log: Log,
  after: number,
  options: ReadingOptions,
  readings: Set<Reading>,
): ReadableStream<Uint8Array> {
  // Nothing is read ahead: a reader that stops reading holds nothing but its place.
  return new ReadableStream(new Reading(log, after, options, readings), { highWaterMark: 0 })
}

/** One reader of one answer. */
export class Reading implements UnderlyingDefaultSource<Uint8Array> {
  readonly #log: Log
  readonly #options: ReadingOptions
  readonly #readings: Set<Reading>
  /** The id of the last event handed out. */
  #last: number
  #isLive: boolean
  #hasRotated = false
  #controller: ReadableStreamDefaultController<Uint8Array> | undefined
  /** The reader wants more and there is nothing yet. */
  #waiting: (() => void) | undefined
  readonly #leaving: (() => void)[] = []

  constructor(log: Log, after: number, options: ReadingOptions, readings: Set<Reading>) {
    this.#log = log
    this.#options = options
    this.#readings = readings
    this.#last = after
    this.#isLive = after >= log.last
  }

  start(controller: ReadableStreamDefaultController<Uint8Array>): void {
    const { heartbeatMs, rotateMs, signal } = this.#options
    this.#controller = controller
    this.#readings.add(this)
    this.#leaving.push(this.#log.enter(() => this.#wake()))
    if (heartbeatMs > 0) this.#beat(heartbeatMs)
    if (rotateMs > 0) this.#leaving.push(schedule(rotateMs, () => this.rotate()))
    const gone = (): void => void this.#close()
    signal.addEventListener('abort', gone)
    this.#leaving.push(() => signal.removeEventListener('abort', gone))
    controller.enqueue(this.#last === 0 ? FROM_START : FROM_EVENT)
    // He may have gone while the answer was asked for.
    if (signal.aborted) gone()
  }

  #beat(ms: number): void {
    const beat = (): void => {
      // Who has not taken what there is needs no sign of life.
      if (this.#waiting) this.#give(HEARTBEAT)
      this.#leaving[at] = schedule(ms, beat)
    }
    const at = this.#leaving.push(schedule(ms, beat)) - 1
  }

  pull(): void | Promise<void> {
    if (this.#giveNext()) return
    return new Promise((resolve) => {
      this.#waiting = resolve
    })
  }

  cancel(): void {
    this.#leave()
    this.#waiting?.()
  }

  /** The reader goes elsewhere, by its last event: it must have been given one to go by. */
  rotate(): void {
    this.#hasRotated = true
    this.#wake()
  }

  #wake(): void {
    if (this.#waiting) this.#giveNext()
  }

  /** Hands out what comes next, if there is anything. */
  #giveNext(): boolean {
    const piece = this.#log.pieceAfter(this.#last, PIECE_CHARS)
    if (this.#hasRotated && this.#last > 0) return this.#close()
    if (piece) {
      this.#last = piece.last
      return this.#give(piece.bytes)
    }
    const { ending, isCut } = this.#log
    if (isCut) return this.#close()
    if (ending && this.#last > this.#log.last && this.#isLive) {
      this.#isLive = false
      return this.#give(this.#log.verdictAfter(this.#last).bytes)
    }
    if (ending) {
      this.#give(encoder.encode(`: holdfast ${ending}\n\n`))
      return this.#close()
    }
    if (this.#isLive) return false
    this.#isLive = true
    return this.#give(LIVE)
  }

  #give(bytes: Uint8Array): true {
    this.#controller?.enqueue(bytes)
    this.#waiting?.()
    this.#waiting = undefined
    return true
  }

  #close(): true {
    this.#leave()
    this.#controller?.close()
    this.#waiting?.()
    this.#waiting = undefined
    return true
  }

  #leave(): void {
    this.#readings.delete(this)
    for (const leave of this.#leaving.splice(0)) leave()
  }
}
