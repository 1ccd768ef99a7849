/** An answer belongs to no tab: a second one shows it growing, and stops it for both. */
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { startServer } from '../../demo/server/server.mjs'
import { answerTo } from '../demo/ask.ts'
import { complaintsOf } from './complaints.ts'
import { openDemo, openNewDemo } from './demo.ts'
import { demoEngines } from './engines.ts'
import { useRequests } from './requests.ts'
import { QUESTION, talkTo } from './talk.ts'
import { useBrowser } from './use-browser.ts'

// An answer takes some eight seconds: the second tab has to be there before its end.
describe.each(demoEngines)('a second tab in $name', { timeout: 40_000 }, (engine) => {
  const { driver, server } = useBrowser(engine, () => startServer({ port: 0 }))
  const requests = useRequests()
  let whole: string

  beforeAll(async () => {
    whole = (await answerTo({ url: server.url, content: QUESTION })).text
  }, 30_000)
  beforeEach(() => openNewDemo(driver, server.url))
  afterEach(async () => {
    expect(await complaintsOf(driver)).toEqual([])
  })

  const { evaluate, read, click, isVisible, becomes, isUnderWay, ask } = talkTo(driver)
  /** Where the link leads. */
  const secondTab = () => evaluate<string>("last('.second').getAttribute('href')")
  const openSecond = async () => openDemo(driver, `${server.url}${await secondTab()}`)

  test('shows the same answer in a second tab, as it grows, and when it is whole', async () => {
    await ask()
    const href = await secondTab()
    expect(href).toMatch(/^\/\?answer=\/answers\/a\w{22}$/)
    await openSecond()
    await isUnderWay()
    expect(await evaluate("last('.text').closest('article').dataset.state")).toBe('writing')
    expect(await isVisible('#question')).toBe(false)
    await becomes('done')
    expect(await read('.text')).toBe(whole)
    await openDemo(driver, `${server.url}${href}`)
    await becomes('done')
    expect(await read('.text')).toBe(whole)
    expect(requests.model).toHaveLength(1)
    expect(await isVisible('#send')).toBe(false)
  })

  test.each([
    'https://example.com/answers/a0123456789012345678901',
    '//example.com/answers/a0123456789012345678901',
    '/answers/../v1/chat/completions',
    '/answers/a0123456789012345678901/stop',
  ])('opens nothing that is no answer of this server: %s', async (address) => {
    await openDemo(driver, `${server.url}/?answer=${encodeURIComponent(address)}`)
    expect(await isVisible('#welcome')).toBe(true)
    expect(requests.list).toEqual([])
  })

  test('says that an answer is not there', async () => {
    await openDemo(driver, `${server.url}/?answer=/answers/a0123456789012345678901`)
    await becomes('failed')
    expect(await read('.error')).toMatch(/There is no such answer/)
    expect(await isVisible('.again')).toBe(false)
  })

  test('Stop stops the model, also from a second tab', async () => {
    await ask()
    await click('#stop')
    await becomes('stopped')
    await expect.poll(() => requests.model.map(({ end }) => end)).toEqual(['abandoned'])
    await ask()
    await openSecond()
    await isUnderWay()
    await click('#stop')
    await becomes('stopped')
    await expect.poll(() => requests.model.map(({ end }) => end)).toEqual(['abandoned', 'abandoned'])
    expect(requests.stops).toHaveLength(2)
  })

  test('says that another tab has stopped the answer', async () => {
    await ask()
    const address = new URLSearchParams((await secondTab()).slice(1)).get('answer')
    await fetch(`${server.url}${address}`, { method: 'DELETE' })
    await becomes('stopped')
    expect(await read('.log')).toContain('Stopped in another tab')
    expect(await read('.error')).toBe('')
  })
})
