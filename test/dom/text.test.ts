// @vitest-environment happy-dom
/** One Text node, and what becomes of it when the text grows long. */
import { beforeEach, describe, expect, test } from 'vitest'
import { plainText } from '../../src/dom/text.ts'

const LINE = `${'x'.repeat(99)}\n`
const PAGE = LINE.repeat(21)

let output: HTMLElement

beforeEach(() => {
  document.body.innerHTML = '<div id="output"><b>You:</b> </div>'
  output = document.querySelector('#output') as HTMLElement
  styled({})
})

function styled(style: Partial<CSSStyleDeclaration>): void {
  Object.assign(output.style, { display: 'block', whiteSpace: 'pre-wrap', textIndent: '0px', ...style })
}

/** What the element holds after the label, told by kind and length. */
function held(): string[] {
  return [...output.childNodes]
    .slice(2)
    .map((node) => `${node.nodeName} ${node.textContent?.length} ${node.childNodes.length}`)
}

describe('a long text', () => {
  test('is one Text node up to 2,000 characters', () => {
    const { write } = plainText(output)
    for (let i = 0; i < 20; i++) write(LINE)
    expect(held()).toEqual(['#text 2000 0'])
  })

  test('goes on in blocks of whole lines, but its beginning shares the line it is on', () => {
    const { write } = plainText(output)
    for (let i = 0; i < 4; i++) write(`${PAGE}tail`)
    expect(held()).toEqual(['#text 2100 0', 'DIV 2104 1', 'DIV 2104 1', 'DIV 2104 1', '#text 4 0'])
    expect(output.textContent).toBe(`You: ${`${PAGE}tail`.repeat(4)}`)
  })

  test('costs the same to the end: no block outgrows one page and one write', () => {
    const { write } = plainText(output)
    for (let i = 0; i < 2_000; i++) write(LINE)
    expect(output.childNodes.length).toBeGreaterThan(50)
    for (const node of output.childNodes) expect(node.textContent?.length).toBeLessThanOrEqual(2_100)
  })

  test('without a line break stays in one node', () => {
    const { write } = plainText(output)
    write('x'.repeat(100_000))
    expect(held()).toEqual(['#text 100000 0'])
  })

  test.each([
    ['running text', { display: 'inline' }],
    ['a row of boxes', { display: 'flex' }],
    ['text whose line breaks do not show', { whiteSpace: 'normal' }],
    ['text whose lines are indented', { textIndent: '2em' }],
  ])('stays in the nodes of %s, where blocks would show', (_what, style) => {
    styled(style)
    const { write } = plainText(output)
    for (let i = 0; i < 4; i++) write(PAGE)
    expect(output.querySelector('div')).toBeNull()
    expect(output.textContent).toBe(`You: ${PAGE.repeat(4)}`)
  })

  test('outside the page is written all the same', () => {
    const { write } = plainText(output)
    output.remove()
    for (let i = 0; i < 4; i++) write(PAGE)
    expect(output.textContent).toBe(`You: ${PAGE.repeat(4)}`)
  })

  test('stays before what the page has put after it', () => {
    const { write } = plainText(output)
    output.append(document.createElement('hr'))
    for (let i = 0; i < 4; i++) write(PAGE)
    expect(output.lastElementChild?.tagName).toBe('HR')
  })

  test('is one Text node again after a rewind, and can grow again', () => {
    const { write, rewind } = plainText(output)
    for (let i = 0; i < 4; i++) write(PAGE)
    rewind(PAGE)
    expect(held()).toEqual(['#text 2100 0'])
    for (let i = 0; i < 3; i++) write(PAGE)
    expect(output.textContent).toBe(`You: ${PAGE.repeat(4)}`)
    expect(held().length).toBeGreaterThan(2)
  })
})
