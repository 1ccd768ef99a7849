import type { StreamFailure } from '../errors/errors.ts'
import { report } from '../errors/report.ts'
import { claim } from './claim.ts'

/** A sentence, or what makes one of an error or its like. */
export type Said<Evidence> = string | ((evidence: Evidence) => string)

/** What a status element says, and when. An empty text says nothing. */
export interface StatusWords {
  /** @defaultValue `'Writing the answer…'` */
  readonly start?: string | undefined
  /** @defaultValue `'The answer is complete.'` */
  readonly done?: string | undefined
  /** The caller cancelled. @defaultValue `'Stopped.'` */
  readonly stopped?: string | undefined
  /** @defaultValue the error's message */
  readonly error?: Said<StreamFailure> | undefined
}

/** What is said where nobody says otherwise. */
export const sentences: Readonly<Record<'start' | 'done' | 'stopped', string>> & {
  readonly error: (error: StreamFailure) => string
  /** A conversation's alone, and here for the bindings: a page that has one has these as well. */
  readonly retrying: (retry: { readonly delayMs: number; readonly reason: string }) => string
} = Object.freeze({
  start: 'Writing the answer…',
  done: 'The answer is complete.',
  stopped: 'Stopped.',
  // Who writes the page's text may throw anything.
  error: (error) => String(error?.message ?? error),
  retrying: ({ delayMs, reason }) => `Trying again in ${Math.ceil(delayMs / 1000)} s: ${reason}.`,
})

/** The words for something. A function that throws is reported, and the usual words take its place: nothing else fails of it. */
export function said<Evidence>(words: Said<Evidence>, usual: Said<Evidence>, evidence: Evidence): string {
  if (typeof words !== 'function') return words
  try {
    return words(evidence)
  } catch (thrown) {
    report(thrown)
    return said(usual, usual, evidence)
  }
}

/**
 * Tells those who listen instead of looking how an answer stands. Politely, and only when it begins and ends: a live
 * region that follows the tokens reads out every one of them, over and over.
 *
 * @see https://www.w3.org/TR/wai-aria-1.2/#status
 */
export class Status {
  readonly #element: Element | undefined
  readonly #isOurs: () => boolean
  readonly #words: StatusWords

  constructor(element: Element | undefined, words: StatusWords = {}) {
    this.#element = element
    this.#isOurs = element ? claim(element, this) : () => false
    this.#words = words
    if (element && !element.hasAttribute('role')) element.setAttribute('role', 'status')
  }

  begun(): void {
    this.#say(this.#words.start ?? sentences.start)
  }

  done(): void {
    this.#say(this.#words.done ?? sentences.done)
  }

  failed(thrown: unknown): void {
    const error = thrown as StreamFailure
    if (error?.code === 'aborted') this.#say(this.#words.stopped ?? sentences.stopped)
    else this.#say(said(this.#words.error ?? sentences.error, sentences.error, error))
  }

  #say(words: string): void {
    if (this.#element && this.#isOurs()) this.#element.textContent = words
  }
}
