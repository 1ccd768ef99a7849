import type { Page } from '../store.ts'

/** What comes of a log that is followed, to be read one after the other. */
export class Pages implements AsyncIterable<Page> {
  readonly #signal: AbortSignal
  readonly #follow: (tell: (page: Page) => void) => (() => void) | undefined

  constructor(signal: AbortSignal, follow: (tell: (page: Page) => void) => (() => void) | undefined) {
    this.#signal = signal
    this.#follow = follow
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Page> {
    const pages: Page[] = []
    let wake = (): void => {}
    const leave = this.#follow((page) => {
      pages.push(page)
      wake()
    })
    const abort = (): void => wake()
    this.#signal.addEventListener('abort', abort)
    try {
      while (!this.#signal.aborted) {
        const page = pages.shift()
        if (page) yield page
        if (page?.ending) return
        if (pages.length === 0 && !this.#signal.aborted)
          await new Promise<void>((resolve) => {
            wake = resolve
          })
      }
    } finally {
      leave?.()
      this.#signal.removeEventListener('abort', abort)
    }
  }
}
