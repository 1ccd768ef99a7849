import { schedule } from '../time/clock.ts'
import { dressed } from './dressed.ts'
import { Outlet } from './outlet.ts'

// What comes before the content is little, in every language.
const HELD_BYTES = 65_536

/**
 * What the caller of a `fetch` is given: a response, its bytes, an end. What came before the content is held back for a
 * moment: nobody has seen it yet, so another attempt is free.
 */
export class Handout {
  /** Settles as the one of `fetch` does. */
  readonly response: Promise<Response>
  #answer: (response: Response) => void = () => {}
  #refuse: (error: unknown) => void = () => {}
  readonly #holdMs: number
  readonly #outlet: Outlet
  /** The response that stands for all: that of the first bytes. */
  #head: Response | undefined
  #held: Uint8Array[] = []
  #heldBytes = 0
  #stopHolding: (() => void) | undefined
  /** Whether bytes have been handed out. */
  isGiven = false
  /** Whether the caller has a response. */
  isAnswered = false
  /** Whether he has all that he will get. */
  isOver = false

  /** @param onCancel - he reads no more. */
  constructor(holdMs: number, onCancel: (reason: unknown) => void) {
    this.#holdMs = holdMs
    this.#outlet = new Outlet(onCancel)
    this.response = new Promise((resolve, reject) => {
      this.#answer = resolve
      this.#refuse = reject
    })
  }

  /** A response has come whose bytes will be handed out. */
  begin(head: Response): void {
    this.#head ??= head
  }

  pass(bytes: Uint8Array): void {
    if (this.isGiven) this.#outlet.push(bytes)
    else {
      this.#held.push(bytes)
      this.#heldBytes += bytes.length
      if (this.#heldBytes > HELD_BYTES) this.give()
    }
  }

  /** A promise while the reader has to be waited for. */
  room(): Promise<void> | undefined {
    return this.#outlet.room()
  }

  /** An event has come: from the first one on somebody waits, and for so long only. */
  hold(): void {
    if (this.isGiven || this.#stopHolding) return
    this.#stopHolding = schedule(this.#holdMs, () => this.give())
  }

  /** What was held is handed out, and all that follows. */
  give(): void {
    if (this.isGiven || this.isOver) return
    this.#stopHolding?.()
    this.isGiven = true
    this.show()
    for (const bytes of this.#held.splice(0)) this.#outlet.push(bytes)
  }

  /** The caller gets the response, though nothing of it has come. */
  show(): void {
    if (this.#head) this.answer(() => dressed(this.#outlet.stream, this.#head as Response))
  }

  /** The caller gets this response. */
  answer(response: () => Response): void {
    if (this.isAnswered) return
    this.isAnswered = true
    this.#answer(response())
  }

  /** What was held is none of the answer that will be given. */
  beginAnew(): void {
    this.forget()
    this.#stopHolding?.()
    this.#stopHolding = undefined
    if (!this.isAnswered) this.#head = undefined
  }

  forget(): void {
    this.#held = []
    this.#heldBytes = 0
  }

  /** Ends the body when all that has come is read; where there is no response, there will be none. */
  end(error?: unknown): void {
    this.close()
    if (this.isAnswered) this.#outlet.end(error)
    else this.#refuse(error)
  }

  /** Ends it at once. */
  fail(error: unknown): void {
    this.close()
    this.#refuse(error)
    this.#outlet.fail(error)
  }

  close(): void {
    this.isOver = true
    this.#stopHolding?.()
  }
}
