/**
 * A promise that knows when somebody waits for it. A failure of which nobody wants to hear is told in another way, and not
 * by the engine, which would ask too early.
 */
export class Outcome<T> extends Promise<T> {
  #onLook: (() => void) | undefined

  // What is made of it is the caller's, as any promise.
  static override get [Symbol.species](): PromiseConstructor {
    return Promise
  }

  /** @param onLook - called whenever somebody begins to wait: `await`, `then`, `Promise.all` … */
  static of<T>(promise: Promise<T>, onLook: () => void): Outcome<T> {
    const outcome = new Outcome<T>((resolve) => resolve(promise))
    outcome.catch(() => {})
    outcome.#onLook = onLook
    return outcome
  }

  // biome-ignore lint/suspicious/noThenProperty: it is one.
  override then<A = T, B = never>(
    onDone?: ((value: T) => A | PromiseLike<A>) | null,
    onFailed?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    this.#onLook?.()
    return super.then(onDone, onFailed)
  }
}
