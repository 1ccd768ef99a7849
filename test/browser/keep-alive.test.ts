/** Ten answers in a row take one socket, in every engine, though the body ends a moment after the answer. */
import { describe, expect, test } from 'vitest'
import { meeting, openPage } from './asking.ts'
import { engines } from './engines.ts'
import { WHOLE } from './faults.ts'
import { startRawServer } from './raw-server.ts'
import { useBrowser } from './use-browser.ts'

/** The same server twice: as it is, and by TLS. */
async function startBoth() {
  const [plain, secure] = await Promise.all([startRawServer(), startRawServer(true)])
  return { plain, secure, close: () => Promise.all([plain.close(), secure.close()]) }
}

describe.each(engines)('in $name', (engine) => {
  const { driver, server: both } = useBrowser(engine, startBoth)

  // WebKitGTK opens a socket for each POST, whoever reads it to the end.
  const options = engine.name === 'webkit' ? '{ http }' : '{ json: {}, http }'

  // Who asks in the moment between gets another socket; a person takes longer than that.
  const inARow = (url: string) => `(async () => {
    const texts = []
    for (let i = 0; i < 10; i++) {
      let parted
      const http = (url, init) => {
        parted = new Promise((resolve) => init.signal.addEventListener('abort', resolve))
        return fetch(url, init)
      }
      texts.push(await stream(${JSON.stringify(url)}, ${options}).text())
      await parted
    }
    return texts
  })()`

  test.each([
    ['over HTTP/1.1', 'plain'],
    ['over TLS', 'secure'],
  ] as const)('ten answers in a row take one socket %s', async (_how, which) => {
    const server = both[which]
    await openPage(driver, server.origin)
    expect(await driver.evaluate('location.protocol')).toBe(which === 'secure' ? 'https:' : 'http:')
    const { id, url } = meeting('an end of the body after that of the answer', server)
    expect(await driver.evaluate(inARow(url))).toEqual(Array(10).fill(WHOLE))
    expect(server.keysOf(id)).toHaveLength(10)
    // One; a machine that is busy elsewhere may miss a moment.
    expect(server.socketsOf(id)).toBeLessThan(4)
  })
})
