import type { Delta, DeltaSource } from '../events.ts'
import { schedule } from '../time/clock.ts'

// Frames stop in a hidden tab, and the reader of a screen reader's buffer or of a second window still wants text.
const HIDDEN_MS = 250

/**
 * Writes an answer's text into an element as it arrives: one Text node, appended to what the element holds, and one
 * write a frame. Text only: nothing a model says becomes markup. It understands `rewind`, so it consents to a
 * replay. (Line breaks show if the element's style has `white-space: pre-wrap`.)
 *
 * @returns when the answer is whole; rejects with the reply's error, with what had arrived left standing.
 * @throws TypeError when `element` is not an element.
 * @example
 * ```ts
 * await render(stream('/api/chat', { json }), document.querySelector('#output'))
 * ```
 */
export async function render(source: DeltaSource, element: Element | null): Promise<void> {
  if (!element || typeof element.append !== 'function')
    throw new TypeError(
      `element must be a DOM element; received ${element === null ? 'null' : typeof element}`,
    )
  source.acceptRewind?.()
  const text = new TextSink(element)
  try {
    for await (const delta of source) text.take(delta)
  } finally {
    text.flush()
  }
}

/** A Text node that is written once a frame. */
class TextSink {
  readonly #node: Text
  /** What waits for the next frame. */
  #pending = ''
  #calledOff: (() => void) | undefined

  constructor(element: Element) {
    this.#node = element.ownerDocument.createTextNode('')
    element.append(this.#node)
  }

  take(delta: Delta): void {
    switch (delta.type) {
      case 'text':
        this.#pending += delta.text
        this.#calledOff ??= nextFrame(() => this.flush())
        break
      case 'rewind':
        this.flush()
        this.#node.data = this.#node.data.slice(0, delta.text)
        break
      case 'reasoning':
      case 'tool-call':
      case 'usage':
      case 'finish':
        break
    }
  }

  flush(): void {
    this.#calledOff?.()
    this.#calledOff = undefined
    if (this.#pending) this.#node.appendData(this.#pending)
    this.#pending = ''
  }
}

/** The next frame, or a moment later where no frame comes (a hidden tab); the function it returns calls both off. */
function nextFrame(action: () => void): () => void {
  const frame = typeof requestAnimationFrame === 'function' ? requestAnimationFrame(action) : undefined
  const stop = schedule(HIDDEN_MS, action)
  return () => {
    if (frame !== undefined) cancelAnimationFrame(frame)
    stop()
  }
}
