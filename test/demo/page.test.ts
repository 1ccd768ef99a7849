/** What the page can do beyond showing an answer, in a real Chromium: faults now, a reload, Markdown, the timeline. */
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { startServer } from '../../demo/server/server.mjs'
import { hasChromium, launch } from '../browser/chromium.ts'
import { answerTo } from './ask.ts'

const QUESTION = 'How does a holdfast cling to the rock?'

describe.skipIf(!hasChromium)('the page', () => {
  let browser: Browser
  let server: Awaited<ReturnType<typeof startServer>>
  let page: Page
  let whole: string
  /** The `Last-Event-ID` of each request for an answer. */
  let asked: (string | undefined)[] = []
  let thrown: string[] = []

  beforeAll(async () => {
    server = await startServer({ port: 0, pace: 0.2 })
    browser = await launch()
    whole = (await answerTo({ url: server.url, content: QUESTION })).text
  })
  afterAll(async () => {
    await browser?.close()
    await server?.close()
  })
  beforeEach(async () => {
    page = await browser.newPage()
    page.setDefaultTimeout(20_000)
    asked = []
    thrown = []
    page.on('request', (request) => {
      if (request.url().includes('/v1/chat/')) asked.push(request.headers()['last-event-id'])
    })
    page.on('pageerror', (error) => thrown.push(error.message))
    page.on('dialog', (dialog) => {
      thrown.push(`dialog: ${dialog.message()}`)
      void dialog.dismiss()
    })
    await page.goto(server.url)
    await page.waitForSelector('#fault option[value=cut]', { state: 'attached' })
  })
  afterEach(async () => {
    await page?.close()
    expect(thrown).toEqual([])
  })

  const last = () => page.locator('article.answer').last()
  const text = async () => (await last().locator('.text').textContent()) ?? ''
  const log = async () => (await last().locator('.log').textContent()) ?? ''
  const until = (what: () => Promise<unknown>, timeout = 15_000) =>
    expect.poll(what, { timeout, interval: 20 })

  async function ask(boxes: readonly string[] = []) {
    for (const box of boxes) await page.check(`#${box}`)
    await page.fill('#question', QUESTION)
    await page.click('#send')
    await until(async () => (await text()).length).toBeGreaterThan(60)
  }
  const done = () => until(() => last().getAttribute('data-state')).toBe('done')

  test.each([
    ['cut', [], 'anew'],
    ['reset', [], 'anew'],
    ['error', [], 'anew'],
    ['cut', ['resume'], 'resumed'],
  ])('breaks an answer by "%s now" with %j, and shows the whole text once', async (fault, boxes, how) => {
    await ask(boxes)
    await page.click(`[data-now=${fault}]`)
    await done()
    expect(await text()).toBe(whole)
    expect(await log()).toMatch(/You pressed “\w+ now”.*Attempt 1 failed/)
    expect(await last().locator('.plot').textContent()).toContain(`2 · ${how} · whole`)
    expect(asked.map((id) => id !== undefined)).toEqual([false, how === 'resumed'])
  })

  test('says why a fault cannot happen now', async () => {
    const message = 'Nothing is under way.'
    await page.route('**/faults/now?*', (route) =>
      route.fulfill({ status: 409, json: { error: { message } } }),
    )
    await ask()
    await page.click('[data-now=cut]')
    await until(() => page.textContent('#now-note')).toBe(message)
    await done()
    expect(await log()).toContain(message)
    expect(await page.isVisible('[data-now=cut]')).toBe(false)
  })

  test.each([
    ['asks for the rest where the server can go on', ['resume']],
    ['asks anew and leaves out what repeats where it cannot', []],
    ['does so in Markdown, too', ['resume', 'markdown']],
  ])('goes on by itself after a reload: %s', async (_, boxes) => {
    await ask(boxes)
    await page.reload()
    await done()
    expect(await text()).toBe(boxes.includes('markdown') ? whole.replaceAll('\n', '') : whole)
    expect(await log()).toMatch(/Went on from the checkpoint \(\d+ characters\)/)
    expect(asked).toHaveLength(2)
    expect(asked[1]).toEqual(boxes.includes('resume') ? expect.stringMatching(/^told-\d+$/) : undefined)
  })

  test('keeps the conversation over a reload, and forgets it when a new one begins', async () => {
    await ask()
    await page.keyboard.press('Escape')
    await until(() => last().getAttribute('data-state')).toBe('stopped')
    const kept = await text()
    await page.reload()
    await until(() => page.locator('article.answer').count()).toBe(1)
    expect(await text()).toBe(kept)
    expect(await last().getAttribute('data-state')).toBe('stopped')
    await page.click('#new')
    await page.reload()
    await page.waitForSelector('#fault option[value=cut]', { state: 'attached' })
    expect(await page.locator('article.answer').count()).toBe(0)
    expect(await page.isVisible('#welcome')).toBe(true)
    expect(asked).toHaveLength(1)
  })

  test('shows Markdown, and nothing hostile in it can act', async () => {
    const requests: string[] = []
    page.on('request', (request) => requests.push(new URL(request.url()).origin))
    await page.click('[data-markdown]')
    await done()
    const answer = last().locator('.text')
    for (const part of ['h3', 'ol li', 'th', 'td', 'pre code', 'blockquote']) {
      expect(await answer.locator(part).count(), part).toBeGreaterThan(0)
    }
    expect(await answer.locator('img, script, iframe, [onerror], [src], [style]').count()).toBe(0)
    const links = await answer
      .locator('[href]')
      .evaluateAll((all) => all.map((link) => link.getAttribute('href')))
    expect(links.length).toBeGreaterThan(0)
    expect(links.filter((link) => !link?.startsWith('https://'))).toEqual([])
    expect(await answer.locator('[data-refused]').count()).toBe(4)
    for (const link of await answer.locator('[data-refused]').all()) await link.click()
    expect(await answer.textContent()).toContain('<img src=x onerror=alert(1)>')
    expect(new Set(requests)).toEqual(new Set([server.url]))
  })

  test('draws the timeline and reads it out by keyboard and by pointer', async () => {
    await ask()
    await page.click('[data-now=cut]')
    await done()
    const plot = last().locator('.plot')
    // Of each attempt; how many strokes there are is a matter of how the network bundles.
    for (const ticks of await plot.locator('.ticks').all())
      expect(await ticks.getAttribute('d')).toMatch(/^M/)
    await plot.focus()
    const press = async (key: string) => {
      await page.keyboard.press(key)
      const said = await page.textContent('#announcer')
      expect(await last().locator('.readout').textContent()).toBe(said)
      return said
    }
    expect(await press('Home')).toMatch(/^Attempt 1 asked/)
    expect(await press('ArrowRight')).toMatch(/^Connected/)
    expect(await press('ArrowDown')).toMatch(/^Waited .* before attempt 2/)
    expect(await press('End')).toMatch(/^Whole at/)
    expect(await press('Shift+ArrowLeft')).toMatch(/^Token \d+ of attempt 2/)
    await plot.hover({ position: { x: 1, y: 28 } })
    expect(await last().locator('.readout').textContent()).toMatch(/^(Not begun|Attempt 1 asked|Connected)/)
    await page.mouse.move(0, 0)
    expect(await last().locator('.readout').textContent()).toMatch(/· 2 attempts ·/)
  })
})
