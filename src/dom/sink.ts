import { shown } from '../checks.ts'
import type { StreamFailure } from '../errors/errors.ts'
import type { Delta, DeltaSource } from '../events.ts'
import { isHidden } from '../time/page.ts'
import { consent } from './consent.ts'
import { Follow } from './follow.ts'
import { nextFrame } from './frame.ts'
import { Lane } from './lane.ts'
import { checkOptions, type RenderOptions } from './options.ts'
import { Status } from './status.ts'
import { plainText } from './text.ts'

/**
 * Writes an answer's text into an element as it arrives, after what the element holds, and one write a frame. Text
 * only: nothing a model says becomes markup. It understands `rewind`, so it consents to a replay. While text may
 * still come, the element is `aria-busy`. Line breaks show if the element's style has `white-space: pre-wrap`; then
 * empty hidden blocks part a long text, after line breaks, so that a frame costs the same to the end. A reply that is being
 * written into the same element already begins there anew.
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
  let sink: Sink | undefined
  // Where there is nothing to write into, or nothing to write with, nobody reads the answer: it is called off.
  const cancel = (reason: unknown): void => source?.cancel?.(reason)
  try {
    checkOptions(element, options)
    consent('source', source)
    sink = new Sink(source, element, options, cancel)
    for await (const delta of source) sink.take(delta)
    sink.end()
  } catch (error) {
    if (sink) throw sink.abandon(error)
    cancel(error)
    throw error
  }
}

/** What is being written into each element. */
const current = new WeakMap<Element, Sink>()

/** Where the deltas of one answer go. */
class Sink {
  readonly #source: DeltaSource
  readonly #element: Element
  readonly #status: Status
  readonly #text: Lane
  readonly #reasoning: Lane | undefined
  readonly #follow: Follow | undefined
  readonly #cancel: (reason: unknown) => void
  readonly #isSmooth: boolean
  #calledOff: (() => void) | undefined
  #hasGivenWay = false
  /** What a frame threw, to be thrown where somebody can catch it. */
  #thrown: { readonly error: unknown } | undefined

  constructor(
    source: DeltaSource,
    element: Element,
    options: RenderOptions,
    cancel: (reason: unknown) => void,
  ) {
    const { writer = plainText, reasoning, smooth = false, follow, status, words } = options
    const before = current.get(element)
    if (before && before.#source === source) before.#giveWay()
    this.#source = source
    this.#element = element
    this.#cancel = cancel
    this.#isSmooth = smooth
    this.#text = new Lane(element, writer, smooth, this)
    this.#reasoning = reasoning && new Lane(reasoning, plainText, smooth, this)
    this.#follow = follow ? new Follow(element, follow === true ? undefined : follow) : undefined
    this.#status = new Status(status, words)
    current.set(element, this)
    element.setAttribute('aria-busy', 'true')
    this.#status.begun()
  }

  /** The same reply is shown here once more, as by an effect that runs twice: what has come of it would stand here twice. */
  #giveWay(): void {
    this.#guarded(() => {
      this.#text.rewind(0)
      this.#reasoning?.rewind(0)
    })
    this.#hasGivenWay = true
    this.#calledOff?.()
    this.#follow?.stop()
  }

  take(delta: Delta): void {
    if (this.#thrown) throw this.#thrown.error
    if (this.#hasGivenWay) return
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
        this.#guarded(() => {
          this.#text.rewind(delta.text)
          this.#reasoning?.rewind(delta.reasoning)
        })
        break
      case 'tool-call':
      case 'usage':
      case 'finish':
        break
      default:
        throw new TypeError(`render() takes a reply, or deltas like its own; received ${shown(delta)}`)
    }
  }

  /** Nothing waits for a frame any more: all is written now. */
  end(): void {
    this.#finish([this.#text, this.#reasoning])
    if (this.#thrown) throw this.#thrown.error
    this.#status.done()
    this.#leave()
  }

  /**
   * The same after a failure. Returns what is to be told: a writer that broke in a frame is why the answer was called off;
   * what one makes of the end comes second.
   */
  abandon(error: unknown): unknown {
    const told = this.#thrown ? this.#thrown.error : error
    // Of an answer that its caller has stopped nothing goes into an element that is another one's, or was cleared for it.
    const isStopped = (error as StreamFailure | undefined)?.code === 'aborted'
    this.#finish([this.#text, this.#reasoning].filter((lane) => !(isStopped && lane?.isTaken)))
    this.#status.failed(told)
    this.#leave()
    return told
  }

  #finish(lanes: readonly (Lane | undefined)[]): void {
    this.#guarded(() => {
      for (const lane of lanes) lane?.end()
      if (lanes.length > 0) this.#follow?.step()
    })
  }

  /** A writer that has failed once writes no more, and whoever sends for it is told so at once. */
  #guarded(write: () => void): void {
    if (this.#thrown || this.#hasGivenWay) return
    try {
      write()
    } catch (error) {
      this.#thrown = { error }
      this.#cancel(error)
    }
  }

  #leave(): void {
    this.#calledOff?.()
    this.#follow?.stop()
    if (current.get(this.#element) === this) current.delete(this.#element)
    if (this.#text.isOurs()) this.#element.removeAttribute('aria-busy')
  }

  #soon(): void {
    // In a hidden tab no frame will come, and none is to be spared.
    if (isHidden() && !this.#isSmooth) this.#paint()
    else this.#calledOff ??= nextFrame(() => this.#paint())
  }

  #paint(): void {
    this.#calledOff?.()
    this.#calledOff = undefined
    this.#guarded(() => {
      const isTextLeft = this.#text.paint()
      const isReasoningLeft = this.#reasoning?.paint()
      this.#follow?.step()
      if (isTextLeft || isReasoningLeft) this.#soon()
    })
  }
}
