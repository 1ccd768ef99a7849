import { ProtocolError } from '../errors/errors.ts'
import type { Usage } from '../events.ts'

/** Bounds on an answer. */
export interface TranscriptLimits {
  /**
   * The longest answer, in characters (UTF-16 units) of all that is kept of it: text, reasoning, tool calls with their ids
   * and names (each call counts 1,000 more), usage as the provider sent it, and what it calls the answer, its model and
   * its end.
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
  /** Of what replaces itself whenever it comes again. */
  readonly #facts = { about: 0, usage: 0, finish: 0 }

  /** @param max - in characters; `0`: none. */
  constructor(max: number) {
    this.#max = max
  }

  /** @throws ProtocolError when the answer would outgrow its bound; then it has not been counted. */
  add(chars: number): void {
    this.allow(chars)
    this.content += chars
  }

  /** @throws ProtocolError likewise. */
  replace(what: 'about' | 'usage' | 'finish', chars: number): void {
    this.allow(chars - this.#facts[what])
    this.#facts[what] = chars
  }

  /** @throws ProtocolError when there is no room for so much more. */
  allow(chars: number): void {
    const { about, usage, finish } = this.#facts
    if (this.#max > 0 && this.content + about + usage + finish + chars > this.#max)
      throw new ProtocolError(`The answer is longer than ${this.#max} characters (maxAnswerChars)`)
  }
}

/** How long a provider's own object is; one that cannot be written down counts nothing. */
export function charsOf({ raw }: Usage): number {
  try {
    return JSON.stringify(raw)?.length ?? 0
  } catch {
    return 0
  }
}
