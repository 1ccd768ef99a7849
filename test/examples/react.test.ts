/** What only the React component has to get right: it is taken down in mid-answer, and StrictMode runs it twice. */
import { describe, expect, test } from 'vitest'
import { engines } from '../browser/engines.ts'
import { type Example, useExamples } from './example.ts'

describe.each(engines)('the React component in $name', (engine) => {
  const { requests, open } = useExamples(engine)

  async function openInMidAnswer(): Promise<Example> {
    const page = await open('react.html?fault=stall')
    await page.until('button').toBe('Send')
    await page.click('button')
    await page.until('.answer').not.toBe('')
    return page
  }

  test('closes the socket when it is taken down in the middle of an answer', async () => {
    const page = await openInMidAnswer()
    expect(requests.list.map(({ end }) => end)).toEqual(['open'])
    await page.evaluate("import('/examples/react/main.js').then(({ root }) => { root.unmount() })")
    await expect.poll(() => requests.list.map(({ end }) => end)).toEqual(['abandoned'])
    expect(await page.read('#root')).toBe('')
  })

  test('sends one request and shows one answer although StrictMode runs its effect twice', async () => {
    const page = await openInMidAnswer()
    expect(await page.evaluate("document.querySelector('.answer').children.length")).toBe(1)
    expect(requests.list).toHaveLength(1)
  })

  test('renders a few times in a whole answer, and not for each token', async () => {
    const page = await open('')
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
