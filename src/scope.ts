import { AbortedError, type StreamError } from './errors/errors.ts'

/**
 * An extent of work that can be ended from outside: a reply, or one attempt inside it. Its reason is always one
 * of our typed errors; what an engine throws after an abort is ignored, because WebKit drops the reason, Firefox
 * renames it and others throw it as it is.
 */
export class Scope {
  #reason: StreamError | undefined
  // A set of our own rather than listeners on a signal: children come and go by the thousand, and an engine's
  // `AbortSignal.any` keeps what it should forget.
  readonly #listeners = new Set<(reason: StreamError) => void>()
  #controller: AbortController | undefined
  #leave: () => void = () => {}
  #isClosed = false

  /** @param parent - when it ends, this one ends for the same reason. */
  constructor(parent?: Scope) {
    if (parent) this.#leave = parent.onAbort((reason) => this.abort(reason))
  }

  /** Why this scope was ended; `undefined` while it lives. */
  get reason(): StreamError | undefined {
    return this.#reason
  }

  /** What it was for has been done, or has failed. */
  get isClosed(): boolean {
    return this.#isClosed
  }

  /** A signal for `fetch`. */
  get signal(): AbortSignal {
    if (!this.#controller) {
      this.#controller = new AbortController()
      if (this.#reason) this.#controller.abort(this.#reason)
    }
    return this.#controller.signal
  }

  /** Ends with the caller's signal, with one listener that {@link close} removes. */
  follow(signal: AbortSignal): void {
    const onAbort = () => this.abort(new AbortedError(signal.reason))
    signal.addEventListener('abort', onAbort, { once: true })
    this.#leave = () => signal.removeEventListener('abort', onAbort)
    if (signal.aborted) onAbort()
  }

  /** Ends the scope. The first reason stays. */
  abort(reason: StreamError): void {
    if (this.#reason) return
    this.#reason = reason
    this.#leave()
    const listeners = [...this.#listeners]
    this.#listeners.clear()
    for (const listener of listeners) listener(reason)
    this.#controller?.abort(reason)
  }

  /** Calls `listener` when the scope is ended (at once if it was); the function it returns takes it off. */
  onAbort(listener: (reason: StreamError) => void): () => void {
    if (this.#reason) {
      listener(this.#reason)
      return () => {}
    }
    this.#listeners.add(listener)
    return () => {
      this.#listeners.delete(listener)
      if (this.#isClosed) this.close()
    }
  }

  /**
   * Waits for a promise, but not beyond the end of this scope: some engines settle `fetch` late or never after
   * an abort. `late` gets a value that came too late, to release it.
   */
  race<T>(promise: PromiseLike<T>, late?: (value: T) => void): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const forget = this.onAbort(reject)
      promise.then(
        (value) => {
          forget()
          if (this.#reason) late?.(value)
          resolve(value)
        },
        (error) => {
          forget()
          reject(error)
        },
      )
    })
  }

  /**
   * Lets go of the parent or the caller's signal, as soon as nobody listens any more. The scope does not end by it, and
   * nobody hears of it.
   */
  close(): void {
    this.#isClosed = true
    if (this.#listeners.size === 0) this.#leave()
  }

  /**
   * Tells `fetch` that nobody reads on. Measured: in Firefox a body that is cancelled keeps its socket for as long
   * as the server is silent, and only an abort closes it.
   */
  hangUp(): void {
    this.#controller?.abort()
  }
}
