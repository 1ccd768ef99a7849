/** The pages to copy, in a real browser: what a user sees of a good answer, of a bad one, and of Stop. */
import { beforeAll, describe, expect, test } from 'vitest'
import { demoEngines, engines } from '../browser/engines.ts'
import { answerTo } from '../demo/ask.ts'
import { type Example, useExamples } from './example.ts'

const QUESTION = 'How does kelp hold on to a rock?'

/** Where each page shows what. A page without an alert tells failures in its status. */
const pages = [
  { name: 'script-tag', text: '#answer', alert: '#status', stops: false },
  { name: 'form', text: '#answer', alert: '#error', stops: true },
  { name: 'react', text: '.answer', alert: '[role=alert]', stops: true },
] as const
// React in the other engines is tried by `bindings.test.ts`.
const plainPages = pages.slice(0, 2)

describe.each(engines)('in $name', (engine) => {
  const examples = useExamples(engine)
  const { requests } = examples
  let whole: string

  beforeAll(async () => {
    whole = (await answerTo({ url: examples.url, content: QUESTION })).text
  })

  const tried = demoEngines.includes(engine) ? pages : plainPages

  describe.each(tried)('the page $name', ({ name, text, alert, stops }) => {
    let page: Example
    let said: () => Promise<string>

    async function open(query = ''): Promise<void> {
      page = await examples.open(`${name}.html${query}`)
      await page.until('button').toMatch(/Ask|Send/)
      said = await page.listen()
    }

    test('shows a whole answer and says that it is complete', async () => {
      await open()
      await page.click('button')
      await page.until('[role=status]').toBe('The answer is complete.')
      expect(await page.read(text)).toBe(whole)
      expect(await said()).toMatch(/^Writing the answer…/)
      expect(requests.list).toEqual([expect.objectContaining({ end: 'whole' })])
    })

    test('shows the text exactly once when the first attempt is cut', async () => {
      await open('?fault=cut')
      await page.click('button')
      await page.until('[role=status]').toBe('The answer is complete.')
      expect(await page.read(text)).toBe(whole)
      expect(requests.list).toHaveLength(2)
      if (stops) expect(await said()).toMatch(/Trying again in 1 s: the stream ended before/)
    })

    test('says in words what came instead of an answer', async () => {
      await open('?fault=html')
      await page.click('button')
      await page.until(alert).toMatch(/HTML page instead of a stream/)
      await page.until('button').toMatch(/Ask|Send/)
      expect(await page.read(text)).toBe('')
    })

    test('answers a second question in place of the first', async () => {
      await open()
      await page.click('button')
      await page.until('[role=status]').toBe('The answer is complete.')
      await page.ask('What moves the tides?')
      await page.click('button')
      await page.until(text).toMatch(/What moves the tides\?.*soup in a carried bowl.*⚓$/s)
      expect(await page.read(text)).not.toContain(QUESTION)
    })

    if (stops)
      test.each([
        ['the button', () => page.click('button')],
        ['Escape', () => page.press('Escape')],
      ])(
        'stops by %s, keeps what had arrived, closes the connection and stops the answer',
        async (_, stop) => {
          await open('?fault=stall')
          await page.press('Enter')
          await page.until(text).not.toBe('')
          expect(await page.read('button')).toBe('Stop')
          await stop()
          await page.until('[role=status]').toBe('Stopped.')
          await page.until('button').toBe('Send')
          expect(whole.startsWith((await page.read(text)) || 'nothing')).toBe(true)
          expect(await page.read(alert)).toBe('')
          // Which of the two the server hears of first depends on the engine.
          await expect.poll(() => requests.list.map(({ end }) => end !== 'open')).toEqual([true])
          expect(requests.stops).toHaveLength(1)
        },
      )

    if (name === 'form')
      test('begins a new line with Shift+Enter, and sends nothing', async () => {
        await open()
        const isLeftAlone = await page.evaluate(`document.querySelector('#question').dispatchEvent(
      new KeyboardEvent('keydown', { key: 'Enter', shiftKey: true, bubbles: true, cancelable: true }))`)
        expect(isLeftAlone).toBe(true)
        expect(await page.read('[role=status]')).toBe('')
        expect(requests.list).toEqual([])
      })
  })
})
