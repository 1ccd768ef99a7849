import type { Delta, DeltaSource } from '../events.ts'
import { now } from '../time/clock.ts'
import { claim } from './claim.ts'
import { Follow } from './follow.ts'
import { nextFrame } from './frame.ts'
import { checkOptions, type RenderOptions } from './options.ts'
import { due } from './pace.ts'
import { Status } from './status.ts'
import { plainText } from './text.ts'
import type { Writer } from './writer.ts'

/**
 * Writes an answer's text into an element as it arrives, after what the element holds, and one write a frame. Text
 * only: nothing a model says becomes markup. It understands `rewind`, so it consents to a replay. While text may
 * still come, the element is `aria-busy`. Line breaks show if the element's style has `white-space: pre-wrap`; then
 * empty hidden blocks part a long text, after line breaks, so that a frame costs the same to the end.
 *
 * @returns when the answer is whole; rejects with the reply's error, with what had arrived left standing.
 * @throws TypeError when `element` is not an element, or an option is not what it should be.
 * @example
 * ```ts
 * await render(stream('/api/chat', { json }), document.querySelector('#output'), { follow: true })
 * ```
 */
export async function render(
  source: DeltaSource,
  element: Element | null,
  options: RenderOptions = {},
): Promise<void> {
  checkOptions(element, options)
  const status = new Status(options.status, options.words)
  const sink = new Sink(element, options)
  source.acceptRewind?.()
  const isOurs = claim(element)
  element.setAttribute('aria-busy', 'true')
  try {
    status.begun()
    for await (const delta of source) sink.take(delta)
    sink.end()
    status.done()
  } catch (error) {
    sink.abandon()
    status.failed(error)
    throw error
  } finally {
    if (isOurs()) element.removeAttribute('aria-busy')
  }
}

/** Where the deltas of one answer go. */
class Sink {
  readonly #text: Lane
  readonly #reasoning: Lane | undefined
  readonly #follow: Follow | undefined
  #calledOff: (() => void) | undefined
  /** What a frame threw, to be thrown where somebody can catch it. */
  #thrown: { readonly error: unknown } | undefined

  constructor(element: Element, { writer = plainText, reasoning, smooth = false, follow }: RenderOptions) {
    this.#text = new Lane(writer(element), smooth)
    this.#reasoning = reasoning && new Lane(plainText(reasoning), smooth)
    this.#follow = follow ? new Follow(element, follow === true ? undefined : follow) : undefined
  }

  take(delta: Delta): void {
    if (this.#thrown) throw this.#thrown.error
    switch (delta.type) {
      case 'text':
        this.#text.add(delta.text)
        this.#soon()
        break
      case 'reasoning':
        this.#reasoning?.add(delta.text)
        this.#soon()
        break
      case 'rewind':
        this.#text.rewind(delta.text)
        this.#reasoning?.rewind(delta.reasoning)
        break
      case 'tool-call':
      case 'usage':
      case 'finish':
        break
    }
  }

  /** Nothing waits for a frame any more: all is written now. */
  end(): void {
    this.#rest()
    if (this.#thrown) throw this.#thrown.error
    this.#text.end()
    this.#reasoning?.end()
    this.#follow?.step()
  }

  /** The same after a failure, which is what is to be told, and not what a writer makes of it. */
  abandon(): void {
    try {
      this.end()
    } catch {
      // Whatever this is, it comes second.
    }
  }

  #rest(): void {
    this.#calledOff?.()
    this.#calledOff = undefined
    this.#follow?.stop()
  }

  #soon(): void {
    this.#calledOff ??= nextFrame(() => this.#paint())
  }

  #paint(): void {
    this.#calledOff?.()
    this.#calledOff = undefined
    try {
      const isTextLeft = this.#text.paint()
      const isReasoningLeft = this.#reasoning?.paint()
      this.#follow?.step()
      if (isTextLeft || isReasoningLeft) this.#soon()
    } catch (error) {
      this.#thrown = { error }
    }
  }
}

/** One kind of text: what of it the page shows, and what waits for the next frame. */
class Lane {
  readonly #writer: Writer
  readonly #isSmooth: boolean
  #shown = ''
  #waiting = ''
  /** When the last characters were shown, or the first of those that wait came. */
  #since = 0

  constructor(writer: Writer, isSmooth: boolean) {
    this.#writer = writer
    this.#isSmooth = isSmooth
  }

  add(text: string): void {
    if (this.#isSmooth && !this.#waiting) this.#since = now()
    this.#waiting += text
  }

  /** Writes what is due; true when something is left for the next frame. */
  paint(): boolean {
    this.#write(this.#isSmooth ? due(this.#waiting, now() - this.#since) : this.#waiting.length)
    return this.#waiting !== ''
  }

  rewind(length: number): void {
    this.#shown = (this.#shown + this.#waiting).slice(0, length)
    this.#waiting = ''
    this.#writer.rewind(this.#shown)
  }

  end(): void {
    this.#write(this.#waiting.length)
    this.#writer.end?.()
  }

  #write(length: number): void {
    if (length === 0) return
    const text = this.#waiting.slice(0, length)
    this.#waiting = this.#waiting.slice(length)
    this.#shown += text
    if (this.#isSmooth) this.#since = now()
    this.#writer.write(text)
  }
}
