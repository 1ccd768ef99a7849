/** Whoever is told what arrives: the callbacks are one listener, each iterator is one. */
import { Pairs } from './answer/pairs.ts'
import type { DeltaReader } from './answer/reader.ts'
import type { Transcript } from './answer/transcript.ts'
import type { Callbacks } from './callbacks.ts'
import type { StreamFailure } from './errors/errors.ts'
import { type Answer, type Delta, isContent } from './events.ts'
import type { Scope } from './scope.ts'
import type { Holder } from './time/deadlines.ts'

/** Somebody who is told. */
interface Listener {
  /** Whether content that it listens to was handed to it: its commit point. */
  hasHeard: boolean
  /** Whether it understands that text is taken back. */
  readonly canRewind: boolean
}

interface Reader extends Listener {
  readonly reader: DeltaReader
  /** How much of the batch at hand it had been told when it came. */
  told: number
}

const NO_BATCH: readonly Delta[] = Object.freeze([])

/**
 * Tells everybody the same deltas in the same order, and knows who has been given what. Whoever joins is given what was
 * told so far, also in the middle of a batch.
 */
export class Listeners {
  readonly #transcript: Transcript
  readonly #scope: Scope
  readonly #callbacks: Callbacks
  readonly #holder: Holder
  readonly #caller: Listener
  readonly #readers = new Set<Reader>()
  /** Those who cannot take text back, and came while an answer is compared with an earlier one. */
  readonly #early = new Set<Reader>()
  readonly #pairs = new Pairs()
  readonly #live: Answer
  /** Whether somebody waits for the whole answer. */
  #isHurried = false
  #batch = NO_BATCH
  /** How much of the batch has been told. */
  #told = 0
  #end: { readonly error: StreamFailure | undefined } | undefined

  /** @param callbacks - guarded: one that throws, throws a `CallbackError`, and none is called after an abort. */
  constructor(transcript: Transcript, scope: Scope, callbacks: Callbacks, holder: Holder) {
    this.#transcript = transcript
    this.#scope = scope
    this.#callbacks = callbacks
    this.#live = transcript.live
    this.#holder = holder
    this.#caller = { hasHeard: false, canRewind: callbacks.onRewind !== undefined }
  }

  /** Whether anybody has been given something that he listens to: the commit point. */
  get haveHeard(): boolean {
    return this.#all().some(({ hasHeard }) => hasHeard)
  }

  /** Whether everybody who has been given something can take it back. */
  get canRewind(): boolean {
    return this.#all().every(({ hasHeard, canRewind }) => !hasHeard || canRewind)
  }

  #all(): Listener[] {
    return [this.#caller, ...this.#readers]
  }

  /** Tells the callbacks what was there before the reply began, of one that goes on from a checkpoint. */
  async greet(): Promise<void> {
    for (const delta of this.#transcript.recall()) {
      if (this.#scope.reason) return
      await this.#callCaller(delta)
    }
  }

  /** Hands a batch out: one synchronous loop, until somebody asks to be waited for. */
  tell(batch: readonly Delta[]): void | PromiseLike<void> {
    return this.#tell(this.#pairs.join(batch))
  }

  #tell(batch: readonly Delta[]): void | PromiseLike<void> {
    this.#batch = batch
    try {
      while (this.#told < batch.length && !this.#scope.reason) {
        const wait = this.#tellNext()
        if (wait) return this.#tellOn(wait)
      }
    } catch (error) {
      void this.#pass()
      throw error
    }
    return this.#pass()
  }

  /** The stream has broken: what waits for more of it is told as it is, so that all that was given has been told. */
  tellRest(): void | PromiseLike<void> {
    const rest = this.#pairs.rest()
    if (rest.length > 0) return this.#tell(rest)
  }

  /** Somebody waits for the whole answer, and must not wait for a reader that may never read on. */
  letGo(): void {
    this.#isHurried = true
    for (const { reader } of this.#readers) reader.release()
  }

  async #tellOn(wait: PromiseLike<void>): Promise<void> {
    try {
      await wait
      while (this.#told < this.#batch.length && !this.#scope.reason) await this.#tellNext()
    } catch (error) {
      void this.#pass()
      throw error
    }
    await this.#pass()
  }

  #tellNext(): void | PromiseLike<void> {
    const delta = this.#batch[this.#told] as Delta
    this.#transcript.add(delta)
    // Counted before anybody is called: who joins from inside a callback is given this one with what was before it.
    this.#told++
    return this.#callCaller(delta)
  }

  /** One callback at a time: where both wait, the second is called when the first is done. */
  #callCaller(delta: Delta): void | PromiseLike<void> {
    const { onDelta } = this.#callbacks
    if (!onDelta) return this.#callWithText(delta)
    if (isContent(delta)) this.#caller.hasHeard = true
    const wait = onDelta(delta, this.#live)
    return wait ? wait.then(() => this.#callWithText(delta)) : this.#callWithText(delta)
  }

  #callWithText(delta: Delta): void | PromiseLike<void> {
    const { onChunk, onRewind } = this.#callbacks
    if (delta.type === 'rewind') return onRewind?.(delta, this.#live)
    if (delta.type !== 'text' || !onChunk) return
    this.#caller.hasHeard = true
    return onChunk(delta.text, this.#live)
  }

  /** What was told of the batch goes to the readers. A promise: the slowest of them was busy. */
  #pass(): void | PromiseLike<void> {
    const told = this.#told < this.#batch.length ? this.#batch.slice(0, this.#told) : this.#batch
    this.#batch = NO_BATCH
    this.#told = 0
    if (this.#scope.reason?.code === 'aborted') return
    let wait: PromiseLike<void> | undefined
    for (const each of this.#readers) {
      const busy = give(each, each.told > 0 ? told.slice(each.told) : told)
      each.told = 0
      wait = wait && busy ? Promise.all([wait, busy]).then(() => {}) : (wait ?? busy)
    }
    if (this.#early.size > 0 && !this.#transcript.isReplaying) this.#admitEarly()
    if (this.#isHurried) return
    if (wait) this.#holder.name = 'a reader'
    return wait
  }

  /**
   * A reader has come. One that cannot take text back waits while an answer is compared with an earlier one, which may
   * have to be taken back.
   */
  enter(reader: DeltaReader, canRewind: boolean): void {
    const entered: Reader = { reader, canRewind, hasHeard: false, told: this.#told }
    if (this.#end) this.#admit(entered)
    else if (!canRewind && this.#mayTakeBack) this.#early.add(entered)
    else this.#admit(entered)
  }

  get #mayTakeBack(): boolean {
    const isInBatch = this.#batch.some(({ type }, at) => type === 'rewind' && at >= this.#told)
    return isInBatch || this.#transcript.isReplaying
  }

  #admit(entered: Reader): void {
    void give(entered, this.#transcript.recall())
    if (this.#end) entered.reader.finish(this.#end.error)
    else this.#readers.add(entered)
  }

  #admitEarly(): void {
    for (const early of this.#early) this.#admit({ ...early, told: 0 })
    this.#early.clear()
  }

  /** No more is coming. */
  finish(error: StreamFailure | undefined): void {
    // A batch may be half told: what was told of it is part of what had arrived.
    void this.#pass()
    this.#end = { error }
    for (const { reader } of this.#readers) reader.finish(error)
    this.#readers.clear()
    this.#admitEarly()
  }
}

function give(to: Reader, deltas: readonly Delta[]): Promise<void> | undefined {
  if (deltas.length === 0) return undefined
  to.hasHeard ||= deltas.some(isContent)
  return to.reader.push(deltas)
}
