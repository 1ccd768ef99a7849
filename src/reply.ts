/// <reference lib="esnext.disposable" />
import type { Checkpoint } from './answer/checkpoint.ts'
import { Outcome } from './answer/outcome.ts'
import { DeltaReader } from './answer/reader.ts'
import { Transcript } from './answer/transcript.ts'
import { guarded, lastWord } from './callbacks.ts'
import type { Dialect } from './dialects/dialect.ts'
import { AbortedError, type StreamFailure } from './errors/errors.ts'
import { report } from './errors/report.ts'
import type { Answer, Delta, DeltaSource } from './events.ts'
import { Listeners } from './listeners.ts'
import type { Context, Plan } from './options.ts'
import type { Surroundings } from './request/endpoints.ts'
import type { HttpFunction } from './request/prepare.ts'
import { untilWhole } from './run/attempts.ts'
import type { Recovering, Run } from './run/run.ts'
import { Scope } from './scope.ts'
import { Alarm } from './time/alarm.ts'
import { now, schedule } from './time/clock.ts'
import { Deadlines, type Expire, type Holder, type Stall } from './time/deadlines.ts'
import { Pause } from './time/pause.ts'

/** What an entry of the package is made of: `holdfast` brings all of it, `holdfast/core` what it is given. */
export interface Entry {
  /** What carries the requests; without it, `fetch` itself does. */
  readonly transport?: HttpFunction | undefined
  /** What is spoken where no dialect is given; without it, one has to be. */
  readonly dialect?: Dialect | undefined
  /** What makes a dialect of a function, and watches its texts; without it, they are as they come. */
  readonly ofFunction?: Surroundings['ofFunction']
  /** How a reply goes on once output was handed out and its stream is lost; without it, it has failed. */
  readonly recovering?: Recovering | undefined
  /** What there is for a call that lists its `endpoints`; without it, only a client's may. */
  readonly failover?: Surroundings['failover']
  /** Makes a response of a reply, for a server to hand on; without it, that is refused. */
  readonly respond?: Respond | undefined
  /** Makes the retry budget of a call that has no client's; without it, `retry.limit` is the only bound. */
  readonly newBudget?: Context['newBudget']
}

/** How a reply is handed on. */
export interface ResponseOptions {
  /**
   * A comment after so long without an event, in ms, so that nobody on the way takes the connection for dead; `0`: none.
   * @defaultValue 15 000
   */
  readonly heartbeatMs?: number | undefined
  /** More headers, or others. */
  readonly headers?: RequestInit['headers'] | undefined
}

/**
 * Makes a response of a reply.
 *
 * @param inside - the functions that are called, to which it adds its own, and what has come.
 */
export type Respond = (
  reply: Reply,
  inside: Pick<Run, 'callbacks' | 'transcript'>,
  options?: ResponseOptions,
) => Response

/** One answer on its way: all ways to read it see the same deltas and the same end. */
export class Reply implements DeltaSource, AsyncDisposable {
  /** What the attempts are given, but for the clocks. */
  readonly #shared: Omit<Run, 'alarm' | 'deadlines' | 'pause'>
  /** Who is waited for. */
  readonly #holder: Holder = { name: '' }
  readonly #outcome: Promise<Answer>
  readonly #answer: Promise<Answer>
  /** Somebody will learn of a failure. */
  #observed: boolean
  /** The next iterator belongs to a reader that can take text back. */
  #nextCanRewind = false

  readonly #respond: Respond | undefined

  /** Made by `stream()` and by a client, with checked options. */
  constructor(plan: Plan, { recovering, respond }: Pick<Entry, 'recovering' | 'respond'>) {
    this.#respond = respond
    const { from, callbacks, maxAnswerChars, signal } = plan
    const known = from?.version === 1 ? from : undefined
    const scope = new Scope()
    const transcript = new Transcript(maxAnswerChars, recovering?.replay, known)
    const guards = guarded(callbacks, scope, this.#holder)
    const listeners = new Listeners(transcript, scope, guards, this.#holder)
    // Spelled out: engines make a hidden class for each object that is spread of others.
    this.#shared = {
      plan,
      recovering,
      scope,
      transcript,
      listeners,
      callbacks: guards,
      cursor: recovering?.cursor(plan),
      startedAt: now(),
    }
    this.#observed = callbacks.onError !== undefined
    if (signal) scope.follow(signal)
    this.#outcome = this.#run().then(
      () => this.#succeed(),
      (error: StreamFailure) => this.#fail(error),
    )
    this.#answer = this.#watched(this.#outcome)
  }

  #watched<T>(outcome: Promise<T>): Promise<T> {
    return Outcome.of(outcome, () => {
      this.#observed = true
      this.#shared.listeners.letGo()
    })
  }

  /** Vue and Alpine leave an object with a name of its own alone: a proxy around it could not reach its private state. */
  get [Symbol.toStringTag](): string {
    return 'Reply'
  }

  /** The whole answer. Rejects with a {@link StreamFailure}, whose `answer` is what had arrived. */
  answer(): Promise<Answer> {
    return this.#answer
  }

  /** The text of the whole answer; rejects like {@link answer}. */
  text(): Promise<string> {
    return this.#watched(this.#outcome.then(({ text }) => text))
  }

  /** Ends the reply: the socket is closed, and whoever reads gets an `aborted` error. */
  cancel(reason?: unknown): void {
    this.#shared.scope.abort(new AbortedError(reason))
  }

  /**
   * Ends the reply, and the answer at the server, too: a `DELETE` to the address that the server gave it
   * (`Content-Location`), with the call's headers. Nobody waits for that, and it never fails; a second call sends nothing.
   * Without an address (none was given, the headers have not come, the answer is whole) it is the same as {@link cancel}.
   */
  stop(reason?: unknown): void {
    this.cancel(reason)
    this.#shared.recovering?.stop(this.#shared).catch(ignore)
  }

  /**
   * `await using reply = stream(…)`: the end of the block ends the reply. One that has ended leaves its socket to the next
   * request. (An engine without the symbol has no such block.)
   */
  [Symbol.asyncDispose](): Promise<void> {
    if (!this.#shared.scope.isClosed) this.cancel()
    return this.#outcome.then(ignore, ignore)
  }

  /**
   * Where the reply stands, as plain JSON: to be kept, over a page load if need be, and handed to
   * `stream(…, { from })`. `undefined` once the answer is whole. Of an answer that has an address at the server it is that
   * address, the same from the headers on, so that it need be taken but once; else what had arrived. It holds no header
   * and no request body.
   */
  checkpoint(): Checkpoint | undefined {
    return this.#shared.recovering?.checkpointOf(this.#shared)
  }

  /**
   * The reply as the response of a server: its events as they came, a comment while there are none, and at the end either
   * the provider's own or one event in its words that says why not. To be called before a response has come. Whoever
   * stops reading ends the reply.
   *
   * @throws TypeError when something has come already, and in `holdfast/core`, which leaves it out.
   * @example
   * ```ts
   * export const POST = async (request) => ai.chat(await request.json()).toResponse()
   * ```
   */
  toResponse(options?: ResponseOptions): Response {
    if (!this.#respond) throw new TypeError('toResponse() is not in holdfast/core')
    return this.#respond(this, this.#shared, options)
  }

  /** Consent to a replay: the next iterator belongs to a reader that understands `rewind`. */
  acceptRewind(): void {
    this.#nextCanRewind = true
  }

  /**
   * The deltas, from the first one on, whenever the reader comes. While a reader is busy with what it got, nothing
   * more is read from the network, unless somebody awaits the answer. Leaving the loop before the `finish` delta ends
   * the reply.
   */
  [Symbol.asyncIterator](): AsyncIterator<Delta, undefined> & AsyncIterable<Delta> {
    const canRewind = this.#nextCanRewind
    this.#nextCanRewind = false
    return new DeltaReader({
      enter: (reader) => {
        this.#observed = true
        this.#shared.listeners.enter(reader, canRewind)
      },
      leave: (last) => this.#left(last),
    })
  }

  /** Who has been given the end has all of it: what may still come is usage. */
  #left(last: Delta | undefined): void {
    const isEnd = last?.type === 'finish' || (last?.type === 'usage' && this.#shared.transcript.isFinished)
    if (!isEnd) this.cancel()
  }

  async #run(): Promise<void> {
    // Nobody is called before the caller holds the reply.
    await undefined
    const { plan, scope, callbacks } = this.#shared
    const { timeouts, stallMs } = plan
    const alarm = new Alarm(timeouts.idleMs)
    const onStall = (stall: Stall): void => void callbacks.onStall?.(stall)
    const expire: Expire = (error) => scope.abort(error)
    const patience = { timeouts, stallMs, holder: this.#holder, onStall, expire }
    const deadlines = new Deadlines(alarm, patience)
    await untilWhole({ ...this.#shared, alarm, deadlines, pause: new Pause(alarm, patience) })
  }

  #succeed(): Answer {
    this.#close(undefined)
    const answer = this.#shared.transcript.snapshot()
    lastWord(this.#shared.callbacks.onComplete, answer)
    return answer
  }

  #fail(error: StreamFailure): never {
    this.#close(error)
    const { onAbort, onError } = this.#shared.callbacks
    if (error.code === 'aborted') lastWord(onAbort, error)
    else if (onError) lastWord(onError, error)
    // A moment later, so that `await`ing the answer after some other work still counts as looking.
    else if (!this.#observed) schedule(LOOK_MS, () => this.#observed || report(error))
    throw error
  }

  #close(error: StreamFailure | undefined): void {
    this.#shared.scope.close()
    this.#shared.listeners.finish(error)
  }
}

const LOOK_MS = 60

function ignore(): void {}
