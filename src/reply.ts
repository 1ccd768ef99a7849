import { DeltaReader } from './answer/reader.ts'
import { Transcript } from './answer/transcript.ts'
import { type Callbacks, guarded, lastWord, report } from './callbacks.ts'
import { AbortedError, type StreamFailure } from './errors/errors.ts'
import type { Answer, Delta, DeltaSource } from './events.ts'
import { type Plan, resolve, type StreamOptions } from './options.ts'
import { type Checkpoint, Trail } from './policy/resume.ts'
import type { Audience, Run } from './run/attempt.ts'
import { untilWhole } from './run/attempts.ts'
import { checkpointOf } from './run/resume-request.ts'
import { Scope } from './scope.ts'
import { now, schedule } from './time/clock.ts'
import { Deadlines } from './time/deadlines.ts'

/**
 * Asks for a streamed answer. The request starts at once; the {@link Reply} is read as an async iterator, as a
 * promise, by callbacks or by `render()`, in any combination.
 *
 * @throws TypeError for a bad URL or option, naming it and the value received.
 * @example
 * ```ts
 * stream('/api/chat', { json: { messages }, onChunk: (text) => output.append(text) })
 * ```
 */
export function stream(input: string | URL, options: StreamOptions = {}): Reply {
  return new Reply(resolve(input, options))
}

/** One answer on its way: all ways to read it see the same deltas and the same end. */
export class Reply implements DeltaSource {
  readonly #plan: Plan
  readonly #scope = new Scope()
  readonly #transcript: Transcript
  readonly #trail = new Trail()
  readonly #startedAt: number = now()
  readonly #readers = new Set<DeltaReader>()
  readonly #callbacks: Callbacks
  readonly #outcome: Promise<Answer>
  #end: { readonly error: StreamFailure | undefined } | undefined
  /** Somebody has been given output: the commit point. */
  #heard = false
  /** Somebody will learn of a failure. */
  #observed: boolean
  #rewinds: boolean

  /** Made by `stream()` and by a client, with checked options. */
  constructor(plan: Plan) {
    this.#plan = plan
    this.#transcript = new Transcript(plan.maxAnswerChars)
    this.#callbacks = guarded(plan.callbacks, this.#scope)
    this.#observed = plan.callbacks.onError !== undefined
    this.#rewinds = plan.callbacks.onRewind !== undefined
    if (plan.signal) this.#scope.follow(plan.signal)
    this.#outcome = this.#run().then(
      () => this.#succeed(),
      (error: StreamFailure) => this.#fail(error),
    )
    // Whether anybody looks is our own question, asked below; the engine's would come too early.
    this.#outcome.catch(() => {})
  }

  /** The whole answer. Rejects with a {@link StreamFailure}, whose `answer` is what had arrived. */
  answer(): Promise<Answer> {
    this.#observed = true
    return this.#outcome
  }

  /** The text of the whole answer; rejects like {@link answer}. */
  text(): Promise<string> {
    return this.answer().then((answer) => answer.text)
  }

  /** Ends the reply: the socket is closed, and whoever reads gets an `aborted` error. */
  cancel(reason?: unknown): void {
    this.#scope.abort(new AbortedError(reason))
  }

  /**
   * Where the reply stands, as plain JSON: to be kept, over a page load if need be, and handed to
   * `stream(…, { from })`. `undefined` once the answer is whole. It holds what had arrived, but no header and no
   * request body.
   */
  checkpoint(): Checkpoint | undefined {
    return checkpointOf({ plan: this.#plan, transcript: this.#transcript, trail: this.#trail })
  }

  /** Consent to a replay: this reader understands `rewind`. */
  acceptRewind(): void {
    this.#rewinds = true
  }

  /**
   * The deltas, from the first one on, whenever the reader comes. While a reader is busy with what it got, nothing
   * more is read from the network. Leaving the loop early ends the reply.
   */
  [Symbol.asyncIterator](): AsyncIterator<Delta, undefined> {
    this.#observed = true
    return new DeltaReader({
      enter: (reader) => this.#enter(reader),
      leave: () => this.cancel(),
    })
  }

  async #run(): Promise<void> {
    // Nobody is called before the caller holds the reply.
    await undefined
    const { timeouts, stallMs } = this.#plan
    const run: Run = {
      plan: this.#plan,
      scope: this.#scope,
      deadlines: new Deadlines(timeouts, stallMs, (stall) => this.#callbacks.onStall?.(stall)),
      transcript: this.#transcript,
      trail: this.#trail,
      audience: this.#audience(),
      startedAt: this.#startedAt,
    }
    await untilWhole(run)
  }

  #audience(): Audience {
    return {
      callbacks: this.#callbacks,
      hear: (batch) => this.#hear(batch),
      hasHeard: () => this.#heard,
      canRewind: () => this.#rewinds || !this.#heard,
    }
  }

  /** One synchronous loop over a batch, until a callback asks to be waited for. */
  #hear(batch: readonly Delta[]): void | PromiseLike<void> {
    const { onChunk, onDelta } = this.#callbacks
    if (onChunk || onDelta || this.#readers.size > 0) this.#heard = true
    let told = 0
    try {
      while (told < batch.length && !this.#scope.reason) {
        const wait = this.#tell(batch[told] as Delta)
        told++
        if (wait) return this.#hearOn(batch, told, wait)
      }
    } catch (error) {
      void this.#pass(batch.slice(0, told))
      throw error
    }
    return this.#pass(batch)
  }

  async #hearOn(batch: readonly Delta[], from: number, wait: PromiseLike<void>): Promise<void> {
    let told = from
    try {
      await wait
      while (told < batch.length && !this.#scope.reason) {
        await this.#tell(batch[told] as Delta)
        told++
      }
    } catch (error) {
      void this.#pass(batch.slice(0, told))
      throw error
    }
    await this.#pass(batch)
  }

  #tell(delta: Delta): void | PromiseLike<void> {
    this.#transcript.add(delta)
    const { live } = this.#transcript
    const first = this.#callbacks.onDelta?.(delta, live)
    const second = this.#tellText(delta, live)
    return first && second ? Promise.all([first, second]).then(() => {}) : (first ?? second)
  }

  #tellText(delta: Delta, live: Answer): void | PromiseLike<void> {
    if (delta.type === 'text') return this.#callbacks.onChunk?.(delta.text, live)
    if (delta.type === 'rewind') return this.#callbacks.onRewind?.(delta, live)
  }

  /** To the readers. A promise: the slowest of them was busy. */
  #pass(batch: readonly Delta[]): void | PromiseLike<void> {
    if (this.#scope.reason) return
    let wait: PromiseLike<void> | undefined
    for (const reader of this.#readers) {
      const busy = reader.push(batch)
      wait = wait && busy ? Promise.all([wait, busy]).then(() => {}) : (wait ?? busy)
    }
    return wait
  }

  #enter(reader: DeltaReader): void {
    const past = this.#transcript.recall()
    if (past.length > 0) {
      this.#heard = true
      void reader.push(past)
    }
    if (this.#end) reader.finish(this.#end.error)
    else this.#readers.add(reader)
  }

  #succeed(): Answer {
    this.#close(undefined)
    const answer = this.#transcript.snapshot()
    lastWord(this.#plan.callbacks.onComplete, answer)
    return answer
  }

  #fail(error: StreamFailure): never {
    this.#close(error)
    const { onAbort, onError } = this.#plan.callbacks
    if (error.code === 'aborted') lastWord(onAbort, error)
    else if (onError) lastWord(onError, error)
    // A turn later, so that `await`ing the answer after some other work still counts as looking.
    else if (!this.#observed) schedule(0, () => this.#observed || report(error))
    throw error
  }

  #close(error: StreamFailure | undefined): void {
    this.#scope.close()
    this.#end = { error }
    for (const reader of this.#readers) reader.finish(error)
    this.#readers.clear()
  }
}
