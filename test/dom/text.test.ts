// @vitest-environment happy-dom
/** One Text node, and what becomes of it when the text grows long. */
import { beforeEach, describe, expect, test } from 'vitest'
import { plainText } from '../../src/dom/text.ts'

const LINE = `${'x'.repeat(99)}\n`
const PAGE = LINE.repeat(41)

let output: HTMLElement

beforeEach(() => {
  document.body.innerHTML = '<div id="output"><b>You:</b> </div>'
  output = document.querySelector('#output') as HTMLElement
  styled({})
})

function styled(style: Partial<CSSStyleDeclaration>): void {
  Object.assign(output.style, { display: 'block', whiteSpace: 'pre-wrap', textIndent: '0px', ...style })
}

function begun() {
  const writer = plainText(output)
  return { write: (text: string) => writer.write(text), rewind: (text: string) => writer.rewind(text) }
}

/** What the element holds after the label. */
function held(): string[] {
  return [...output.childNodes]
    .slice(2)
    .map((node) => (node.nodeType === Node.TEXT_NODE ? `text ${node.textContent?.length}` : node.nodeName))
}

describe('a long text', () => {
  test('is one Text node up to 4,000 characters', () => {
    const { write } = begun()
    for (let i = 0; i < 40; i++) write(LINE)
    expect(held()).toEqual(['text 4000'])
  })

  test('goes on after a seam, which is empty and comes after a line break', () => {
    const { write } = begun()
    for (let i = 0; i < 3; i++) write(`${PAGE}tail`)
    expect(held()).toEqual(['text 4100', 'SPAN', 'text 4004', 'SPAN', 'text 4004', 'SPAN', 'text 204'])
    expect(output.textContent).toBe(`You: ${`${PAGE}tail`.repeat(3)}`)
    for (const seam of output.querySelectorAll('span')) {
      expect(seam.previousSibling?.textContent?.endsWith('\n')).toBe(true)
      expect(seam.childNodes).toHaveLength(0)
    }
  })

  test.each([
    ['many writes', 1],
    ['one write', 2_000],
  ])(
    'costs the same to the end, after %s: no node outgrows 4,000 characters by more than a line',
    (_how, lines) => {
      const { write } = begun()
      for (let i = 0; i < 2_000; i += lines) write(LINE.repeat(lines))
      expect(output.textContent).toBe(`You: ${LINE.repeat(2_000)}`)
      for (const node of output.childNodes) expect(node.textContent?.length).toBeLessThanOrEqual(4_100)
    },
  )

  test('without a line break stays in one node', () => {
    const { write } = begun()
    for (let i = 0; i < 100; i++) write('x'.repeat(1_000))
    expect(held()).toEqual(['text 100000'])
  })

  test.each([
    ['running text', { display: 'inline' }],
    ['a row of boxes', { display: 'flex' }],
    ['text whose line breaks do not show', { whiteSpace: 'normal' }],
    ['text whose lines are indented', { textIndent: '2em' }],
  ])('stays in the node of %s, where a seam would show', (_what, style) => {
    styled(style)
    const { write } = begun()
    for (let i = 0; i < 4; i++) write(PAGE)
    expect(held()).toEqual(['text 16400'])
  })

  test('stays before what the page has put after it', () => {
    const { write } = begun()
    output.append(document.createElement('hr'))
    for (let i = 0; i < 4; i++) write(PAGE)
    expect(output.lastElementChild?.tagName).toBe('HR')
  })

  test('is one Text node again after a rewind, and can grow again', () => {
    const { write, rewind } = begun()
    for (let i = 0; i < 4; i++) write(PAGE)
    rewind('short')
    expect(held()).toEqual(['text 5'])
    for (let i = 0; i < 2; i++) write(PAGE)
    rewind(PAGE.repeat(3))
    expect(output.textContent).toBe(`You: ${PAGE.repeat(3)}`)
    expect(held()).toEqual(['text 4100', 'SPAN', 'text 4100', 'SPAN', 'text 4100', 'SPAN', 'text 0'])
  })
})
