import type { Client } from '../client.ts'
import { isStreamError, type StreamFailure } from '../errors/errors.ts'
import type { Answer } from '../events.ts'
import type { Reply } from '../reply.ts'
import { schedule } from '../time/clock.ts'
import { Held, type Onward } from './held.ts'
import { Log } from './log.ts'
import { Outbox, type OutboxEvents } from './outbox.ts'
import type { AnswerKey, Ending, NewAnswer, Opened, State, Store } from './store.ts'
import { CONTRADICTED, LOST, type Reason, reasonOf, STOPPED, TOO_LARGE, verdictFrame } from './verdict.ts'

/** What a producer is made with; the same object for all. */
export interface ProducerOptions {
  readonly ai: Client
  readonly store: Store
  readonly keepMs: number
  readonly abandonMs: number
  readonly maxAnswerBytes: number
}

/** Who has answers given. */
export interface Producing {
  warn(message: string): void
  /** The answer has ended; called once. */
  ended(producer: Producer, outcome: Outcome): void
}

/** How it went. */
export interface Outcome {
  readonly state: Ending
  /** Why it is not whole. */
  readonly code: string | undefined
  /** What had arrived; `undefined` when nothing was asked. */
  readonly answer: Answer | undefined
  /** The most readers at a time. */
  readonly readers: number
}

/** Gives one answer: a reply of the client's, whose events go into a log. It reads on, whatever its readers do. */
export class Producer implements Onward, OutboxEvents {
  readonly id: string
  readonly owner: string
  readonly key: AnswerKey | undefined
  readonly log: Log
  /** All is written into the store, or never will be. */
  readonly saved: Promise<void>
  readonly #options: ProducerOptions
  readonly #producing: Producing
  readonly #outbox: Outbox
  readonly #sample: string | undefined
  #setSaved: () => void = () => {}
  #reply: Reply | undefined
  /** Until the first delta nothing is logged, so that another attempt stays free. */
  readonly #held: Held = new Held(this)
  /** Why it was called off by us. */
  #reason: Reason | undefined
  #mostReaders = 0
  #abandoning: (() => void) | undefined

  /** @param sample - how an event begins in the language in which is asked, if that is known. */
  constructor(answer: NewAnswer, sample: string | undefined, options: ProducerOptions, producing: Producing) {
    this.#sample = sample
    this.id = answer.id
    this.owner = answer.owner
    this.key = answer.key
    this.#options = options
    this.#producing = producing
    this.log = new Log((count) => this.#counted(count))
    this.#outbox = new Outbox(options.store, answer, this.log, options.keepMs, this)
    this.saved = new Promise((resolve) => {
      this.#setSaved = resolve
    })
  }

  get state(): State {
    return this.log.ending ?? 'running'
  }

  /** Makes room for it in the store. */
  open(): Promise<Opened> {
    return this.#outbox.open()
  }

  /** Asks the provider. @param isOpen - the store knows of it. */
  start(body: object, isOpen: boolean): void {
    void this.#outbox.run(isOpen).then(this.#setSaved)
    // It may have been called off while it was opened.
    if (this.log.ending) return
    this.#counted(this.log.readers)
    try {
      this.#reply = this.#options.ai.chat(body, {
        // What was logged is not taken back, so an answer is not given twice.
        recovery: 'auto',
        onEvent: (event, role) => this.#held.hear(event, role),
        onDelta: (delta) => this.#held.told(delta),
        onRetry: ({ action }) => this.#held.retried(action),
      })
      this.#reply.answer().then(
        (answer) => this.#finish(answer),
        (error: StreamFailure) => this.#fail(error),
      )
    } catch {
      // A body of which no request can be made.
      this.#settle('error', { code: 'protocol', message: 'The provider cannot be asked this' }, undefined)
    }
  }

  /** Nothing is asked after all, and nothing will be written. */
  giveUp(): void {
    this.#setSaved()
  }

  /** The store may have lost what it had, and is not to learn of it by the next word only. */
  doubt(): void {
    this.#outbox.doubt()
  }

  pass(frames: readonly string[]): void {
    if (this.log.ending) return
    this.log.add(frames)
    this.#outbox.tell()
    const { maxAnswerBytes } = this.#options
    if (maxAnswerBytes > 0 && this.log.bytes > maxAnswerBytes) this.#callOff(TOO_LARGE)
  }

  contradict(): void {
    this.#callOff(CONTRADICTED)
  }

  /** Ends it: at the provider, too. */
  stop(): void {
    this.#callOff(STOPPED)
  }

  /** Ends it, because its process does. */
  lose(): void {
    this.#callOff(LOST)
  }

  #callOff(reason: Reason): void {
    this.#reason ??= reason
    this.#reply?.cancel()
    // Who has not asked yet has nothing to cancel.
    if (!this.#reply) this.#settle(endingOf(this.#reason), this.#reason, undefined)
  }

  #finish(answer: Answer): void {
    this.#held.pass()
    // An answer that came in one piece, as a document.
    const isSaid = this.log.last > 0
    if (isSaid) this.#settle('done', undefined, answer)
    else this.#settle('error', { code: 'protocol', message: 'The provider did not stream' }, answer)
  }

  #fail(error: StreamFailure): void {
    const answer = isStreamError(error) ? error.answer : undefined
    const reason = this.#reason ?? reasonOf(error)
    this.#held.failed()
    this.#settle(this.#reason ? endingOf(this.#reason) : 'error', reason, answer)
  }

  #settle(state: Ending, reason: Reason | undefined, answer: Answer | undefined): void {
    if (this.log.ending) return
    this.#abandoning?.()
    const sample = this.log.firstFrame ?? this.#held.first ?? this.#sample
    if (reason) this.log.add([verdictFrame(sample, reason)])
    this.log.end(state)
    this.#outbox.tell()
    this.#producing.ended(this, { state, code: reason?.code, answer, readers: this.#mostReaders })
  }

  /** Another process has taken this one for dead, or the answer was forgotten. */
  onEnded(ending: Ending): void {
    this.#callOff(ending === 'lost' ? LOST : STOPPED)
  }

  onWarning(message: string): void {
    this.#producing.warn(message)
  }

  #counted(count: number): void {
    this.#mostReaders = Math.max(this.#mostReaders, count)
    this.#abandoning?.()
    this.#abandoning = undefined
    const { abandonMs } = this.#options
    if (count > 0 || this.log.ending || abandonMs === Number.POSITIVE_INFINITY) return
    this.#abandoning = schedule(abandonMs, () => void this.#abandon())
  }

  async #abandon(): Promise<void> {
    const isRead = await this.#isReadElsewhere()
    if (this.log.readers > 0) return
    if (isRead) this.#counted(0)
    else this.stop()
  }

  /** A store that is away may know of readers. */
  async #isReadElsewhere(): Promise<boolean> {
    try {
      return await this.#options.store.isRead(this.id)
    } catch {
      return true
    }
  }
}

function endingOf({ code }: Reason): Ending {
  if (code === 'stopped') return 'stopped'
  return code === 'lost' ? 'lost' : 'error'
}
