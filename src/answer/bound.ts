import { ProtocolError } from '../errors/errors.ts'

/** Bounds on an answer. */
export interface TranscriptLimits {
  /**
   * The longest answer, in characters (UTF-16 units) of all that is kept of it: text, reasoning, tool calls with their ids
   * and names (each call counts 1,000 more), usage as the provider sent it, and what it calls the answer, its model and
   * its end (as JSON).
   * @defaultValue 67 108 864 (64 Mi)
   */
  readonly maxAnswerChars?: number | undefined
}

/** The default bound. */
export const transcriptLimits: { readonly maxAnswerChars: number } = Object.freeze({
  maxAnswerChars: 64 * 1024 * 1024,
})

/** What stands behind a call, whatever its length: several lists have a place for it. */
export const CALL_CHARS = 1_000

/** Counts what is kept of an answer. */
export class Bound {
  readonly #max: number
  /** Of what is only added to. */
  content = 0
  /** How often something was added. */
  steps = 0
  /** Of what replaces itself whenever it comes again: usage, and what the answer and its end are called. */
  #facts = 0

  /** @param max - in characters; `0`: none. */
  constructor(max: number) {
    this.#max = max
  }

  /** @throws ProtocolError when the answer would outgrow its bound; then it has not been counted. */
  add(chars: number): void {
    this.allow(chars)
    this.content += chars
    if (chars > 0) this.steps++
  }

  /** @throws ProtocolError likewise. */
  replace(before: unknown, now: unknown): void {
    const more = charsOf(now) - charsOf(before)
    this.allow(more)
    this.#facts += more
  }

  /** @throws ProtocolError when there is no room for so much more. */
  allow(chars: number): void {
    if (this.#max > 0 && this.content + this.#facts + chars > this.#max)
      throw new ProtocolError(`The answer is longer than ${this.#max} characters (maxAnswerChars)`)
  }
}

/** How long something is as JSON; what that cannot be written down counts nothing. */
function charsOf(value: unknown): number {
  try {
    return JSON.stringify(value)?.length ?? 0
  } catch {
    return 0
  }
}
