/** Deno, Bun and workerd run what Node runs: no key shows, and a request with a key can be made. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type LeakServer, startLeakServer } from './leak-server.mjs'
import { FAILURES } from './leaks.mjs'
import type { run } from './no-key-shows.mjs'
import { runtimes } from './runtimes.ts'

let server: LeakServer
beforeAll(async () => {
  server = await startLeakServer()
})
afterAll(() => server.close())

// The Node that runs the tests does this in `test/faults`.
describe.each(runtimes.filter(({ name }) => !name.startsWith('Node')))('in $name', (runtime) => {
  test('no key shows, a request with a key can be made, and a redirect of one is told', async () => {
    const { origin, dead } = server
    const found = await runtime.run<Awaited<ReturnType<typeof run>>>('no-key-shows.mjs', { origin, dead })
    expect(found.leaks).toEqual([])
    expect(found.asked).toBeGreaterThan(15 * FAILURES.length)
    expect(found.text).toBe('Hello')
    expect(found.redirected).toMatch(
      /^protocol after 1: The server redirected the request to http.*\/leak\/text,/,
    )
  }, 120_000)
})
