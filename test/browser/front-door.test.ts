/** What a checker of pages asks of the demo: names, order, contrast, weight; and that a low screen shows the text. */
import { beforeEach, describe, expect, test } from 'vitest'
import { startServer } from '../../demo/server/server.mjs'
import { openDemo, openNewDemo } from './demo.ts'
import { demoEngines, engines } from './engines.ts'
import { useBrowser } from './use-browser.ts'

const STATE = "[...document.querySelectorAll('article.answer')].at(-1)?.dataset.state"

// What can be used, as far as it is shown.
const CONTROLS = `[...document.querySelectorAll('a[href], button, select, textarea, input, summary, [tabindex]')]
  .filter((each) => each.checkVisibility({ visibilityProperty: true }) && each.getClientRects().length > 0)`

/** A control by its tag, name and words. */
const TOLD = "each.localName + '#' + each.id + ' ' + each.textContent.trim().slice(0, 30)"

describe.each(engines.filter(({ name }) => name === 'chromium'))('the page, checked in $name', (engine) => {
  const { driver, server } = useBrowser(engine, () => startServer({ port: 0, pace: 0.1 }))
  const list = (expression: string) => driver.evaluate<string[]>(expression)

  async function answered(fault: string): Promise<void> {
    await driver.evaluate(`document.querySelector('[data-fault="${fault}"]').click()`)
    await expect.poll(() => driver.evaluate(STATE), { timeout: 20_000 }).toMatch(/done|failed/)
  }

  test('weighs less than 150 kB, the library and its Markdown included', async () => {
    await openNewDemo(driver, server.url)
    const bytes = await driver.evaluate<number>(
      "['resource', 'navigation'].flatMap((type) => performance.getEntriesByType(type)).reduce((sum, { encodedBodySize }) => sum + encodedBodySize, 0)",
    )
    expect(bytes).toBeGreaterThan(50_000)
    expect(bytes).toBeLessThan(150_000)
  })

  describe.each(['en', 'zh-CN'])('in %s', (lang) => {
    beforeEach(async () => {
      await openNewDemo(driver, server.url)
      await openDemo(driver, `${server.url}/?lang=${lang}`)
    })

    test.each([undefined, 'rewind'])(
      'each control has a name and a place in the order (fault: %s)',
      async (fault) => {
        if (fault) await answered(fault)
        expect(await driver.evaluate<number>(`${CONTROLS}.length`)).toBeGreaterThan(10)
        const nameless = `${CONTROLS}.filter((each) => {
        const label = each.labels?.[0]?.textContent ?? ''
        return !(each.getAttribute('aria-label') || label.trim() || each.textContent.trim())
      }).map((each) => ${TOLD})`
        expect(await list(nameless)).toEqual([])
        expect(await list(`${CONTROLS}.filter((each) => each.tabIndex > 0).map((each) => ${TOLD})`)).toEqual(
          [],
        )
        // Nothing that keys reach is hidden from who hears the page.
        const unheard = `${CONTROLS}.filter((each) => each.closest('[aria-hidden=true]')).map((each) => ${TOLD})`
        expect(await list(unheard)).toEqual([])
        const twice = `(() => {
        const ids = [...document.querySelectorAll('[id]')].map(({ id }) => id)
        return ids.filter((id, at) => ids.indexOf(id) !== at)
      })()`
        expect(await list(twice)).toEqual([])
      },
    )

    test.each(['light', 'dark'])('each text stands out in %s', async (scheme) => {
      await driver.setMedia?.({ 'prefers-color-scheme': scheme, 'prefers-reduced-motion': 'reduce' })
      try {
        const ground = await driver.evaluate<string>('getComputedStyle(document.body).backgroundColor')
        // By its first channel: the papers are nearly grey.
        expect(Number(/\d+/.exec(ground)?.[0]) > 127).toBe(scheme === 'light')
        expect(await list(FAINT)).toEqual([])
        await answered('rewind')
        expect(await list(FAINT)).toEqual([])
      } finally {
        await driver.setMedia?.({
          'prefers-color-scheme': 'light',
          'prefers-reduced-motion': 'no-preference',
        })
      }
    })
  })
})

describe.each(demoEngines)('a low screen in $name', (engine) => {
  const { driver, server } = useBrowser(engine, () => startServer({ port: 0, pace: 1 }))

  // A phone on its side, and a window of 1100 by 800 at twice its size.
  test.each([
    [740, 360],
    [550, 400],
  ])('of %i by %i shows the end of the text while it grows', async (width, height) => {
    await driver.resize(width, height)
    await openNewDemo(driver, server.url)
    await driver.evaluate("document.querySelector('[data-fault=none]').click()")
    const length = "document.querySelector('article.answer .text')?.textContent.length ?? 0"
    await expect.poll(() => driver.evaluate(length), { timeout: 20_000 }).toBeGreaterThan(200)
    const [end = 0, composer = 0, page = 0, inner = 0] = await driver.evaluate<number[]>(`(() => {
      const range = document.createRange()
      range.selectNodeContents(document.querySelector('article.answer .text'))
      return [
        [...range.getClientRects()].at(-1).bottom,
        document.querySelector('.field').getBoundingClientRect().top,
        document.documentElement.scrollWidth,
        innerWidth,
      ]
    })()`)
    await driver.press('Escape')
    await driver.resize(1000, 800)
    expect(end).toBeGreaterThan(0)
    expect(end).toBeLessThanOrEqual(composer)
    expect(page).toBeLessThanOrEqual(inner)
  })
})

// Texts whose contrast with what is behind them is too low (WCAG 2.2, 1.4.3): 4.5, and 3 for large ones.
const FAINT = `(() => {
  const paint = document.createElement('canvas').getContext('2d', { willReadFrequently: true })
  const channels = (colours) => {
    paint.clearRect(0, 0, 1, 1)
    for (const colour of colours) {
      paint.fillStyle = colour
      paint.fillRect(0, 0, 1, 1)
    }
    return [...paint.getImageData(0, 0, 1, 1).data].slice(0, 3)
  }
  const lightness = (colours) => {
    const [r, g, b] = channels(colours)
      .map((part) => part / 255)
      .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4))
    return 0.2126 * r + 0.7152 * g + 0.0722 * b
  }
  const behind = (element) => {
    const grounds = []
    for (let at = element; at; at = at.parentElement) grounds.unshift(getComputedStyle(at).backgroundColor)
    return grounds
  }
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  const faint = new Set()
  while (texts.nextNode()) {
    const { parentElement: element, data } = texts.currentNode
    if (!data.trim() || !element.checkVisibility({ visibilityProperty: true, opacityProperty: true })) continue
    if (element.matches('option, script, style, .unseen')) continue
    const { color, fill, fontSize, fontWeight } = getComputedStyle(element)
    const own = element instanceof SVGElement ? fill : color
    const [ground, ink] = [lightness(behind(element)), lightness([...behind(element), own])]
    const contrast = (Math.max(ground, ink) + 0.05) / (Math.min(ground, ink) + 0.05)
    const isLarge = parseFloat(fontSize) >= (fontWeight >= 700 ? 18.66 : 24)
    if (contrast < (isLarge ? 3 : 4.5)) faint.add(element.localName + '.' + element.className + ' ' + data.trim().slice(0, 30) + ' ' + contrast.toFixed(2))
  }
  return [...faint]
})()`
