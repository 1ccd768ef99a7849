import { type Delta, type EventRole, isContent, type ServerEvent } from '../events.ts'
import { frameOf } from './verdict.ts'

/** Who hands an answer's events on. */
export interface Onward {
  /** Hands them on, if there is still somebody to hand them to. */
  pass(frames: readonly string[]): void
  /** The provider contradicts what was handed on. */
  contradict(): void
}

/**
 * Holds an answer's events until its first content has been told, so that another attempt stays free; then hands them on as
 * the reply tells what is in them. What was handed on is not taken back.
 */
export class Held {
  readonly #onward: Onward
  #frames: string[] = []
  #holdsContent = false
  #isCommitted = false
  #isPassing = false

  constructor(onward: Onward) {
    this.#onward = onward
  }

  /** Whether content has been told. */
  get isCommitted(): boolean {
    return this.#isCommitted
  }

  /** The first event that waits. */
  get first(): string | undefined {
    return this.#frames[0]
  }

  /** An event has come. */
  hear(event: ServerEvent, role: EventRole): void {
    if (role === 'error' || role === 'again') return
    if (role === 'partly') {
      this.#onward.contradict()
      return
    }
    this.#frames.push(frameOf(event))
    this.#holdsContent ||= role === 'content'
    if (!this.#isCommitted || this.#holdsContent || this.#isPassing) return
    // What brings nothing of the answer is told when its read has been gone through.
    this.#isPassing = true
    queueMicrotask(() => {
      this.#isPassing = false
      if (!this.#holdsContent) this.pass()
    })
  }

  /** What an event held has been told. */
  told(delta: Delta): void {
    if (delta.type === 'rewind') this.#onward.contradict()
    else if (isContent(delta)) {
      this.#isCommitted = true
      this.pass()
    }
  }

  /** Another attempt is made: what waits was of the one before. */
  retried(action: string): void {
    this.#frames = []
    this.#holdsContent = false
    // Somebody agreed to a replay in the client's options; who reads events has not.
    if (this.#isCommitted && action !== 'resume') this.#onward.contradict()
  }

  /** The answer has failed: content that the reply has not told is no part of it. */
  failed(): void {
    if (this.#isCommitted && !this.#holdsContent) this.pass()
  }

  /** Hands on all that waits. */
  pass(): void {
    if (this.#frames.length === 0) return
    const frames = this.#frames
    this.#frames = []
    this.#holdsContent = false
    this.#onward.pass(frames)
  }
}
