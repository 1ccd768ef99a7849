/** The demo in three engines: open the page, ask, pick a fault, read the answer off the page. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { startServer } from '../../demo/server/server.mjs'
import { complaintsOf } from './complaints.ts'
import { openNewDemo } from './demo.ts'
import { demoEngines } from './engines.ts'
import { useBrowser } from './use-browser.ts'

const QUESTION = 'How does a holdfast cling to the rock?'

interface Shown {
  readonly state: string
  readonly text: string
  readonly status: string
  readonly error: string
  readonly log: string
}

const FAULTS = [
  ['reset', /connection broke|ended without the end marker/],
  ['cut', /ended without the end marker/],
  ['stall', /No delta for 5000 ms/],
  ['503', /503/],
  ['429', /429/],
  ['error', /The server had an error while processing your request/],
  ['silent-headers', /No response headers after 8000 ms/],
  ['heartbeats', /No delta 10000 ms after the attempt began/],
] as const

describe.each(demoEngines)('the demo page in $name', (engine) => {
  const { driver, server } = useBrowser(engine, () => startServer({ port: 0, pace: 0.02 }))
  let whole: string

  beforeEach(() => openNewDemo(driver, server.url))
  afterEach(async () => {
    expect(await complaintsOf(driver)).toEqual([])
  })

  /** The last answer, as it is shown. */
  const shown = () =>
    driver.evaluate<Shown>(`(() => {
      const answer = [...document.querySelectorAll('article.answer')].at(-1)
      const read = (part) => answer.querySelector(part).textContent
      return {
        state: answer.dataset.state,
        text: read('.text'),
        status: read('.status'),
        error: read('.error'),
        log: answer.textContent,
      }
    })()`)

  async function begin(fault: string, always = false): Promise<void> {
    await driver.evaluate(`(() => {
      const set = (id, value) => {
        const field = document.getElementById(id)
        Object.assign(field, value)
        field.dispatchEvent(new Event('input', { bubbles: true }))
        field.dispatchEvent(new Event('change', { bubbles: true }))
      }
      set('fault', { value: ${JSON.stringify(fault)} })
      set('always', { checked: ${always} })
      set('question', { value: ${JSON.stringify(QUESTION)} })
      document.getElementById('send').click()
    })()`)
  }

  /** Asks and waits for the end. */
  async function ask(fault: string, always = false): Promise<Shown> {
    await begin(fault, always)
    await expect
      .poll(async () => (await shown()).state, { timeout: 30_000, interval: 30 })
      .toMatch(/done|failed|stopped/)
    return shown()
  }

  test('shows a whole answer', async () => {
    const answer = await ask('none')
    whole = answer.text
    expect(answer.state).toBe('done')
    expect(answer.text.length).toBeGreaterThan(400)
    expect(answer.text).toContain(QUESTION)
  })

  // What only a clock ends takes ten seconds: one engine waits for it.
  test.each(engine.name === 'chromium' ? FAULTS : FAULTS.slice(0, -2))(
    'shows the whole text exactly once after the fault "%s", and says what happened',
    async (fault, says) => {
      const answer = await ask(fault)
      expect(answer).toMatchObject({ state: 'done', text: whole, error: '' })
      expect(answer.status).toMatch(/second|third/)
      expect(answer.log).toMatch(says)
    },
    40_000,
  )

  test('waits for a slow first token without a second attempt', async () => {
    expect(await ask('slow-first')).toMatchObject({ state: 'done', text: whole, status: 'done' })
  })

  test('shows the second answer alone when it differs from the first', async () => {
    const answer = await ask('rewind')
    expect(answer.state).toBe('done')
    expect(answer.status).toMatch(/took back \d+ characters/)
    expect(answer.text).not.toBe(whole)
    expect(answer.text.split(QUESTION)).toHaveLength(2)
  })

  test('comes to the end of an answer though every connection breaks', async () => {
    const answer = await ask('reset', true)
    expect(answer).toMatchObject({ state: 'done', text: whole, error: '' })
    expect(answer.status).toMatch(/at the \d+th attempt/)
  }, 40_000)

  test('says in one sentence why a server that always forgets gave no answer, and keeps the partial text', async () => {
    const answer = await ask('rewind', true)
    expect(answer.state).toBe('failed')
    expect(answer.error).toMatch(/^The stream ended .*\.$/)
    expect(answer.text.length).toBeGreaterThan(20)
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
    await begin('stall')
    await expect.poll(async () => (await shown()).text).not.toBe('')
    await driver.press('Escape')
    await expect.poll(async () => (await shown()).state).toBe('stopped')
    expect(whole.startsWith((await shown()).text)).toBe(true)
  })

  test('has a picture', async () => {
    await ask('none')
    // HOLDFAST_SHOTS keeps them, to be looked at.
    const kept = process.env.HOLDFAST_SHOTS
    const folder = kept ?? (await mkdtemp(join(tmpdir(), 'holdfast-shots-')))
    await driver.screenshot(join(folder, `demo-${engine.name}.png`))
    if (!kept) await rm(folder, { recursive: true })
  })
})
