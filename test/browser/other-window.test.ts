/** What a page hands over may be made by another window, whose classes are not those of the page. */
import { beforeEach, describe, expect, test } from 'vitest'
import { openPage } from './asking.ts'
import { engines } from './engines.ts'
import { startRawServer } from './raw-server.ts'
import { useBrowser } from './use-browser.ts'

describe.each(engines)('in $name', (engine) => {
  const { driver, server } = useBrowser(engine, startRawServer)
  beforeEach(async () => {
    await openPage(driver, server.origin)
    await driver.evaluate(`(() => {
      document.body.innerHTML = '<iframe></iframe>'
      const other = document.querySelector('iframe').contentWindow
      const seen = []
      const fetch = async (input, init) => {
        const request = input instanceof Request ? input : new Request(input, init)
        seen.push(new URL(request.url).pathname + new URL(request.url).search + ' ' + (await request.text()))
        const events = ['{"choices":[{"index":0,"delta":{"content":"Hello"},"finish_reason":"stop"}]}', '[DONE]']
        return new Response(events.map((data) => 'data: ' + data + '\\n\\n').join(''), {
          status: seen.length > 1 ? 200 : 503,
          headers: { 'content-type': 'text/event-stream' },
        })
      }
      Object.assign(globalThis, { other, seen, fetch })
    })()`)
  })

  /** What was sent, at first and again, and how it ended. */
  const sent = (input: string, options: string) =>
    driver.evaluate<readonly string[]>(`(async () => {
      const reply = stream(${input}, { fetch, retry: { baseMs: 1 }, ...${options} })
      const end = await reply.text().catch(({ code }) => code)
      return [...seen, end]
    })()`)

  test.each([
    ['a URL', "new other.URL('/chat?q=1', location.href)", '{}', '/chat?q=1 '],
    ['search parameters', "'/chat'", "{ searchParams: new other.URLSearchParams('q=1') }", '/chat?q=1 '],
    ['a form', "'/chat'", "{ body: new other.URLSearchParams('q=1') }", '/chat q=1'],
  ])('%s is read as ours is', async (_what, input, options, expected) => {
    expect(await sent(input, options)).toEqual([expected, expected, 'Hello'])
  })

  test('a form of parts is sent whole, and again', async () => {
    const form = "(() => { const body = new other.FormData(); body.set('q', 'kelp'); return { body } })()"
    const [first, second, end] = await sent("'/chat'", form)
    for (const each of [first, second]) expect(each).toMatch(/name="q"\s+kelp/)
    expect(end).toBe('Hello')
  })

  test('a stream is sent but once', async () => {
    expect(await sent("'/chat'", "{ body: new other.Blob(['q=1']).stream() }")).toHaveLength(2)
  })
})
