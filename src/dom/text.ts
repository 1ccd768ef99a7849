import { fieldText, isField } from './field.ts'
import type { Writer } from './writer.ts'

// What an engine lays out again for each write. Measured in Chromium: with 20,000 tokens in one Text node a frame
// costs four times what the first ones did; in pieces of this size it costs the same to the end.
const PIECE_CHARS = 4_000

/**
 * Text and nothing but text, after what the element holds: one Text node, and as it grows more, with seams between. A page
 * is not ours alone: translators put nodes of their own in the place of ours, highlighters split and wrap them. Then the
 * rest goes into a new node, after what is there.
 */
export function plainText(element: Element): Writer {
  return isField(element) ? fieldText(element) : new PlainText(element)
}

class PlainText implements Writer {
  readonly #element: Element
  /** What the element held before, and how many nodes that was: any of them may be replaced, too. */
  readonly #before: ChildNode | null
  readonly #count: number
  #shown = ''
  #last: Text
  /** How long the last node was when we left it: one that is longer or shorter is no longer ours. */
  #length = 0
  /** What the page had put after our text when we left it. */
  #after: ChildNode | null = null

  constructor(element: Element) {
    this.#element = element
    this.#before = element.lastChild
    this.#count = element.childNodes.length
    this.#last = this.#begin()
  }

  write(text: string): void {
    if (this.#last.parentNode !== this.#element || this.#last.length !== this.#length)
      this.#last = this.#begin()
    let from = 0
    for (;;) {
      const cut = text.indexOf('\n', from + Math.max(0, PIECE_CHARS - this.#last.length)) + 1
      if (cut === 0 || !showsBlocksAsLines(this.#element)) break
      this.#last.appendData(text.slice(from, cut))
      this.#divide()
      from = cut
    }
    this.#last.appendData(text.slice(from))
    this.#shown += text
    this.#leave()
  }

  /** What stays is not written anew, so that what a reader has selected in it stays selected. */
  rewind(text: string): void {
    if (!text.startsWith(this.#shown)) this.#cut(this.#shown.startsWith(text) ? text.length : 0)
    this.write(text.slice(this.#shown.length))
  }

  /** Leaves so many characters, whoever's the nodes are in which they stand; none, if others have changed the words. */
  #cut(length: number): void {
    const { ownerDocument: document, childNodes } = this.#element
    const range = document.createRange()
    range.selectNodeContents(this.#element)
    const after = this.#place()
    if (after) range.setEndBefore(after)
    const all = String(range)
    if (all.endsWith(this.#shown)) {
      const nodes = document.createTreeWalker(this.#element, 4 /* NodeFilter.SHOW_TEXT */)
      let left = all.length - this.#shown.length + length
      for (; left >= 0; left -= this.#last.length) this.#last = nodes.nextNode() as Text
      range.setStart(this.#last, left + this.#last.length)
      this.#shown = this.#shown.slice(0, length)
    } else {
      if (this.#before?.parentNode === this.#element) range.setStartAfter(this.#before)
      else range.setStart(this.#element, Math.min(this.#count, childNodes.length))
      this.#shown = ''
    }
    range.deleteContents()
    this.#leave()
  }

  #begin(): Text {
    const node = this.#element.ownerDocument.createTextNode('')
    this.#element.insertBefore(node, this.#place())
    return node
  }

  #leave(): void {
    this.#length = this.#last.length
    if (this.#last.parentNode === this.#element) this.#after = this.#last.nextSibling
  }

  #place(): ChildNode | null {
    return this.#after?.parentNode === this.#element ? this.#after : null
  }

  #divide(): void {
    const seam = seamIn(this.#element.ownerDocument)
    this.#last.after(seam)
    this.#after = seam.nextSibling
    this.#last = this.#begin()
  }
}

/**
 * An empty block after a line break: nobody sees it, and the engine wraps the text before it and after it into
 * blocks of their own. No node moves, so a reader's selection stays. Hidden, or `innerText` would tell of one more
 * line break; in a block that holds text it would, too.
 */
function seamIn(document: Document): Element {
  const seam = document.createElement('span')
  seam.style.cssText = 'all: initial; display: block; visibility: hidden'
  return seam
}

/** Whether lines in blocks look like lines: in running text, and where breaks do not show, they would not. */
function showsBlocksAsLines(element: Element): boolean {
  const style = element.ownerDocument.defaultView?.getComputedStyle(element)
  return (
    style !== undefined &&
    /^(block|list-item|flow-root|table-cell|inline-block)$/.test(style.display) &&
    /^(pre|break-spaces)/.test(style.whiteSpace) &&
    /^0(px)?$/.test(style.textIndent)
  )
}
