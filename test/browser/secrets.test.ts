/** In a page no key shows, either, and a redirect that a browser hides is told as one. */
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { startLeakServer } from '../runtimes/leak-server.mjs'
import { FAILURES } from '../runtimes/leaks.mjs'
import { engines } from './engines.ts'
import { useBrowser } from './use-browser.ts'

const file = (path: string) => fileURLToPath(new URL(path, import.meta.url))
const files = {
  '/library.js': file('../../dist/holdfast.min.js'),
  '/leaks.js': file('../runtimes/leaks.mjs'),
  '/with-key.js': file('../runtimes/with-key.mjs'),
}

interface Found {
  readonly asked: number
  readonly leaks: readonly string[]
  readonly text: string
  readonly redirected: string
}

describe.each(engines)('in $name', (engine) => {
  const { driver, server } = useBrowser(engine, () => startLeakServer(files))

  test('no key shows, and a redirect of a request with a key is told after one request', async () => {
    await driver.goto(`${server.origin}/`)
    const { asked, leaks, text, redirected } = await driver.evaluate<Found>(`
      Promise.all(['library', 'leaks', 'with-key'].map((name) => import('/' + name + '.js')))
        .then(async ([library, { findLeaks }, { withKey }]) => ({
          ...await findLeaks(library, location.origin, ${JSON.stringify(server.dead)}),
          ...await withKey(library, location.origin),
        }))`)
    expect(leaks).toEqual([])
    expect(asked).toBeGreaterThan(15 * FAILURES.length)
    expect(text).toBe('Hello')
    expect(redirected).toMatch(
      /^protocol after 1: The server redirected the request, and this was not followed/,
    )
  }, 120_000)
})
