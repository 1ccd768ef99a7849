/** Whoever stops listening hangs up: the server's socket is closed, in every engine, while the server is silent. */
import { beforeAll, describe, expect, test } from 'vitest'
import { asked, expectAgreement, meeting, openPage } from './asking.ts'
import { engines } from './engines.ts'
import { BEGUN, WHOLE } from './faults.ts'
import { startRawServer } from './raw-server.ts'
import { useBrowser } from './use-browser.ts'

describe.each(engines)('in $name', (engine) => {
  const { driver, server } = useBrowser(engine, startRawServer)
  beforeAll(() => openPage(driver, server.origin))

  const isClosed = (id: string) => expect.poll(() => server.openSocketsOf(id), { timeout: 10_000 }).toBe(0)

  test.each([
    ['reply.cancel()', '(reply) => reply.cancel()'],
    ['the signal', '(reply, stop) => stop.abort()'],
  ])('%s in the middle closes the socket and keeps the text', async (_how, onText) => {
    const { id, url } = meeting('silence in the body', server)
    const heard = await asked(driver, url, '{}', onText)
    expect(heard).toMatchObject({ code: 'aborted', text: BEGUN })
    expectAgreement(heard)
    await isClosed(id)
    expect(server.keysOf(id)).toHaveLength(1)
  })

  test.each([
    ['break', 'for await (const delta of stream(url, { json: {} })) break'],
    [
      'a callback that throws',
      'await stream(url, { json: {}, onChunk() { throw 0 } }).answer().catch(() => {})',
    ],
    [
      'a clock',
      'await stream(url, { json: {}, retry: false, timeouts: { idleMs: 200 } }).answer().catch(() => {})',
    ],
  ])('%s in the middle closes the socket', async (_how, code) => {
    const { id, url } = meeting('silence in the body', server)
    await driver.evaluate(`(async (url) => { ${code} })(${JSON.stringify(url)})`)
    await isClosed(id)
    expect(server.keysOf(id)).toHaveLength(1)
  })

  test.each([
    ['reply.cancel()', 'silence', 'reply.cancel()'],
    ['the signal', 'silence', 'stop.abort()'],
    // Firefox has not settled `fetch` yet, the others have.
    ['reply.cancel()', 'silence after headers', 'reply.cancel()'],
    ['the signal', 'silence after headers', 'stop.abort()'],
  ])('%s in %s closes the socket', async (_how, fault, cancel) => {
    const { id, url } = meeting(fault, server)
    await driver.evaluate(`(() => {
      const stop = new AbortController()
      const reply = stream(${JSON.stringify(url)}, { json: {}, signal: stop.signal })
      globalThis.cancel = () => { ${cancel} }
      globalThis.end = reply.answer().catch(({ code }) => code)
    })()`)
    await expect.poll(() => server.openSocketsOf(id)).toBe(1)
    await driver.evaluate('cancel()')
    expect(await driver.evaluate('end')).toBe('aborted')
    await isClosed(id)
    expect(server.keysOf(id)).toHaveLength(1)
  })

  test('a socket that the server holds open after the end marker is closed, and does not hold the answer', async () => {
    const { id, url } = meeting('a socket held open after the end', server)
    expect(await asked(driver, url)).toMatchObject({ code: 'whole', text: WHOLE })
    await isClosed(id)
  })
})
