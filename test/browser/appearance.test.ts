/** How the demo page looks to those who read it on a phone, in the dark, or without motion. */
import { beforeEach, describe, expect, test } from 'vitest'
import { startServer } from '../../demo/server/server.mjs'
import { openNewDemo } from './demo.ts'
import { demoEngines, engines } from './engines.ts'
import { useBrowser } from './use-browser.ts'

const STATE = "document.querySelector('article.answer')?.dataset.state"

describe.each(demoEngines)('the demo page in $name', (engine) => {
  const { driver, server } = useBrowser(engine, () => startServer({ port: 0, pace: 0.2 }))
  beforeEach(() => openNewDemo(driver, server.url))

  test('fits a phone, with the timeline of a retry unfolded', async () => {
    await driver.resize(360, 740)
    await driver.evaluate("document.querySelector('[data-fault=cut]').click()")
    await expect.poll(() => driver.evaluate(STATE), { timeout: 15_000 }).toBe('done')
    const [inner = 0, page = 0, plot = 0] = await driver.evaluate<number[]>(`[
      innerWidth,
      document.documentElement.scrollWidth,
      document.querySelector('.plot svg').getBoundingClientRect().right,
    ]`)
    await driver.resize(1000, 800)
    expect(inner).toBeLessThan(500)
    expect(page).toBeLessThanOrEqual(inner)
    expect(plot).toBeGreaterThan(inner / 2)
    expect(plot).toBeLessThanOrEqual(inner)
  })
})

// The others cannot be told of the reader's wishes.
const chromium = engines.filter(({ name }) => name === 'chromium')

describe.each(chromium)('as the reader wishes, in $name', (engine) => {
  const { driver, server } = useBrowser(engine, () => startServer({ port: 0 }))

  async function beginWith(feature: string, wish: string): Promise<void> {
    await driver.setMedia?.({ [feature]: wish })
    await openNewDemo(driver, server.url)
    await driver.evaluate("document.querySelector('[data-fault=none]').click()")
    const hasTicks = "document.querySelector('.plot .ticks[d^=M]') !== null"
    await expect.poll(() => driver.evaluate(hasTicks)).toBe(true)
  }

  test.each(['light', 'dark'])('can be read in %s', async (scheme) => {
    await beginWith('prefers-color-scheme', scheme)
    await driver.press('Escape')
    await expect.poll(() => driver.evaluate(STATE)).toBe('stopped')
    const { ground, contrasts } = await driver.evaluate<{
      ground: number
      contrasts: Record<string, number>
    }>(COLOURS)
    expect(ground > 0.5).toBe(scheme === 'light')
    // WCAG 2.2, 1.4.3: what text needs.
    expect(Object.entries(contrasts).filter(([, contrast]) => !(contrast >= 4.5))).toEqual([])
  })

  test.each(['no-preference', 'reduce'])('moves as it should with reduced motion "%s"', async (wish) => {
    await beginWith('prefers-reduced-motion', wish)
    expect((await driver.evaluate<number>('document.getAnimations().length')) > 0).toBe(wish !== 'reduce')
    // Where motion is unwelcome the timeline is drawn every 250 ms, else in every frame.
    const shortestMs = await driver.evaluate<number>(DRAWS)
    if (wish === 'reduce') expect(shortestMs).toBeGreaterThan(200)
    else expect(shortestMs).toBeLessThan(200)
  })
})

// The shortest time between two of the next four drawings of the timeline.
const DRAWS = `new Promise((resolve) => {
  const times = []
  const watch = new MutationObserver(() => {
    times.push(performance.now())
    if (times.length < 4) return
    watch.disconnect()
    resolve(Math.min(...times.slice(1).map((time, at) => time - times[at])))
  })
  watch.observe(document.querySelector('.plot'), { subtree: true, attributes: true, childList: true })
})`

// How light the page is, and the contrast of its texts with it.
const COLOURS = `(() => {
  const paint = document.createElement('canvas').getContext('2d', { willReadFrequently: true })
  const lightness = (colour) => {
    paint.clearRect(0, 0, 1, 1)
    paint.fillStyle = colour
    paint.fillRect(0, 0, 1, 1)
    const [r, g, b] = [...paint.getImageData(0, 0, 1, 1).data]
      .map((part) => part / 255)
      .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4))
    return 0.2126 * r + 0.7152 * g + 0.0722 * b
  }
  const ground = lightness(getComputedStyle(document.body).backgroundColor)
  const contrasts = {}
  for (const part of ['.text', '.status', '.stats dt', '.stats dd', '.readout', '.log summary', '#breaker', '#keys']) {
    const own = lightness(getComputedStyle(document.querySelector(part)).color)
    contrasts[part] = (Math.max(own, ground) + 0.05) / (Math.min(own, ground) + 0.05)
  }
  return { ground, contrasts }
})()`
