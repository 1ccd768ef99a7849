import type { Transcript } from '../answer/transcript.ts'
import { type Delta, type EventRole, isContent } from '../events.ts'

/**
 * What a read has brought, laid against what there was. Where somebody wants to know what each event was, that is done
 * event by event.
 */
export class Alignment {
  readonly #transcript: Transcript
  #aligned: Delta[] = []
  /** How many of the read's deltas have been laid against what there was. */
  #done = 0

  constructor(transcript: Transcript) {
    this.#transcript = transcript
  }

  /** @param from - where the deltas of the event begin. */
  roleOf(deltas: readonly Delta[], from: number): EventRole {
    const own = weight(deltas, from)
    if (!this.#transcript.isReplaying) return own > 0 ? 'content' : 'other'
    const before = this.#aligned.length
    this.#align(deltas)
    const left = weight(this.#aligned, before)
    if (left === 0) return own > 0 || this.#transcript.isReplaying ? 'again' : 'other'
    return left === own ? 'content' : 'partly'
  }

  #align(deltas: readonly Delta[]): void {
    for (const delta of this.#transcript.align(deltas.slice(this.#done))) this.#aligned.push(delta)
    this.#done = deltas.length
  }

  /** The read is over: what of it is new. */
  take(deltas: readonly Delta[]): readonly Delta[] {
    if (this.#done === 0) return this.#transcript.align(deltas)
    this.#align(deltas)
    const aligned = this.#aligned
    this.#aligned = []
    this.#done = 0
    return aligned
  }
}

function weight(deltas: readonly Delta[], from: number): number {
  let sum = 0
  for (let at = from; at < deltas.length; at++) {
    const delta = deltas[at] as Delta
    if (delta.type === 'tool-call') sum += 1 + delta.arguments.length
    else if (isContent(delta)) sum += 1 + (delta as { text: string }).text.length
    else if (delta.type === 'rewind') sum++
  }
  return sum
}
