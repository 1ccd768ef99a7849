/** How the demo page looks to those who read it on a phone, or without motion. */
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
