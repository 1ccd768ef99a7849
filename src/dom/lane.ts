import { now } from '../time/clock.ts'
import { claim } from './claim.ts'
import { isField } from './field.ts'
import { due } from './pace.ts'
import type { Writer } from './writer.ts'

/** One kind of text: what of it the page shows, and what waits for the next frame. */
export class Lane {
  /** Whether no other answer goes into the element by now. */
  readonly isOurs: () => boolean
  readonly #element: Element
  readonly #writer: Writer
  readonly #isSmooth: boolean
  #shown = ''
  #waiting = ''
  /** Half a character, whose other half has not come. */
  #half = ''
  /** What the element ended with when we last wrote: it is gone when the page has cleared it. */
  #mark: ChildNode | null = null
  /** When the last characters were shown, or the first of those that wait came. */
  #since = 0

  constructor(element: Element, writer: (element: Element) => Writer, isSmooth: boolean, owner: object) {
    this.#element = element
    this.#writer = writer(element)
    this.#isSmooth = isSmooth
    this.isOurs = claim(element, owner)
    this.#leave()
  }

  /** Whether the element is another answer's, or was cleared for it. */
  get isTaken(): boolean {
    if (!this.isOurs()) return true
    if (isField(this.#element)) return false
    // A writer may put its text elsewhere, and leave the element empty.
    return this.#mark ? this.#mark.parentNode !== this.#element : this.#element.lastChild !== null
  }

  add(text: string): void {
    if (this.#isSmooth && !this.#waiting) this.#since = now()
    this.#waiting += this.#whole(this.#half + text)
  }

  /** Writes what is due; true when something is left for the next frame. */
  paint(): boolean {
    this.#write(this.#isSmooth ? due(this.#waiting, now() - this.#since) : this.#waiting.length)
    return this.#waiting !== ''
  }

  rewind(length: number): void {
    this.#shown = this.#whole((this.#shown + this.#waiting + this.#half).slice(0, length))
    this.#waiting = ''
    this.#writer.rewind(this.#shown)
    this.#leave()
  }

  end(): void {
    this.#write(this.#waiting.length)
    this.#writer.end?.()
  }

  #whole(text: string): string {
    const end = text.search(/[\ud800-\udbff]?$/)
    this.#half = text.slice(end)
    return text.slice(0, end)
  }

  #write(length: number): void {
    if (length === 0) return
    const text = this.#waiting.slice(0, length)
    this.#waiting = this.#waiting.slice(length)
    this.#shown += text
    if (this.#isSmooth) this.#since = now()
    this.#writer.write(text)
    this.#leave()
  }

  #leave(): void {
    this.#mark = this.#element.lastChild
  }
}
