import { schedule } from '../time/clock.ts'
import type { Log } from './log.ts'
import { PADDING } from './responses.ts'
import type { Ending } from './store.ts'

/** How an answer is read. */
export interface ReadingOptions {
  readonly heartbeatMs: number
  /** `0`: a reader stays to the end. */
  readonly rotateMs: number
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

// Nothing is read ahead: a reader that stops reading holds nothing but its place.
const ON_DEMAND = Object.freeze({ highWaterMark: 0 })

/**
 * The body of a response: the events after one of them, then what comes as it comes, then how it ended.
 *
 * @param signal - aborted when the reader has gone; some platforms say it no other way.
 */
export function bodyOf(
  log: Log,
  after: number,
  options: ReadingOptions,
  signal: AbortSignal,
  readings: Set<Reading>,
): ReadableStream<Uint8Array> {
  return new ReadableStream(new Reading(log, after, options, signal, readings), ON_DEMAND)
}

/** One reader of one answer. */
export class Reading implements UnderlyingDefaultSource<Uint8Array> {
  readonly #log: Log
  readonly #options: ReadingOptions
  // Not one of the options, which would have to be copied for it: engines make a hidden class for each such copy.
  readonly #signal: AbortSignal
  readonly #readings: Set<Reading>
  /** The id of the last event handed out. */
  #last: number
  #isLive: boolean
  #hasRotated = false
  #controller: ReadableStreamDefaultController<Uint8Array> | undefined
  /** The reader wants more and there is nothing yet. No promise of `pull`, which would be one more for each event. */
  #isWanted = false
  /** Nothing more is handed out. */
  #isOver = false
  #offBeat: (() => void) | undefined
  #offRotation: (() => void) | undefined

  constructor(log: Log, after: number, options: ReadingOptions, signal: AbortSignal, readings: Set<Reading>) {
    this.#log = log
    this.#options = options
    this.#signal = signal
    this.#readings = readings
    this.#last = after
    this.#isLive = after >= log.last
  }

  start(controller: ReadableStreamDefaultController<Uint8Array>): void {
    const { heartbeatMs, rotateMs } = this.#options
    this.#controller = controller
    this.#readings.add(this)
    this.#log.enter(this)
    if (heartbeatMs > 0) this.#beat(heartbeatMs)
    if (rotateMs > 0) this.#offRotation = schedule(rotateMs, () => this.rotate())
    this.#signal.addEventListener('abort', this)
    controller.enqueue(this.#last === 0 ? FROM_START : FROM_EVENT)
    // He may have gone while the answer was asked for.
    if (this.#signal.aborted) this.#close()
  }

  #beat(ms: number): void {
    this.#offBeat = schedule(ms, () => {
      // Who has not taken what there is needs no sign of life.
      if (this.#isWanted) this.#give(HEARTBEAT)
      if (!this.#isOver) this.#beat(ms)
    })
  }

  /** The signal was aborted. */
  handleEvent(): void {
    this.#close()
  }

  pull(): void {
    this.#isWanted = !this.#isOver
    this.wake()
  }

  cancel(): void {
    this.#leave()
  }

  /** The reader goes elsewhere, by its last event: it must have been given one to go by. */
  rotate(): void {
    this.#hasRotated = true
    this.wake()
  }

  /** There may be more. */
  wake(): void {
    if (this.#isWanted) this.#giveNext()
  }

  /** Hands out what comes next, if there is anything. */
  #giveNext(): void {
    const piece = this.#log.pieceAfter(this.#last, PIECE_CHARS)
    const { ending, isCut } = this.#log
    if (this.#hasRotated && this.#last > 0) this.#close()
    else if (piece) {
      this.#last = piece.last
      this.#give(piece.bytes)
    } else if (isCut) this.#close()
    else if (ending) this.#giveEnd(ending)
    else if (!this.#isLive) {
      this.#isLive = true
      this.#give(LIVE)
    }
  }

  /** How it ended; who has seen more than there is, is told the verdict first. */
  #giveEnd(ending: Ending): void {
    if (this.#last > this.#log.last && this.#isLive) {
      this.#isLive = false
      this.#give(this.#log.verdictAfter(this.#last).bytes)
    } else {
      this.#leave()
      this.#give(encoder.encode(`: holdfast ${ending}\n\n`))
      this.#controller?.close()
    }
  }

  #give(bytes: Uint8Array): void {
    // Before: who has asked for more than one piece is asked for the next one from inside.
    this.#isWanted = false
    this.#controller?.enqueue(bytes)
  }

  #close(): void {
    if (this.#isOver) return
    this.#leave()
    this.#controller?.close()
  }

  #leave(): void {
    this.#isOver = true
    this.#readings.delete(this)
    this.#log.leave(this)
    this.#offBeat?.()
    this.#offRotation?.()
    this.#signal.removeEventListener('abort', this)
  }
}
