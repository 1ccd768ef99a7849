import { ProtocolError } from '../errors/errors.ts'

// What is kept, but not told, no bound on the answer meets.
const MOST_CHARS = 4 * 1024 * 1024
// What stands behind each thing that is kept, however short: after each read all of them are looked through.
const EACH_CHARS = 1_000
const PIECE_CHARS = 100

/** Counts what a dialect keeps of a stream and does not tell: a server could have it keep more and more. */
export class Kept {
  #chars = 0

  /** Something more is kept. */
  add(chars: number): void {
    this.#chars += chars + EACH_CHARS
  }

  /** What is kept has grown by a piece. */
  grow(chars: number): void {
    this.#chars += chars + PIECE_CHARS
  }

  /** It has been told, or thrown away. */
  release(chars: number): void {
    this.#chars -= chars
  }

  /** The error for a stream of which too much would have to be kept. */
  get overflow(): ProtocolError | undefined {
    if (this.#chars <= MOST_CHARS) return undefined
    return new ProtocolError(`The stream has more than ${MOST_CHARS} characters kept that are no answer yet`)
  }
}
