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
  /** If it was text, how long that was: `normalize()` puts ours behind it, into the same node. */
  readonly #lengthBefore: number
  #last: Text
  /** How long the last node was when we left it: one that is longer or shorter is no longer ours. */
  #length = 0
  /** What the page had put after our text when we left it. */
  #after: ChildNode | null = null

  constructor(element: Element) {
    this.#element = element
    this.#before = element.lastChild
    this.#count = element.childNodes.length
    this.#lengthBefore = lengthOf(this.#before)
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
    this.#leave()
  }

  /** What stays is not written anew, so that what a reader has selected in it stays selected. */
  rewind(text: string): void {
    const range = this.#range()
    const shown = range.toString()
    if (!text.startsWith(shown)) this.#cut(range, shown.startsWith(text) ? text.length : 0)
    this.write(text.slice(this.#range().toString().length))
  }

  /** Leaves so many characters of a range, whoever's the nodes are in which they stand. */
  #cut(range: Range, length: number): void {
    let left = length
    const nodes = this.#element.ownerDocument.createTreeWalker(this.#element, 4 /* NodeFilter.SHOW_TEXT */)
    while (left > 0 && nodes.nextNode()) {
      const node = nodes.currentNode as Text
      if (!range.intersectsNode(node)) continue
      const from = node === range.startContainer ? range.startOffset : 0
      const end = from + left
      left = end - node.length
      if (left > 0) continue
      range.setStart(node, end)
      this.#last = node
    }
    range.deleteContents()
    this.#leave()
  }

  /** From where our text began to where it ends, whoever's the nodes between are. */
  #range(): Range {
    const element = this.#element
    const range = element.ownerDocument.createRange()
    range.selectNodeContents(element)
    const before = this.#before
    if (before?.parentNode !== element)
      range.setStart(element, Math.min(this.#count, element.childNodes.length))
    else if (this.#lengthBefore) range.setStart(before, Math.min(this.#lengthBefore, lengthOf(before)))
    else range.setStartAfter(before)
    const after = this.#place()
    if (after) range.setEndBefore(after)
    return range
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

function lengthOf(node: Node | null): number {
  return node?.nodeType === 3 /* Node.TEXT_NODE */ ? (node as Text).length : 0
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
