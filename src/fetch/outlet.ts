/** The body that somebody reads at his own pace. */

// What is on its way to a reader that does not read; the server is then slowed down.
const FULL_BYTES = 65_536

/**
 * A body that is written into. Nobody who writes has to wait, but can: {@link room} tells when the reader has caught up.
 * What was written before the end is read before the end is learnt of.
 */
export class Outlet implements UnderlyingDefaultSource<Uint8Array> {
  readonly stream: ReadableStream<Uint8Array>
  readonly #onCancel: (reason: unknown) => void
  #controller: ReadableStreamDefaultController<Uint8Array> | undefined
  #queue: Uint8Array[] = []
  #bytes = 0
  #end: { readonly error: unknown } | undefined
  /** Settles the wait of the reader, who wants more and finds nothing. */
  #wanting: (() => void) | undefined
  #makeRoom: (() => void) | undefined
  #room: Promise<void> | undefined

  /** @param onCancel - the reader has gone. */
  constructor(onCancel: (reason: unknown) => void) {
    this.#onCancel = onCancel
    // Nothing is read ahead of the reader but what has come already.
    this.stream = new ReadableStream(this, { highWaterMark: 0 })
  }

  start(controller: ReadableStreamDefaultController<Uint8Array>): void {
    this.#controller = controller
  }

  push(bytes: Uint8Array): void {
    if (this.#end || bytes.length === 0) return
    this.#queue.push(bytes)
    this.#bytes += bytes.length
    if (this.#wanting) this.#give()
  }

  /** Nothing follows. @param error - why not, if that is no good end. */
  end(error?: unknown): void {
    this.#end ??= { error }
    if (this.#wanting) this.#give()
  }

  /** Ends it at once: what was not read is lost, as with `fetch`. */
  fail(error: unknown): void {
    this.#queue = []
    this.#end = { error }
    this.#settle()
    this.#controller?.error(error)
  }

  /** A promise if the reader should be waited for. */
  room(): Promise<void> | undefined {
    if (this.#bytes < FULL_BYTES || this.#end) return undefined
    this.#room ??= new Promise((resolve) => {
      this.#makeRoom = resolve
    })
    return this.#room
  }

  pull(): void | Promise<void> {
    if (this.#give()) return
    return new Promise((resolve) => {
      this.#wanting = resolve
    })
  }

  cancel(reason: unknown): void {
    this.#queue = []
    this.#end = { error: undefined }
    this.#settle()
    this.#onCancel(reason)
  }

  /** Hands out what there is, if there is anything. */
  #give(): boolean {
    const next = joined(this.#queue)
    if (next.length > 0) {
      this.#queue = []
      this.#bytes = 0
      this.#controller?.enqueue(next)
    } else if (!this.#end) return false
    else if (this.#end.error === undefined) this.#controller?.close()
    else this.#controller?.error(this.#end.error)
    this.#settle()
    return true
  }

  #settle(): void {
    this.#wanting?.()
    this.#makeRoom?.()
    this.#wanting = this.#makeRoom = this.#room = undefined
  }
}

/** All of it in one piece: events that came in one read are read in one. */
export function joined(pieces: readonly Uint8Array[]): Uint8Array {
  if (pieces.length === 1 && pieces[0]) return pieces[0]
  const all = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const piece of pieces) {
    all.set(piece, at)
    at += piece.length
  }
  return all
}
