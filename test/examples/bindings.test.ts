/** A chat in each framework, built by Vite, in real browsers: ask, stop, a fault, a reload, a second question meanwhile. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { complaintsOf, keepComplaints } from '../browser/complaints.ts'
import { demoEngines, type Engine, engines } from '../browser/engines.ts'
import { useBrowser } from '../browser/use-browser.ts'
import { answerTo } from '../demo/ask.ts'
import { PAGES, type Page, startPages } from './built.ts'

const QUESTION = 'How does kelp hold on to a rock?'
const SECOND = 'What moves the tides?'

let pages: Awaited<ReturnType<typeof startPages>>
let whole: string
let second: string
beforeAll(async () => {
  pages = await startPages({ pace: 0.02 })
  const answers = [QUESTION, SECOND].map((content) => answerTo({ url: pages.relay, content }))
  ;[whole = '', second = ''] = (await Promise.all(answers)).map(({ text }) => text)
}, 60_000)
afterAll(() => pages.close())

// What differs from engine to engine is the same in all bindings: one and the element will do, but for `npm run test:browsers`.
const pagesIn = (engine: Engine) => (demoEngines.includes(engine) ? PAGES : (['react', 'element'] as const))

describe.each(engines)('in $name', (engine: Engine) => {
  const { driver } = useBrowser(engine, async () => ({ close: async () => {} }))

  const evaluate = <T>(expression: string) => driver.evaluate<T>(expression)
  const turns = () => evaluate<string[]>("[...document.querySelectorAll('li')].map((li) => li.textContent)")
  const last = (selector: string) =>
    evaluate<string>(
      `(() => {
        const all = [...document.querySelectorAll(${JSON.stringify(selector)})]
        for (const { shadowRoot } of document.querySelectorAll('*'))
          if (shadowRoot) all.push(...shadowRoot.querySelectorAll(${JSON.stringify(selector)}))
        return all.at(-1)?.textContent ?? ''
      })()`,
    )
  const says = (words: string | RegExp) =>
    expect.poll(() => last('[role=status]'), { timeout: 15_000, interval: 20 }).toMatch(words)
  const click = (selector: string) => evaluate(`document.querySelector('${selector}').click()`)
  const posts = () => pages.asked.filter(({ method }) => method === 'POST')
  const ask = async (question?: string): Promise<void> => {
    if (question)
      await evaluate(`(() => {
        const field = document.querySelector('#question')
        Object.getOwnPropertyDescriptor(Object.getPrototypeOf(field), 'value').set.call(field, ${JSON.stringify(question)})
        field.dispatchEvent(new Event('input', { bubbles: true }))
      })()`)
    await click('form [type=submit]')
  }
  const begun = () =>
    expect.poll(async () => (await turns()).at(-1)?.length, { interval: 10 }).toBeGreaterThan(10)
  const open = async (page: Page, query = ''): Promise<void> => {
    await driver.goto(`${pages.url}/${page}/${query}`)
    await keepComplaints(driver)
    await expect.poll(() => evaluate("document.querySelector('form [type=submit]') !== null")).toBe(true)
  }

  describe.each(pagesIn(engine))('the chat in %s', (page) => {
    beforeEach(async () => {
      await driver.goto(`${pages.url}/none`)
      await evaluate('localStorage.clear()')
      pages.asked.length = 0
      await open(page)
    })
    afterEach(async () => {
      expect(await complaintsOf(driver)).toEqual([])
    })

    test('shows a whole answer after one request, and nothing on the page jumps', async () => {
      await evaluate(`(() => {
        globalThis.jumps = []
        let height = 0
        const look = () => {
          const [first, answer] = document.querySelectorAll('li')
          const { top } = first?.getBoundingClientRect() ?? { top: undefined }
          const now = answer?.getBoundingClientRect().height ?? 0
          globalThis.top0 ??= top
          if (top !== globalThis.top0) jumps.push('the question moved to ' + top)
          if (now < height) jumps.push('the answer shrank to ' + now)
          height = now
          requestAnimationFrame(look)
        }
        look()
      })()`)
      await ask()
      await says('The answer is complete.')
      expect(await turns()).toEqual([QUESTION, whole])
      expect(posts()).toHaveLength(1)
      expect(await evaluate('jumps')).toEqual([])
    })

    test('stops, keeps what had arrived and tells the server; asks again when told to', async () => {
      await open(page, '?fault=stall')
      await ask()
      await begun()
      await click('#stop')
      await says('Stopped.')
      const [, text = ''] = await turns()
      expect(text).not.toBe('')
      expect(whole.startsWith(text)).toBe(true)
      await expect.poll(() => pages.asked.map(({ method }) => method)).toEqual(['POST', 'DELETE'])
      await expect.poll(() => evaluate("document.querySelector('#again')?.checkVisibility()")).toBe(true)
      await click('#again')
      await begun()
      expect(posts()).toHaveLength(2)
      expect(await turns()).toHaveLength(2)
      await click('#stop')
      await says('Stopped.')
    })

    test('goes on after a cut, and shows the text once', async () => {
      await open(page, '?fault=cut')
      await ask()
      await says('The answer is complete.')
      expect(await turns()).toEqual([QUESTION, whole])
      expect(posts()).toHaveLength(1)
    })

    test('says what came instead of an answer', async () => {
      await open(page, '?fault=html')
      await ask()
      await expect.poll(() => last('[role=alert]')).toMatch(/HTML page instead of a stream/)
      await says(/HTML page instead of a stream/)
    })

    test('goes on after a reload, without asking anew', async () => {
      await open(page, '?fault=stall')
      await ask()
      await begun()
      await open(page)
      await says('The answer is complete.')
      expect(await turns()).toEqual([QUESTION, whole])
      expect(posts()).toHaveLength(1)
    })

    test('answers a second question while the first is written, which stays as far as it came', async () => {
      await open(page, '?fault=stall')
      await ask()
      await begun()
      await evaluate("history.replaceState(null, '', '?')")
      await ask(SECOND)
      await says('The answer is complete.')
      const [first, half = '', next, answer] = await turns()
      expect([first, next, answer]).toEqual([QUESTION, SECOND, second])
      expect(half).not.toBe('')
      expect(whole.startsWith(half)).toBe(true)
    })
  })
})
