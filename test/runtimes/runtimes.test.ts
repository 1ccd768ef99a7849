/** Deno, Bun and workerd run what Node runs: no key shows, and a request with a key can be made. */
import { execFile } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type LeakServer, startLeakServer } from './leak-server.mjs'
import { FAILURES } from './leaks.mjs'

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))
const isInstalled = existsSync(here('node_modules'))
if (!isInstalled) {
  if (process.env.CI) throw new Error('Deno, Bun and workerd are missing: npm ci --prefix test/runtimes')
  console.warn('Not tested in Deno, Bun and workerd; to get them: npm ci --prefix test/runtimes')
}

interface Found {
  readonly asked: number
  readonly leaks: readonly string[]
  readonly text: string
  readonly redirected: string
}

let server: LeakServer
beforeAll(async () => {
  server = await startLeakServer()
})
afterAll(() => server.close())

async function ran(command: string, ...options: readonly string[]): Promise<Found> {
  const args = [...options, here('cli.mjs'), here('../../dist/index.js'), server.origin, server.dead]
  const env = { ...process.env, DENO_NO_UPDATE_CHECK: '1' }
  const { stdout } = await promisify(execFile)(here(`node_modules/${command}`), args, { env })
  return JSON.parse(stdout)
}

/** A worker is given its modules as text. */
async function inWorkerd(): Promise<Found> {
  const path = createRequire(here('package.json')).resolve('miniflare')
  const { Miniflare } = await import(/* @vite-ignore */ pathToFileURL(path).href)
  const modules = Object.entries({
    'main.js': `import * as library from './library.js'
      import { findLeaks } from './leaks.js'
      import { withKey } from './with-key.js'
      export default { async fetch(request) {
        const { base, dead } = Object.fromEntries(new URL(request.url).searchParams)
        return Response.json({ ...await findLeaks(library, base, dead), ...await withKey(library, base) })
      } }`,
    'library.js': readFileSync(here('../../dist/holdfast.min.js'), 'utf8'),
    'leaks.js': readFileSync(here('leaks.mjs'), 'utf8'),
    'with-key.js': readFileSync(here('with-key.mjs'), 'utf8'),
  }).map(([name, contents]) => ({ type: 'ESModule', path: name, contents }))
  const worker = new Miniflare({
    ...{ host: '127.0.0.1', port: 0, cf: false, compatibilityDate: '2026-04-01', modules },
  })
  try {
    const url = new URL(await worker.ready)
    url.search = new URLSearchParams({ base: server.origin, dead: server.dead }).toString()
    const response = await fetch(url)
    const text = await response.text()
    return response.ok ? JSON.parse(text) : expect.unreachable(text)
  } finally {
    await worker.dispose()
  }
}

describe.skipIf(!isInstalled)('in', () => {
  test.each<[string, () => Promise<Found>]>([
    ['Deno', () => ran('@deno/linux-x64-glibc/deno', 'run', '--allow-all', '--no-prompt')],
    ['Bun', () => ran('@oven/bun-linux-x64/bin/bun')],
    ['workerd', inWorkerd],
  ])(
    '%s no key shows, a request with a key can be made, and a redirect of one is told',
    async (_name, run) => {
      const { asked, leaks, text, redirected } = await run()
      expect(leaks).toEqual([])
      expect(asked).toBeGreaterThan(15 * FAILURES.length)
      expect(text).toBe('Hello')
      expect(redirected).toMatch(
        /^protocol after 1: The server redirected the request to http.*\/leak\/text,/,
      )
    },
    120_000,
  )
})
