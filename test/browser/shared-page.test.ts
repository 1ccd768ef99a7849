/** `render()` in a page that is not its own: translated, highlighted, selected in, built of shadow roots. */
import { beforeEach, describe, expect, test } from 'vitest'
import { openPage } from './asking.ts'
import { engines } from './engines.ts'
import { startRawServer } from './raw-server.ts'
import { useBrowser } from './use-browser.ts'

/** 40 words, each with its number: what is lost, doubled or out of order shows. */
const WHOLE = Array.from({ length: 40 }, (_, n) => `w${n} `).join('')

// The page's own code, so it is text here: nothing that compiles the test may touch it.
const HANDS: Readonly<Record<string, string>> = {
  // As Chromium's translator: each text goes into a font element, beside it first, and then in its place.
  'a translator': `(node) => {
    const own = document.createElement('font')
    own.append(Object.assign(document.createElement('font'), { textContent: node.data }))
    node.before(own)
    node.remove()
  }`,
  'a translator that swaps nodes': `(node) => node.replaceWith(node.data)`,
  'a highlighter': `(node) => {
    const word = node.splitText(Math.floor(node.length / 2))
    word.splitText(Math.min(2, word.length))
    const mark = document.createElement('mark')
    word.replaceWith(mark)
    mark.append(word)
  }`,
  'a reader that wraps': `(node) => {
    const mark = document.createElement('mark')
    node.replaceWith(mark)
    mark.append(node)
  }`,
}

describe.each(engines)('in $name', (engine) => {
  const { driver, server } = useBrowser(engine, startRawServer)
  beforeEach(async () => {
    await openPage(driver, server.origin)
    await driver.evaluate(`(() => {
      document.body.innerHTML = \`<style>body { margin: 0 } #box { height: 300px; overflow-y: auto; width: 400px }
        #output { white-space: pre-wrap }</style><main id="box"><div id="output"></div></main>\`
      const frames = async (n) => { while (n-- > 0) await new Promise(requestAnimationFrame) }
      Object.assign(globalThis, {
        frames,
        box: document.querySelector('main'),
        output: document.querySelector('#output'),
        lines: (n) => Array.from({ length: n }, (_, at) => 'a line of words, number ' + at + '\\n'),
        textsOf: async function* (texts) {
          for (const text of texts) {
            yield { type: 'text', text }
            await frames(1)
          }
        },
        touched(touch) {
          new MutationObserver((all) => {
            for (const { addedNodes, target } of all)
              for (const node of [...addedNodes, target])
                if (node.nodeType === 3 && node.data && node.parentNode === output) touch(node)
          }).observe(output, { childList: true, characterData: true, subtree: true })
        },
      })
    })()`)
  })

  describe.each(Object.entries(HANDS))('beside %s', (_name, hand) => {
    test('shows the whole text, in order, once, and a rewind as well', async () => {
      const shown = await driver.evaluate<string[]>(`(async () => {
        // What it puts there itself is left alone.
        let isOwn = false
        touched((node) => { if (!isOwn) { isOwn = true; (${hand})(node); queueMicrotask(() => { isOwn = false }) } })
        const words = Array.from({ length: 40 }, (_, n) => 'w' + n + ' ')
        await render(textsOf(words), output)
        const plain = output.textContent
        output.replaceChildren()
        await render((async function* () {
          yield* textsOf(words.slice(0, 20))
          yield { type: 'rewind', text: words.slice(0, 10).join('').length, reasoning: 0 }
          yield* textsOf(words.slice(10))
        })(), output)
        return [plain, output.textContent]
      })()`)
      expect(shown).toEqual([WHOLE, WHOLE])
    })
  })

  test('a selection outlives a rewind in the part that both answers share', async () => {
    const shown = await driver.evaluate(`(async () => {
      await render((async function* () {
        yield* textsOf(['The cat sat ', 'on the mat.'])
        getSelection().setBaseAndExtent(output.firstChild, 4, output.firstChild, 7)
        yield { type: 'rewind', text: 15, reasoning: 0 }
        yield* textsOf(['the rug ', 'at night.'])
      })(), output)
      return [String(getSelection()), output.textContent]
    })()`)
    expect(shown).toEqual(['cat', 'The cat sat on the rug at night.'])
  })

  test('the text stands still while the mouse selects in it, and goes on when it lets go', async () => {
    await driver.evaluate(`(() => {
      globalThis.goOn = true
      globalThis.end = render((async function* () {
        yield* textsOf(lines(40))
        while (goOn) yield* textsOf(lines(1))
      })(), output, { follow: true })
    })()`)
    const below = () =>
      driver.evaluate<number>('frames(3).then(() => box.scrollHeight - box.clientHeight - box.scrollTop)')
    const top = () => driver.evaluate<number>('frames(3).then(() => box.scrollTop)')
    await expect.poll(top).toBeGreaterThan(300)
    await driver.mouse('down', 20, 150)
    await driver.mouse('move', 90, 170)
    const before = await top()
    await driver.mouse('move', 120, 190)
    expect(await top()).toBe(before)
    expect(await below()).toBeGreaterThan(20)
    expect(await driver.evaluate<string>('String(getSelection())')).toMatch(/line|words|number/)
    await driver.mouse('up', 120, 190)
    await expect.poll(below).toBeLessThan(60)
    await driver.evaluate('(() => { goOn = false; return end })()')
  })

  test.each([
    [
      'out of a shadow root',
      `(() => {
        const root = output.attachShadow({ mode: 'open' })
        globalThis.place = root.appendChild(document.createElement('div'))
      })()`,
      'box',
    ],
    [
      'through a slot',
      `(() => {
        const root = output.attachShadow({ mode: 'open' })
        root.innerHTML = '<section style="height: 100px; overflow-y: auto"><slot></slot></section>'
        globalThis.place = output.appendChild(document.createElement('div'))
      })()`,
      "output.shadowRoot.querySelector('section')",
    ],
    [
      'where the body scrolls itself',
      `(() => {
        document.documentElement.style.cssText = 'height: 100%; overflow: hidden'
        document.body.style.cssText = 'height: 200px; overflow-y: auto'
        box.style.cssText = 'height: auto; overflow: visible'
        globalThis.place = output
      })()`,
      'document.body',
    ],
    [
      'where the page scrolls, though its body says so',
      `(() => {
        document.body.style.cssText = 'overflow-y: auto'
        box.style.cssText = 'height: auto; overflow: visible'
        globalThis.place = output
      })()`,
      'document.scrollingElement',
    ],
  ])('the end stays in view %s', async (_where, prepare, scroller) => {
    await driver.evaluate(prepare)
    const [top, below] = await driver.evaluate<number[]>(`(async () => {
      place.style.whiteSpace = 'pre-wrap'
      await render(textsOf(lines(80)), place, { follow: true })
      const { scrollTop, scrollHeight, clientHeight } = ${scroller}
      return [scrollTop, Math.round(scrollHeight - clientHeight - scrollTop)]
    })()`)
    expect(top).toBeGreaterThan(100)
    expect(below).toBeLessThanOrEqual(1)
  })

  test('the end stays in view when the box is put elsewhere, and a reader who is up in it is left there', async () => {
    const below = await driver.evaluate<number[]>(`(async () => {
      const found = []
      for (const isUp of [false, true]) {
        output.replaceChildren()
        await render((async function* () {
          yield* textsOf(lines(40))
          if (isUp) { box.scrollTop = 50; await frames(3) }
          document.body.prepend(box)
          await frames(3)
          yield* textsOf(lines(10))
        })(), output, { follow: true })
        found.push(Math.round(box.scrollHeight - box.clientHeight - box.scrollTop))
      }
      return found
    })()`)
    expect(below[0]).toBeLessThanOrEqual(1)
    expect(below[1]).toBeGreaterThan(100)
  })

  test('a reader who was up in the history when the answer began is left there', async () => {
    const [top, end] = await driver.evaluate<number[]>(`(async () => {
      output.textContent = lines(100).join('')
      box.scrollTop = 200
      await frames(2)
      await render(textsOf(lines(20)), output, { follow: true })
      const left = box.scrollTop
      box.scrollTop = box.scrollHeight
      // A question and an answer that is still empty.
      output.append('A question\\nof some\\nlines\\n\\n')
      await frames(2)
      await render(textsOf(lines(20)), output, { follow: true })
      return [left, Math.round(box.scrollHeight - box.clientHeight - box.scrollTop)]
    })()`)
    expect(top).toBe(200)
    expect(end).toBeLessThanOrEqual(1)
  })

  test('a form field shows what is written, edited or not, and keeps the selection', async () => {
    const shown = await driver.evaluate(`(async () => {
      document.body.innerHTML = '<textarea></textarea><input><textarea id="edited"></textarea>'
      const fields = [...document.body.children]
      fields[2].focus()
      fields[2].value = 'mine: '
      fields[2].setSelectionRange(0, 4)
      for (const field of fields)
        await render((async function* () {
          yield* textsOf(['The cat ', 'sat.'])
          yield { type: 'rewind', text: 8, reasoning: 0 }
          yield* textsOf(['ran.'])
        })(), field)
      return [...fields.map(({ value }) => value), fields[2].selectionStart, fields[2].selectionEnd]
    })()`)
    expect(shown).toEqual(['The cat ran.', 'The cat ran.', 'mine: The cat ran.', 0, 4])
  })
})
