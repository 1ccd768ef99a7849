/** What `render()` does in a real page: a long text looks like one text, and the end stays in view. */
import { beforeEach, describe, expect, test } from 'vitest'
import { openPage } from './asking.ts'
import { engines } from './engines.ts'
import { startRawServer } from './raw-server.ts'
import { useBrowser } from './use-browser.ts'

describe.each(engines)('in $name', (engine) => {
  const { driver, server } = useBrowser(engine, startRawServer)
  beforeEach(async () => {
    await openPage(driver, server.origin)
    await driver.evaluate(`(() => {
      document.body.innerHTML = \`<main style="height: 300px; overflow-y: auto; width: 400px">
        <div id="output" style="white-space: pre-wrap; overflow-wrap: anywhere"></div></main>\`
      Object.assign(globalThis, {
        box: document.querySelector('main'),
        output: document.querySelector('#output'),
        textsOf: async function* (texts) {
          for (const text of texts) {
            yield { type: 'text', text }
            await new Promise(requestAnimationFrame)
          }
        },
      })
    })()`)
  })

  const shown = (texts: string) => driver.evaluate(`render(textsOf(${texts}), output, { follow: true })`)

  test('a long text reads, copies and measures like one text', async () => {
    const texts =
      "Array.from({ length: 60 }, (_, n) => 'A line of words, number ' + n + '.\\n\\n'.repeat(n % 2) + ' x'.repeat(200) + '\\n')"
    const measured = `(() => {
      getSelection().selectAllChildren(output)
      return [output.textContent, output.innerText, String(getSelection()), output.offsetHeight, output.scrollWidth]
    })()`
    await shown(texts)
    expect(await driver.evaluate('output.querySelectorAll("span").length')).toBeGreaterThan(3)
    const inPieces = await driver.evaluate(measured)
    await driver.evaluate(`(() => { output.textContent = ${texts}.join('') })()`)
    expect(inPieces).toEqual(await driver.evaluate(measured))
  })

  test("a reader's selection outlives what is written after it", async () => {
    const selected = `(async () => {
      const lines = (n) => Array.from({ length: n }, () => 'one two three\\n'.repeat(20))
      const source = async function* () {
        yield* textsOf(lines(3))
        const node = output.firstChild
        getSelection().setBaseAndExtent(node, 4, node, 7)
        yield* textsOf(lines(40))
      }
      await render(source(), output)
      return String(getSelection())
    })()`
    expect(await driver.evaluate(selected)).toBe('two')
  })

  test('the end stays in view until the reader scrolls up, and again when they come back', async () => {
    const positions = await driver.evaluate(`(async () => {
      const lines = (n) => textsOf(Array.from({ length: n }, () => 'a line\\n\\n'))
      const below = () => Math.round(box.scrollHeight - box.clientHeight - box.scrollTop)
      const scrolled = (top) => new Promise((resolve) => {
        box.addEventListener('scroll', () => requestAnimationFrame(resolve), { once: true })
        box.scrollTop = top
      })
      const seen = []
      const source = async function* () {
        yield* lines(40)
        await new Promise(requestAnimationFrame)
        seen.push(below())
        await scrolled(box.scrollTop - 50)
        const kept = box.scrollTop
        yield* lines(10)
        await new Promise(requestAnimationFrame)
        seen.push(box.scrollTop - kept)
        await scrolled(box.scrollHeight)
        yield* lines(10)
        await new Promise(requestAnimationFrame)
        seen.push(below())
      }
      await render(source(), output, { follow: true })
      return seen
    })()`)
    expect(positions).toEqual([0, 0, 0])
  })

  test.each([
    ['into another box', 'other.append(output)'],
    ['out of its box, into the page', 'document.body.append(output)'],
  ])('the end stays in view of an answer that is moved: %s', async (_how, move) => {
    const below = await driver.evaluate(`(async () => {
      document.body.insertAdjacentHTML('beforeend', '<div id="other" style="height: 200px; overflow-y: auto"></div>')
      const lines = (n) => textsOf(Array.from({ length: n }, () => 'a line\\n\\n'))
      const source = async function* () {
        yield* lines(40)
        ${move}
        await new Promise(requestAnimationFrame)
        yield* lines(60)
      }
      await render(source(), output, { follow: true })
      let at = output
      while (at !== document.documentElement && !/auto/.test(getComputedStyle(at).overflowY)) at = at.parentElement
      return Math.round(at.scrollHeight - at.clientHeight - at.scrollTop)
    })()`)
    expect(below).toBe(0)
  })

  test('a body that is given to be followed is the page', async () => {
    const below = await driver.evaluate(`(async () => {
      document.body.append(output)
      await render(textsOf(Array.from({ length: 60 }, () => 'a line\\n\\n')), output, { follow: document.body })
      const page = document.scrollingElement
      return Math.round(page.scrollHeight - page.clientHeight - page.scrollTop)
    })()`)
    expect(below).toBe(0)
  })
})
