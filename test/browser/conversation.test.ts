/** What the demo page can do beyond showing an answer: faults now, a reload, Markdown, the timeline. */
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { startServer } from '../../demo/server/server.mjs'
import { answerTo } from '../demo/ask.ts'
import { complaintsOf } from './complaints.ts'
import { openDemo, openNewDemo } from './demo.ts'
import { demoEngines, type Key } from './engines.ts'
import { useRequests } from './requests.ts'
import { QUESTION, talkTo } from './talk.ts'
import { useBrowser } from './use-browser.ts'

describe.each(demoEngines)('the conversation in $name', (engine) => {
  const { driver, server } = useBrowser(engine, () => startServer({ port: 0, pace: 0.2 }))
  const requests = useRequests()
  let whole: string

  beforeAll(async () => {
    whole = (await answerTo({ url: server.url, content: QUESTION })).text
  })
  beforeEach(() => openNewDemo(driver, server.url))
  afterEach(async () => {
    expect(await complaintsOf(driver)).toEqual([])
  })

  const { evaluate, until, read, click, isVisible, becomes, ask } = talkTo(driver)
  const places = () => requests.list.map(({ lastEventId }) => lastEventId)

  test.each(['cut', 'reset', 'error'])(
    'breaks an answer by "%s now": it is read on after its last event, and its model asked once',
    async (fault) => {
      await ask()
      await click(`[data-now=${fault}]`)
      await becomes('done')
      expect(await read('.text')).toBe(whole)
      expect(await read('.log')).toMatch(/You pressed “\w+”.*Attempt 1 failed.*Reads on where/)
      // The plot is drawn in the next frame.
      await until("last('.plot').textContent").toContain('Attempt 2 · resumed · whole')
      expect(places()).toEqual([undefined, expect.stringMatching(/^\d+$/)])
      expect(requests.model).toHaveLength(1)
    },
  )

  test('says why a fault cannot happen now', async () => {
    const message = 'Nothing is under way.'
    await evaluate(`(() => {
      const real = fetch
      const refusal = { error: { message: ${JSON.stringify(message)} } }
      globalThis.fetch = async (url, init) =>
        String(url).startsWith('/faults/now') ? Response.json(refusal, { status: 409 }) : real(url, init)
    })()`)
    await ask()
    await click('[data-now=cut]')
    await until("document.querySelector('#now-note').textContent").toBe(message)
    await becomes('done')
    expect(await read('.log')).toContain(message)
    expect(await isVisible('[data-now=cut]')).toBe(false)
  })

  test('asks with a fault that is not in the list yet', async () => {
    await evaluate("document.querySelector('#fault').replaceChildren(new Option('No fault', 'none'))")
    await click('[data-fault=cut]')
    await becomes('done')
    expect(requests.list.map(({ method, url }) => `${method} ${url}`)).toEqual([
      expect.stringMatching(/^POST \/answers\?fault=cut/),
      expect.stringMatching(/^GET \/answers\/a\w+\?fault=cut/),
    ])
  })

  test.each([
    ['as text', []],
    ['in Markdown', ['markdown']],
  ])(
    'goes on by itself after a reload, %s, without a replay and without asking the model again',
    async (_, boxes) => {
      await ask(boxes)
      await openDemo(driver, server.url)
      await becomes('done')
      expect(await read('.text')).toBe(boxes.length > 0 ? whole.replaceAll('\n', '') : whole)
      expect(await read('.log')).toContain('Went on after the page was loaded again')
      await until("last('.plot').textContent").toContain('Attempt 1 · resumed · whole')
      expect(requests.list.map(({ method }) => method)).toEqual(['POST', 'GET'])
      expect(requests.model).toHaveLength(1)
    },
  )

  test('asks once, though the page is loaded again before it has an answer’s address', async () => {
    await evaluate("document.querySelector('#question').value = 'What moves the tides?'")
    await click('#send')
    await openDemo(driver, server.url)
    await becomes('done')
    expect(requests.model).toHaveLength(1)
  })

  test('keeps the conversation over a reload, and forgets it when a new one begins', async () => {
    await ask()
    await driver.press('Escape')
    await becomes('stopped')
    const kept = await read('.text')
    await openDemo(driver, server.url)
    await becomes('stopped')
    expect(await read('.text')).toBe(kept)
    await click('#new')
    await openDemo(driver, server.url)
    expect(await evaluate("document.querySelectorAll('article.answer').length")).toBe(0)
    expect(await isVisible('#welcome')).toBe(true)
    expect(requests.list).toHaveLength(1)
  })

  test('shows Markdown, and nothing hostile in it can act', async () => {
    await click('[data-markdown]')
    await becomes('done')
    const count = (selector: string) => evaluate(`last('.text').querySelectorAll('${selector}').length`)
    for (const part of ['h3', 'ol li', 'th', 'td', 'pre code', 'blockquote']) {
      expect(await count(part), part).toBeGreaterThan(0)
    }
    expect(await count('img, script, iframe, [onerror], [src], [style]')).toBe(0)
    const links = await evaluate<string[]>(
      "[...last('.text').querySelectorAll('[href]')].map((link) => link.getAttribute('href'))",
    )
    expect(links.length).toBeGreaterThan(0)
    expect(links.filter((link) => !link.startsWith('https://'))).toEqual([])
    expect(await count('[data-refused]')).toBe(4)
    await evaluate("last('.text').querySelectorAll('[data-refused]').forEach((link) => link.click())")
    expect(await read('.text')).toContain('<img src=x onerror=alert(1)>')
    expect(await evaluate('location.origin')).toBe(server.url)
    const loaded = await evaluate<string[]>(
      "performance.getEntriesByType('resource').map(({ name }) => name)",
    )
    expect(loaded.length).toBeGreaterThan(0)
    expect(loaded.filter((url) => new URL(url).origin !== server.url)).toEqual([])
  })

  test('draws the timeline and reads it out by keyboard and by pointer', async () => {
    await ask()
    await click('[data-now=cut]')
    await becomes('done')
    // Of each attempt; how many strokes there are is a matter of how the network bundles.
    const ticks = await evaluate<string[]>(
      "[...last('.plot').querySelectorAll('.ticks')].map((path) => path.getAttribute('d'))",
    )
    expect(ticks).toEqual([expect.stringMatching(/^M/), expect.stringMatching(/^M/)])
    await evaluate("last('.plot').focus()")
    const said = async () => {
      const words = await read('.readout')
      expect(words).toBe(await evaluate("document.querySelector('#announcer').textContent"))
      return words
    }
    const press = async (key: Key) => {
      await driver.press(key)
      return said()
    }
    expect(await press('Home')).toMatch(/^Attempt 1 asked/)
    expect(await press('ArrowRight')).toMatch(/^Connected/)
    expect(await press('ArrowDown')).toMatch(/^Waited .* before attempt 2/)
    expect(await press('End')).toMatch(/^Whole at/)
    const shifted = "{ key: 'ArrowLeft', shiftKey: true, bubbles: true }"
    await evaluate(`last('.plot').dispatchEvent(new KeyboardEvent('keydown', ${shifted}))`)
    expect(await said()).toMatch(/^Token \d+ of attempt 2/)
    const point = (type: string) =>
      evaluate(`(() => {
        const { left, top } = last('.plot').getBoundingClientRect()
        const at = { clientX: left + 1, clientY: top + 32, pointerType: 'mouse', bubbles: true }
        last('.plot').dispatchEvent(new PointerEvent('${type}', at))
      })()`)
    await point('pointermove')
    expect(await read('.readout')).toMatch(/^(Not begun|Attempt 1 asked|Connected)/)
    await point('pointerleave')
    expect(await read('.readout')).toMatch(/· 2 attempts ·/)
  })
})
