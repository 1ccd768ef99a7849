/** The demo in a real Chromium: open the page, ask, pick a fault, read the answer off the page. */
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { startServer } from '../../demo/server/server.mjs'
import { hasChromium, launch } from './chromium.ts'

const QUESTION = 'How does a holdfast cling to the rock?'

interface Shown {
  readonly state: string
  readonly text: string
  readonly status: string
  readonly error: string
  readonly log: string
}

describe.skipIf(!hasChromium)('the demo page', () => {
  let browser: Browser
  let server: Awaited<ReturnType<typeof startServer>>
  let page: Page
  let whole: string

  beforeAll(async () => {
    server = await startServer({ port: 0, host: '127.0.0.1', pace: 0.02 })
    browser = await launch()
  })
  afterAll(async () => {
    await browser?.close()
    await server?.close()
  })
  beforeEach(async () => {
    await page?.close()
    page = await browser.newPage()
    await page.goto(server.url)
  })

  /** Asks and waits for the end. */
  async function ask(fault: string, always = false): Promise<Shown> {
    await page.selectOption('#fault', fault)
    await page.setChecked('#always', always)
    await page.fill('#question', QUESTION)
    const answer = page.locator('article.answer').nth(await page.locator('article.answer').count())
    await page.click('#send')
    await expect
      .poll(() => answer.getAttribute('data-state'), { timeout: 15_000, interval: 20 })
      .toMatch(/done|failed|stopped/)
    return {
      state: (await answer.getAttribute('data-state')) ?? '',
      text: (await answer.locator('.text').textContent()) ?? '',
      status: (await answer.locator('.status').textContent()) ?? '',
      error: (await answer.locator('.error').textContent()) ?? '',
      log: (await answer.textContent()) ?? '',
    }
  }

  test('shows a whole answer', async () => {
    const shown = await ask('none')
    whole = shown.text
    expect(shown.state).toBe('done')
    expect(shown.text.length).toBeGreaterThan(400)
    expect(shown.text).toContain(QUESTION)
  })

  test.each([
    ['reset', /connection broke/],
    ['cut', /ended without the end marker/],
    ['stall', /No delta for 5000 ms/],
    ['503', /503/],
    ['429', /429/],
    ['error', /The server had an error while processing your request/],
  ])(
    'shows the whole text exactly once after the fault "%s", and says what happened',
    async (fault, says) => {
      const shown = await ask(fault)
      expect(shown).toMatchObject({ state: 'done', text: whole, error: '' })
      expect(shown.status).toMatch(/second|third/)
      expect(shown.log).toMatch(says)
    },
  )

  test('shows the second answer alone when it differs from the first', async () => {
    const shown = await ask('rewind')
    expect(shown.state).toBe('done')
    expect(shown.status).toMatch(/took back \d+ characters/)
    expect(shown.text).not.toBe(whole)
    expect(shown.text.split(QUESTION)).toHaveLength(2)
  })

  test('says in one sentence why a server that always fails gave no answer, and keeps the partial text', async () => {
    const shown = await ask('reset', true)
    expect(shown.state).toBe('failed')
    expect(shown.error).toBe('The connection broke while the answer was arriving.')
    expect(shown.text.length).toBeGreaterThan(20)
    expect(whole.startsWith(shown.text)).toBe(true)
  })

  test('says what came instead of an answer', async () => {
    expect(await ask('html')).toMatchObject({
      state: 'failed',
      error: expect.stringMatching(/HTML page.*Sign in/),
    })
  })

  test('opens the circuit after repeated failures and says until when', async () => {
    expect((await ask('503', true)).error).toMatch(/503/)
    const refused = await ask('503', true)
    expect(refused.state).toBe('failed')
    expect(refused.status).toMatch(/circuit open until \d+:\d+/)
    expect((await ask('none')).error).toMatch(/Nothing is sent until \d+:\d+/)
  })

  test('stops on Escape and keeps what had arrived', async () => {
    await page.fill('#question', QUESTION)
    await page.selectOption('#fault', 'stall')
    await page.keyboard.press('Escape')
    await page.click('#send')
    const answer = page.locator('article.answer').last()
    await expect.poll(() => answer.locator('.text').textContent()).not.toBe('')
    await page.keyboard.press('Escape')
    await expect.poll(() => answer.getAttribute('data-state')).toBe('stopped')
    expect(whole.startsWith((await answer.locator('.text').textContent()) ?? '-')).toBe(true)
  })
})
