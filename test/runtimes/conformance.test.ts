/** What the README promises is kept in Node 22, 24 and 26, Deno, Bun and workerd. */
import { afterAll, beforeAll, test } from 'vitest'
import { type Server, startConformanceServer } from './conformance/server.mjs'
import type { Result } from './conformance.mjs'
import { expectConformance, promised } from './exceptions.ts'
import { runtimes } from './runtimes.ts'

let server: Server
beforeAll(async () => {
  server = await startConformanceServer()
})
afterAll(() => server.close())

test.concurrent.each(runtimes.map((runtime) => [runtime.name, promised(runtime.name), runtime] as const))(
  '%s keeps %s promises',
  async (name, _count, runtime) => {
    const { origin, other, dead } = server
    expectConformance(name, await runtime.run<Result[]>('conformance.mjs', { origin, other, dead }))
  },
  120_000,
)
