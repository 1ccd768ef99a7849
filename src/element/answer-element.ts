import { render } from '../dom/sink.ts'
import type { StreamFailure } from '../errors/errors.ts'
import type { Answer } from '../events.ts'
import type { StreamOptions } from '../options.ts'
import type { Reply } from '../reply.ts'
import type { Stream } from '../stream.ts'
import { schedule } from '../time/clock.ts'

/** What the element tells, by events that do not bubble. */
export interface AnswerElementEvents {
  /** The answer is whole. */
  readonly done: CustomEvent<Answer>
  /** It failed, or was stopped (`code: 'aborted'`). */
  readonly error: CustomEvent<StreamFailure>
}

// A server has no elements to extend, and defines none.
const Base: typeof HTMLElement = globalThis.HTMLElement ?? class {}

/**
 * An answer in a page without a framework. Its text is its own content, as plain text, so that the page's style, translation
 * and search apply; below it stands how the answer goes (`::part(status)`, a `role="status"`), unless a child with
 * `slot="status"` says it.
 */
export abstract class AnswerElement extends Base {
  static readonly observedAttributes: readonly string[] = ['src', 'json']
  /** What the call is given besides: `headers`, `onRetry` … Taken at each {@link ask}. */
  options: StreamOptions = {}
  /** The answer under way, or the last one. */
  reply: Reply | undefined
  protected abstract readonly stream: Stream
  #isDue = false

  /** Where the answer is. */
  get src(): string {
    return this.getAttribute('src') ?? ''
  }

  set src(src: string) {
    this.setAttribute('src', src)
  }

  /**
   * Asks anew, in the place of what is there; an answer that is under way is stopped.
   *
   * @returns when it has ended, however it did; rejects for a `src`, `json` or `options` that are not what they should be.
   */
  async ask(): Promise<void> {
    const json = this.getAttribute('json')
    const reply = this.stream(this.src, { ...(json && { json: JSON.parse(json) }), ...this.options })
    this.reply?.stop()
    this.reply = reply
    for (const node of [...this.childNodes]) if (!(node as Partial<Element>).slot) node.remove()
    const [follow, smooth] = [this.hasAttribute('follow'), this.hasAttribute('smooth')]
    const tell = (type: keyof AnswerElementEvents, detail: Answer | StreamFailure): void => {
      if (reply === this.reply) this.dispatchEvent(new CustomEvent(type, { detail }))
    }
    await render(reply, this, { follow, smooth, status: this.#status() })
      .then(() => reply.answer())
      .then(
        (answer) => tell('done', answer),
        (error) => tell('error', error),
      )
  }

  /** Ends the answer, at its server, too; what had arrived stays. */
  stop(): void {
    this.reply?.stop()
  }

  connectedCallback(): void {
    if (!this.reply) this.attributeChangedCallback()
  }

  /** Moving an element takes it out and puts it in again. */
  disconnectedCallback(): void {
    schedule(0, () => {
      if (this.isConnected) return
      this.reply?.cancel()
      this.reply = undefined
    })
  }

  /** Several attributes are set one after the other, and make one question. */
  attributeChangedCallback(): void {
    if (this.#isDue) return
    this.#isDue = true
    queueMicrotask(() => {
      this.#isDue = false
      if (this.isConnected && this.src) void this.ask()
    })
  }

  #status(): Element {
    const slotted = [...this.children].find(({ slot }) => slot === 'status')
    const root = this.shadowRoot ?? this.attachShadow({ mode: 'open' })
    if (!root.firstChild) {
      const slot = this.ownerDocument.createElement('slot')
      slot.name = 'status'
      const own = this.ownerDocument.createElement('span')
      own.setAttribute('part', 'status')
      slot.append(own)
      root.append(this.ownerDocument.createElement('slot'), slot)
    }
    return slotted ?? (root.querySelector('span') as Element)
  }
}

/**
 * Defines `<holdfast-answer>`. Attributes: `src`, where the answer is; `json`, a body, which makes the request a POST;
 * `follow` keeps the end in view; `smooth` evens bursts out. It asks when it comes into the page, and when its `src` or
 * `json` changes; it cancels when it is taken out. Events: {@link AnswerElementEvents}. On a server nothing is defined.
 *
 * @param stream - of `holdfast`, or one that `holdfast/core` made with `streamVia({ dialect, … })`.
 * @param name - of the element; one that is defined already stays as it is.
 * @example
 * ```ts
 * import { stream } from 'holdfast'
 * defineAnswer(stream) // <holdfast-answer src="/answers/42" follow></holdfast-answer>
 * ```
 */
export function defineAnswer(stream: Stream, name: string = 'holdfast-answer'): void {
  const elements = globalThis.customElements
  if (!elements || elements.get(name)) return
  elements.define(
    name,
    class extends AnswerElement {
      protected override readonly stream = stream
    },
  )
}
