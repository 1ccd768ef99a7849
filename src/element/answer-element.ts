import { shown } from '../checks.ts'
import { render } from '../dom/sink.ts'
import { Status } from '../dom/status.ts'
import type { StreamFailure } from '../errors/errors.ts'
import type { Answer } from '../events.ts'
import { jsonIn } from '../json-value.ts'
import type { StreamOptions } from '../options.ts'
import type { Reply } from '../reply.ts'
import type { Stream } from '../stream.ts'
import { schedule } from '../time/clock.ts'

/** What the element tells, by events that do not bubble. */
export interface AnswerElementEvents {
  /** The answer is whole. */
  readonly done: CustomEvent<Answer>
  /** It failed, or was stopped (`code: 'aborted'`), or `src`, `json` or `options` are not what they should be (`TypeError`). */
  readonly error: CustomEvent<StreamFailure | TypeError>
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
  /** The answer under way, or the last one. */
  reply: Reply | undefined
  protected abstract readonly stream: Stream
  #options: StreamOptions = {}
  #isDue = false
  /** The answer is whole, or was stopped: what there is stays. */
  #isOver = false

  constructor() {
    super()
    // What a page has set before the element was defined is its own property: it stays, but these would hide the accessor.
    for (const name of ['src', 'json'] as const) {
      if (!Object.hasOwn(this, name)) continue
      const { [name]: given } = this
      Reflect.deleteProperty(this, name)
      this[name] = given as string
    }
  }

  /** What the call is given besides: `headers`, `onRetry` … Taken at each {@link ask}. */
  get options(): StreamOptions {
    return this.#options
  }

  // Of what has no setter Svelte makes an attribute, which is a text.
  set options(options: StreamOptions) {
    this.#options = options
  }

  /** Where the answer is. */
  get src(): string {
    return this.getAttribute('src') ?? ''
  }

  set src(src: string) {
    this.setAttribute('src', src)
  }

  /** The body that is sent; frameworks set what is no text as a property. A text is JSON already. */
  get json(): unknown {
    return jsonIn(this.getAttribute('json') ?? '')
  }

  set json(json: unknown) {
    if (json) this.setAttribute('json', typeof json === 'string' ? json : JSON.stringify(json))
    else this.removeAttribute('json')
  }

  /**
   * Asks anew, in the place of what is there; an answer that is under way is stopped.
   *
   * @returns when it has ended, however it did; rejects for a `src`, `json` or `options` that are not what they should be.
   */
  async ask(): Promise<void> {
    const reply = this.stream(this.src, { ...jsonOf(this), ...this.options })
    // What was set just before is asked for by this, and once more would call it off.
    this.#isDue = false
    this.reply?.stop()
    this.reply = reply
    this.#isOver = false
    for (const node of [...this.childNodes]) if (!(node as Partial<Element>).slot) node.remove()
    const [follow, smooth] = [this.hasAttribute('follow'), this.hasAttribute('smooth')]
    const tell = (type: keyof AnswerElementEvents, detail: Answer | StreamFailure): void => {
      if (reply !== this.reply) return
      this.#isOver = type === 'done' || (detail as StreamFailure).code === 'aborted'
      this.dispatchEvent(new CustomEvent(type, { detail }))
    }
    await render(reply, this, { follow, smooth, status: this.#status() })
      .then(() => reply.answer())
      .then(
        (answer) => tell('done', answer),
        (error) => tell('error', error),
      )
  }

  /** Ends the answer, at its server, too; what had arrived stays. What is about to be asked for is not. */
  stop(): void {
    this.#isDue = false
    this.reply?.stop()
  }

  connectedCallback(): void {
    if (this.reply) return
    // A copy of one that was busy has this of it.
    this.removeAttribute('aria-busy')
    this.#askSoon()
  }

  /**
   * Moving an element takes it out and puts it in again. An answer that is whole stays, for another one would be paid for, and
   * what was stopped nobody wants.
   */
  disconnectedCallback(): void {
    schedule(0, () => this.isConnected || this.#isOver || this.#forget())
  }

  /** Many pages and frameworks write an attribute again that has not changed. */
  attributeChangedCallback(_name: string, before: string | null, now: string | null): void {
    if (before !== now) this.#askSoon()
  }

  /** Several attributes are set one after the other, and make one question. Outside of the page it is asked on the way in. */
  #askSoon(): void {
    if (this.#isDue) return
    this.#isDue = true
    queueMicrotask(() => {
      if (!this.#isDue) return
      this.#isDue = false
      if (!this.isConnected) this.#forget()
      // What it holds is still to come, and would come in between.
      else if (!this.reply && isBeingRead(this))
        this.ownerDocument.addEventListener('DOMContentLoaded', () => this.connectedCallback(), {
          once: true,
        })
      else if (this.src) this.ask().catch((error) => this.#refused(error))
      // What was asked for is no longer wanted.
      else this.stop()
    })
  }

  #forget(): void {
    this.reply?.cancel()
    this.reply = undefined
  }

  /** Nobody awaits what attributes ask for. What they asked for before would go on under the words for this. */
  #refused(detail: TypeError): void {
    this.reply?.stop()
    this.reply = undefined
    new Status(this.#status()).failed(detail)
    this.dispatchEvent(new CustomEvent('error', { detail }))
  }

  #status(): Element {
    const slotted = [...this.children].find(({ slot }) => slot === 'status')
    const root = this.shadowRoot ?? this.attachShadow({ mode: 'open' })
    return slotted ?? root.querySelector('[part=status]') ?? statusIn(root)
  }
}

/** Whether the page's own markup may still go on in an element: nothing is behind it, or behind what it is in. */
function isBeingRead({ ownerDocument, nextSibling, parentNode }: Node): boolean {
  // Which a document itself has none of.
  if (!ownerDocument) return true
  return ownerDocument.readyState === 'loading' && !nextSibling && !!parentNode && isBeingRead(parentNode)
}

/** A place for the status, in a root of our own or after what is in the page's. */
function statusIn(root: ShadowRoot): Element {
  const make = (tag: string): Element => root.ownerDocument.createElement(tag)
  if (!root.firstChild) root.append(make('slot'))
  const slot = make('slot')
  slot.setAttribute('name', 'status')
  const own = make('span')
  own.setAttribute('part', 'status')
  slot.append(own)
  root.append(slot)
  return own
}

/** @throws TypeError unless the attribute is JSON. */
function jsonOf(element: Element): { json?: unknown } {
  const given = element.getAttribute('json')
  if (!given) return {}
  const json = jsonIn(given)
  if (json === undefined) throw new TypeError(`json must be JSON; received ${shown(given)}`)
  return { json }
}

/**
 * Defines `<holdfast-answer>`. Attributes: `src`, where the answer is; `json`, a body, which makes the request a POST;
 * `follow` keeps the end in view; `smooth` evens bursts out. It asks when it comes into the page, and when its `src` or
 * `json` changes, and stops when `src` is taken away; it cancels when it is taken out, and an answer that was whole or stopped by then stays. Events: {@link AnswerElementEvents}. On a server nothing is defined.
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
