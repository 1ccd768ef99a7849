/** What only the React component has to get right: it is taken down in mid-answer, and StrictMode runs it twice. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { startServer } from '../../demo/server/server.mjs'
import { type Driver, engines } from '../browser/engines.ts'
import { Requests } from '../browser/requests.ts'
import { Example } from './example.ts'

describe.each(engines)('the React component in $name', (engine) => {
  let driver: Driver
  let server: Awaited<ReturnType<typeof startServer>>
  let page: Example
  let requests: Requests

  beforeAll(async () => {
    server = await startServer({ port: 0, host: '127.0.0.1', pace: 0.02 })
    driver = await engine.launch()
  }, 60_000)
  afterAll(async () => {
    await driver?.close()
    await server?.close()
  })
  beforeEach(() => {
    requests = new Requests()
  })
  afterEach(async () => {
    const complaints = (await page?.close()) ?? []
    requests.close()
    expect(complaints).toEqual([])
  })

  async function openInMidAnswer(): Promise<void> {
    page = await Example.open(driver, `${server.url}/examples/react.html?fault=stall`)
    await page.until('button').toBe('Send')
    await page.click('button')
    await page.until('.answer').not.toBe('')
  }

  test('closes the socket when it is taken down in the middle of an answer', async () => {
    await openInMidAnswer()
    expect(requests.list.map(({ end }) => end)).toEqual(['open'])
    await page.evaluate("import('/examples/react/main.js').then(({ root }) => { root.unmount() })")
    await expect.poll(() => requests.list.map(({ end }) => end)).toEqual(['abandoned'])
    expect(await page.read('#root')).toBe('')
  })

  test('sends one request and shows one answer although StrictMode runs its effect twice', async () => {
    await openInMidAnswer()
    expect(await page.evaluate("document.querySelector('.answer').children.length")).toBe(1)
    expect(requests.list).toHaveLength(1)
  })

  test('renders a few times in a whole answer, and not for each token', async () => {
    page = await Example.open(driver, `${server.url}/examples/`)
    // React tells this hook, if it is there when React is loaded, of each time that it touches the page.
    await page.evaluate(`(() => {
      globalThis.commits = 0
      globalThis.__REACT_DEVTOOLS_GLOBAL_HOOK__ = {
        supportsFiber: true, inject: () => 1, onCommitFiberRoot: () => { commits++ },
      }
      document.body.innerHTML = '<main id="root"></main>'
      import('/examples/react/main.js')
    })()`)
    await page.until('button').toBe('Send')
    await page.click('button')
    await page.until('[role=status]').toBe('The answer is complete.')
    expect(await page.evaluate('commits')).toBeGreaterThan(1)
    expect(await page.evaluate('commits')).toBeLessThan(8)
    expect((await page.read('.answer')).split(' ').length).toBeGreaterThan(100)
  })
})
