/** A real page that loses its network, is frozen or left; clocks that jump are in test/time/page.test.ts, on fake time. */
import { beforeAll, describe, expect, test } from 'vitest'
import { type Heard, meeting, openPage } from './asking.ts'
import { engines } from './engines.ts'
import { BEGUN, WHOLE } from './faults.ts'
import { startRawServer } from './raw-server.ts'
import { useBrowser } from './use-browser.ts'

describe.each(engines)('a page that is being left, in $name', (engine) => {
  const { driver, server } = useBrowser(engine, startRawServer)

  /** Asks, and waits for the first text. */
  async function begin(fault: string): Promise<string> {
    const { id, url } = meeting(fault, server, 1)
    await openPage(driver, server.origin)
    await driver.evaluate(`new Promise((resolve) => {
      sessionStorage.retries = 0
      const onRetry = () => { sessionStorage.retries++ }
      const retry = { baseMs: 1, jitter: 'none', limit: 5 }
      globalThis.heard = ask(${JSON.stringify(url)}, { retry, recovery: 'replay', onRetry }, resolve)
    })`)
    return id
  }

  // Firefox and WebKit break its streams at once, Chromium when the next page is there.
  test('asks nobody again', async () => {
    const id = await begin('silence in the body')
    await driver.goto(`${server.origin}/next`)
    expect(await driver.evaluate('Number(sessionStorage.retries)')).toBeLessThan(2)
    expect(server.keysOf(id)).toHaveLength(1)
  })

  test('and stays, because the link was a download, has its whole answer', async () => {
    const id = await begin('a second word after 3 s')
    await driver.evaluate(`(() => {
      const link = Object.assign(document.createElement('a'), { href: '/download' })
      document.body.append(link)
      link.click()
    })()`)
    expect(await driver.evaluate<Heard>('heard')).toMatchObject({ code: 'whole', text: WHOLE })
    expect(server.keysOf(id)).toHaveLength(1 + Number(await driver.evaluate('sessionStorage.retries')))
  })
})

// The others cannot be told to.
describe.each(engines.filter(({ name }) => name === 'chromium'))('in $name', (engine) => {
  const { driver, server } = useBrowser(engine, startRawServer)
  beforeAll(() => openPage(driver, server.origin))

  /** Asks without waiting for the answer, which is kept in the page. */
  async function begin(fault: string, id: string, options: string, origin = server.origin): Promise<void> {
    const url = `${origin}/fault/${encodeURIComponent(fault)}?ask=${id}&times=1`
    await driver.evaluate(`(() => { globalThis.heard = ask(${JSON.stringify(url)}, ${options}) })()`)
  }

  test('a retry waits for the network, and then one request brings the whole answer', async () => {
    await driver.setOffline?.(true)
    // By another name than this machine's, which would need no network.
    const elsewhere = 'http://model.test'
    const home = `(url, init) => fetch(String(url.url ?? url).replace('${elsewhere}', '${server.origin}'), init)`
    const options = `{ fetch: ${home}, retry: { baseMs: 1 }, onRetry: () => { globalThis.hasFailed = true } }`
    await begin('no fault', 'offline', options, elsewhere)
    await expect.poll(() => driver.evaluate('globalThis.hasFailed')).toBe(true)
    expect(server.keysOf('offline')).toHaveLength(0)
    await driver.setOffline?.(false)
    expect(await driver.evaluate<Heard>('heard')).toMatchObject({ code: 'whole', text: WHOLE, attempts: 2 })
    expect(server.keysOf('offline')).toHaveLength(1)
  })

  test('a frozen page reads what has queued up when it thaws: no timeout, no second request', async () => {
    // The deadline passes, and the rest of the answer arrives, while nothing can run.
    await begin('a second word after 3 s', 'frozen', '{ timeouts: { idleMs: 2000 }, retry: { baseMs: 1 } }')
    await expect.poll(() => server.keysOf('frozen').length).toBe(1)
    await driver.evaluate('new Promise((resolve) => setTimeout(resolve, 300))')
    await driver.setFrozen?.(true)
    await new Promise((resolve) => setTimeout(resolve, 4_000))
    await driver.setFrozen?.(false)
    expect(await driver.evaluate<Heard>('heard')).toMatchObject({ code: 'whole', text: WHOLE, attempts: 1 })
    expect(server.keysOf('frozen')).toHaveLength(1)
  })

  // Its timers are gone with it. In Firefox its promises are, too, and nobody hears of it.
  test('the reply of an iframe that is removed tells the page around it what happened', async () => {
    const { id, url } = meeting('silence in the body', server)
    const heard = await driver.evaluate(`(async () => {
      const frame = Object.assign(document.createElement('iframe'), { src: '/' })
      await new Promise((loaded) => { frame.onload = loaded; document.body.append(frame) })
      const { stream, render } = await frame.contentWindow.eval("import('/holdfast.js')")
      const place = document.createElement('p')
      const reply = stream(${JSON.stringify(url)}, { json: {}, onChunk: () => { setTimeout(() => frame.remove()) } })
      return render(reply, place).catch(({ code, answer }) =>
        ({ code, text: answer?.text, shown: place.textContent, busy: place.ariaBusy }))
    })()`)
    expect(heard).toEqual({ code: 'network', text: BEGUN, shown: BEGUN, busy: null })
    expect(server.keysOf(id)).toHaveLength(1)
  })
})
