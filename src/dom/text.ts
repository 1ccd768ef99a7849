import type { Writer } from './writer.ts'

// What an engine lays out again for each write. Measured in Chromium: with 20,000 tokens in one Text node a frame
// costs four times what the first ones did; in pieces of this size it costs the same to the end.
const PIECE_CHARS = 4_000

/** Text and nothing but text, after what the element holds: one Text node, and as it grows more, with seams between. */
export function plainText(element: Element): Writer {
  const document = element.ownerDocument
  const first = document.createTextNode('')
  const later: ChildNode[] = []
  let last = first
  element.append(first)

  const divide = (): void => {
    const seam = seamIn(document)
    const next = document.createTextNode('')
    last.after(seam, next)
    later.push(seam, next)
    last = next
  }
  const write = (text: string): void => {
    let from = 0
    for (;;) {
      const cut = text.indexOf('\n', from + Math.max(0, PIECE_CHARS - last.length)) + 1
      if (cut === 0 || !showsBlocksAsLines(element)) break
      last.appendData(text.slice(from, cut))
      divide()
      from = cut
    }
    last.appendData(text.slice(from))
  }
  return {
    write,
    rewind(text) {
      for (const node of later.splice(0)) node.remove()
      last = first
      first.data = ''
      write(text)
    },
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
