import type { Writer } from './writer.ts'

// What an engine lays out again for each write. Measured in Chromium: with 20,000 tokens in one Text node a frame
// costs ten times what the first ones did; in blocks of this size it costs the same to the end.
const BLOCK_CHARS = 2_000

/** Text and nothing but text: one Text node after what the element holds, and blocks of whole lines as it grows. */
export function plainText(element: Element): Writer {
  const first = element.ownerDocument.createTextNode('')
  const blocks: Element[] = []
  let tail = first
  element.append(first)
  return {
    write(text) {
      tail.appendData(text)
      if (tail.length > BLOCK_CHARS) tail = withoutLines(tail, tail === first, blocks)
    },
    rewind(text) {
      for (const block of blocks.splice(0)) block.remove()
      if (tail !== first) tail.remove()
      tail = first
      first.data = text
    },
  }
}

/**
 * Puts the whole lines of a long text into a block of their own, and returns what goes on after them. The first ones
 * stay where they are, since they may share their line with what the element held before.
 */
function withoutLines(text: Text, isFirst: boolean, blocks: Element[]): Text {
  const end = text.data.lastIndexOf('\n') + 1
  const { parentElement: element } = text
  if (end === 0 || !element || !showsBlocksAsLines(element)) return text
  const rest = text.splitText(end)
  if (!isFirst) blocks.push(wrapped(text))
  return rest
}

function wrapped(text: Text): Element {
  const selection = text.ownerDocument.defaultView?.getSelection()
  const { anchorNode, anchorOffset = 0, focusNode, focusOffset = 0 } = selection ?? {}
  const block = text.ownerDocument.createElement('div')
  text.replaceWith(block)
  block.append(text)
  // A text that moves loses the reader's selection.
  if (anchorNode && focusNode && (anchorNode === text || focusNode === text))
    selection?.setBaseAndExtent(anchorNode, anchorOffset, focusNode, focusOffset)
  return block
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
