/** The demo as a landing page: the two panes, two languages, what is remembered, and that nothing jumps. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { startServer } from '../../demo/server/server.mjs'
import { complaintsOf } from './complaints.ts'
import { openDemo, openNewDemo } from './demo.ts'
import { demoEngines } from './engines.ts'
import { useRequests } from './requests.ts'
import { QUESTION, talkTo } from './talk.ts'
import { useBrowser } from './use-browser.ts'

// Each reader on the left against the fault that it falls for.
const READERS = [
  ['loop', 'cut', /^Half an answer/],
  ['loop', 'error', /^Threw/],
  ['loop', '503', /^No answer, and no error/],
  ['openai', 'cut', /^Half an answer/],
  ['openai', 'reset', /^Threw|^Half/],
  ['fes', 'error', /^It began again/],
  ['tutorial', 'none', /pieces missing/],
] as const

describe.each(demoEngines)('the landing page in $name', { timeout: 60_000 }, (engine) => {
  const { driver, server } = useBrowser(engine, () => startServer({ port: 0, pace: 0.1 }))
  const requests = useRequests()
  // The readers are the same everywhere: one engine tries them all.
  const isFirst = engine.name === 'chromium'
  beforeEach(async () => {
    await driver.goto(`${server.url}/faults.json`)
    await driver.evaluate('localStorage.clear()')
    await openNewDemo(driver, `${server.url}`)
  })
  afterEach(async () => {
    expect(await complaintsOf(driver)).toEqual([])
  })
  const { evaluate, until, click, becomes, ask, read, isVisible } = talkTo(driver)

  const pick = (id: string, value: string) =>
    evaluate(`(() => {
      const field = document.querySelector('#${id}')
      field.value = ${JSON.stringify(value)}
      field.dispatchEvent(new Event('change', { bubbles: true }))
    })()`)
  const pane = (side: string) =>
    evaluate<{ state: string; text: string; verdict: string }>(`(() => {
      const pane = document.querySelector('#${side}')
      const [text, verdict] = ['.pane-text', '.verdict'].map((part) => pane.querySelector(part).textContent)
      return { state: pane.dataset.state, text, verdict }
    })()`)
  async function compare(reader: string, fault: string) {
    await pick('reader', reader)
    await click(`[data-compare="${fault}"]`)
    for (const side of ['left', 'right']) {
      await expect.poll(async () => (await pane(side)).state, { timeout: 30_000 }).toMatch(/whole|lost/)
    }
    return { left: await pane('left'), right: await pane('right') }
  }

  test.each(isFirst ? READERS : READERS.slice(0, 1))(
    '%s, with the fault "%s": lost on the left, whole on the right',
    async (reader, fault, says) => {
      const { left, right } = await compare(reader, fault)
      expect(left).toMatchObject({ state: 'lost', verdict: expect.stringMatching(says) })
      expect(right).toMatchObject({ state: 'whole', verdict: expect.stringMatching(/^Whole/) })
      const row = (name: string) =>
        `[...document.querySelectorAll('#score tr')].find((row) => row.textContent.includes('${name}')).textContent`
      await until(row('Holdfast')).toBe('Holdfast10')
    },
  )

  test.runIf(isFirst)('who waits for ever is said to', async () => {
    const { left, right } = await compare('loop', 'stall')
    expect([left.state, right.state]).toEqual(['lost', 'whole'])
    expect(left.verdict).toMatch(/^Hangs/)
    expect(right.text.startsWith(left.text)).toBe(true)
  })

  test.each([
    ['openai', '503'],
    ['loop', 'none'],
  ])('whole is whole, on the left as well: %s, "%s"', async (reader, fault) => {
    const { left, right } = await compare(reader, fault)
    expect([left.state, right.state]).toEqual(['whole', 'whole'])
    expect(left.text).toBe(right.text)
  })

  test('speaks Chinese, asks and answers in it, and says so to the browser', async () => {
    await openDemo(driver, `${server.url}/?lang=zh-CN`)
    expect(await evaluate('document.documentElement.lang')).toBe('zh-CN')
    expect(await evaluate("document.querySelector('#promise').textContent")).toContain('流式回答')
    await click('[data-fault=cut]')
    await becomes('done')
    expect(await read('.text')).toMatch(/^你问“潮汐是怎么来的？”/)
    expect(await read('.text')).not.toContain('\ufffd')
    await until("last('.plot').textContent").toContain('第 2 次请求 · 续读 · 完整')
    // It is remembered, and the page says it in English again when it is told to.
    await openDemo(driver, server.url)
    expect(await evaluate('document.documentElement.lang')).toBe('zh-CN')
    await openDemo(driver, `${server.url}/?lang=en`)
    expect(await evaluate("document.querySelector('#promise').textContent")).toMatch(/^A streamed answer/)
  })

  test('remembers what was picked', async () => {
    await pick('fault', 'stall')
    await pick('patience', 'long')
    await pick('reader', 'fes')
    await click('#always')
    await openDemo(driver, server.url)
    const picked =
      "['fault', 'patience', 'reader', 'always'].map((id) => { const f = document.getElementById(id); return f.type === 'checkbox' ? f.checked : f.value })"
    expect(await evaluate(picked)).toEqual(['stall', 'long', 'fes', true])
  })

  test('a question that is asked too early waits its turn, and says so', async () => {
    await ask()
    await evaluate("(() => { document.querySelector('#question').value = 'And the tides?' })()")
    await evaluate("document.querySelector('#question').focus()")
    await driver.press('Enter')
    await until("document.querySelector('#now-note').textContent").toMatch(/waits/)
    expect(await evaluate("document.querySelectorAll('article.answer').length")).toBe(1)
    await until("document.querySelectorAll('article.answer').length").toBe(2)
    await becomes('done')
    expect(await read('.text')).toContain('And the tides?')
    expect(requests.model).toHaveLength(2)
  })

  test('offers to kill the server only where something starts it again', async () => {
    await ask()
    expect(await isVisible('[data-trick=reload]')).toBe(true)
    expect(await isVisible('[data-trick=kill]')).toBe(false)
    expect(QUESTION).toBeTruthy()
    await becomes('done')
  })
})

// The others do not tell of it.
const chromium = demoEngines.filter(({ name }) => name === 'chromium')

describe.each(chromium)('nothing jumps in $name', { timeout: 60_000 }, (engine) => {
  const { driver, server } = useBrowser(engine, () => startServer({ port: 0, pace: 0.2 }))
  const WATCH = `(() => {
    globalThis.shifts = []
    new PerformanceObserver((list) => {
      // What follows a click at once is what was clicked for: the landing page makes room.
      for (const { value, sources, hadRecentInput } of list.getEntries())
        if (!hadRecentInput) shifts.push([value, ...sources.map(({ node }) => node?.nodeName + '.' + (node?.className ?? node?.parentNode?.className))])
    }).observe({ type: 'layout-shift', buffered: true })
  })()`
  const sum = () => driver.evaluate<number>('shifts.reduce((sum, [value]) => sum + value, 0)')

  test.each([
    ['desktop', 1280, 800, 'en'],
    ['phone', 390, 844, 'en'],
    ['phone, in Chinese', 390, 844, 'zh-CN'],
  ])('on a %s: while it loads, and in a run with a rewind', async (_, width, height, lang) => {
    await driver.resize(width, height)
    await openNewDemo(driver, `${server.url}`)
    await openDemo(driver, `${server.url}/?lang=${lang}`)
    await driver.evaluate(WATCH)
    await driver.evaluate('new Promise((resolve) => setTimeout(resolve, 300))')
    const loaded = await driver.evaluate('shifts')
    expect([await sum(), loaded]).toEqual([expect.closeTo(0, 2), loaded])
    await driver.evaluate('shifts.length = 0')
    const [x = 0, y = 0] = await driver.evaluate<number[]>(`(() => {
      const chip = document.querySelector('[data-fault=rewind]')
      chip.scrollIntoView({ block: 'center', behavior: 'instant' })
      const { left, top } = chip.getBoundingClientRect()
      return [left + 20, top + 20]
    })()`)
    for (const action of ['down', 'up'] as const) await driver.mouse?.(action, x, y)
    const state = "document.querySelector('article.answer')?.dataset.state"
    await expect.poll(() => driver.evaluate(state), { timeout: 30_000 }).toBe('done')
    await driver.evaluate('new Promise((resolve) => setTimeout(resolve, 300))')
    const ran = await driver.evaluate<unknown[]>('shifts')
    expect((await sum()) < 0.02, `${await sum()} ${JSON.stringify(ran)}`).toBe(true)
    const [inner = 0, page = 0] = await driver.evaluate<number[]>(
      '[innerWidth, document.documentElement.scrollWidth]',
    )
    expect(page).toBeLessThanOrEqual(inner)
  })

  test.each([
    [1280, 800],
    [390, 844],
    [320, 568],
  ])('at %i × %i every target is 44 pixels high, and has a name', async (width, height) => {
    await driver.resize(width, height)
    await openNewDemo(driver, server.url)
    const small = () =>
      driver.evaluate(`[...document.querySelectorAll('button, select, a, summary, textarea, label:has(input)')]
        .filter((element) => element.checkVisibility() && !element.closest('.text'))
        .filter((element) => element.getBoundingClientRect().height < 43.5 && element.id !== 'question')
        .map((element) => element.outerHTML.slice(0, 90))`)
    expect(await small()).toEqual([])
    expect(await driver.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width)
    await driver.evaluate("document.querySelector('[data-fault=cut]').click()")
    const state = "document.querySelector('article.answer')?.dataset.state"
    await expect.poll(() => driver.evaluate(state), { timeout: 30_000 }).toBe('done')
    expect(await small()).toEqual([])
    expect(await driver.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width)
  })

  test('the page’s own files weigh less than 150 kB', async () => {
    await openNewDemo(driver, server.url)
    const bytes = await driver.evaluate<number>(`performance.getEntries()
      .filter(({ name }) => name.includes('/page/') || name.endsWith(location.pathname))
      .reduce((sum, { decodedBodySize }) => sum + (decodedBodySize ?? 0), 0)`)
    expect(bytes).toBeGreaterThan(50_000)
    expect(bytes).toBeLessThan(150_000)
  })
})
