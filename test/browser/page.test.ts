/** What `render()` does in a real page: hostile text stays text, a long one looks like one text, the end stays in view. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { openPage } from './asking.ts'
import { type Driver, engines } from './engines.ts'
import { type RawServer, startRawServer } from './raw-server.ts'

const HOSTILE = [
  '<img src=x onerror="hit(1)">',
  '<script>hit(2)</script>',
  '</div></body><iframe src="javascript:hit(3)">',
  '[link](javascript:hit(4)) ![image](https://evil.invalid/x.png)',
  '<style>*{display:none}</style><link rel=stylesheet href=//evil.invalid>',
  '&lt;b&gt; &amp; &#60;i&#62;',
  'bidi \u202e\u2066\u2067 controls \u2069\u200f',
  'NUL \u0000 and half a pair \ud83c',
]

describe.skipIf(engines.length === 0).each(engines)('in $name', (engine) => {
  let server: RawServer
  let driver: Driver

  beforeAll(async () => {
    server = await startRawServer()
    driver = await engine.launch()
  }, 60_000)
  afterAll(async () => {
    await driver?.close()
    await server?.close()
  })
  beforeEach(async () => {
    await openPage(driver, server.origin)
    await driver.evaluate(`(() => {
      document.body.innerHTML = \`<main style="height: 300px; overflow-y: auto; width: 400px">
        <div id="output" style="white-space: pre-wrap; overflow-wrap: anywhere"></div></main>\`
      Object.assign(globalThis, {
        box: document.querySelector('main'),
        output: document.querySelector('#output'),
        hits: [],
        hit: (n) => hits.push(n),
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

  test('hostile text does nothing but appear', async () => {
    const before = await driver.evaluate('document.querySelectorAll("*").length')
    await shown(JSON.stringify(HOSTILE.flatMap((text) => [text.slice(0, 7), `${text.slice(7)}\n`])))
    expect(await driver.evaluate('output.textContent')).toBe(`${HOSTILE.join('\n')}\n`)
    const after = await driver.evaluate(`new Promise((resolve) => setTimeout(() => resolve({
      elements: document.querySelectorAll('*').length,
      hits,
      asked: performance.getEntriesByType('resource').filter(({ name }) => /evil|\\/x/.test(name)).length,
      isShown: output.getClientRects().length > 0,
    }), 100))`)
    expect(after).toEqual({ elements: before, hits: [], asked: 0, isShown: true })
  })

  test('1 MB without a space stays inside its box', async () => {
    await shown("Array.from({ length: 4 }, () => 'x'.repeat(250_000))")
    expect(
      await driver.evaluate('[output.textContent.length, document.body.scrollWidth <= innerWidth]'),
    ).toEqual([1_000_000, true])
  })

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
})
