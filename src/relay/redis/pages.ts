import type { Page } from '../store.ts'

/** Takes what comes; `'gone'`: nothing more will, for there is no log any more. */
export type Tell = (what: Page | 'gone') => void

/** What comes of a log that is followed, to be read one after the other. */
export class Pages implements AsyncIterable<Page> {
  readonly #signal: AbortSignal
  readonly #follow: (tell: Tell) => (() => void) | undefined

  constructor(signal: AbortSignal, follow: (tell: Tell) => (() => void) | undefined) {
    this.#signal = signal
    this.#follow = follow
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Page> {
    const pages: (Page | 'gone')[] = []
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
        if (page === 'gone') return
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
