/** The runtimes from npm, and how a task is done in one: a module whose `run()` is given the library and addresses. */
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { test } from 'vitest'
import { library, task } from './bundles.ts'

export interface Runtime {
  readonly name: string
  readonly isInstalled: boolean
  /** What `run()` of the task gives; all of it is JSON. */
  run<T>(task: string, addresses: object): Promise<T>
}

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))

function commanded(name: string, command: string, ...options: readonly string[]): Runtime {
  const path = here(`node_modules/${command}`)
  return {
    name,
    isInstalled: existsSync(path),
    async run(task, addresses) {
      const args = [...options, here('cli.mjs'), here(task), JSON.stringify(addresses)]
      // Whoever runs the tests may have options for his own Node.
      const env = { ...process.env, NODE_OPTIONS: '', DENO_NO_UPDATE_CHECK: '1' }
      const { stdout } = await promisify(execFile)(path, args, { env, maxBuffer: 2 ** 26 })
      return JSON.parse(stdout)
    },
  }
}

/** A worker is given its modules as text. */
const workerd: Runtime = {
  name: 'workerd',
  isInstalled: existsSync(here('node_modules/miniflare')),
  async run(name, addresses) {
    const path = createRequire(here('package.json')).resolve('miniflare')
    const { Miniflare } = await import(/* @vite-ignore */ pathToFileURL(path).href)
    const modules = Object.entries({
      'main.js': `import * as library from './library.js'
        import { run } from './task.js'
        export default { fetch: async (request) => Response.json(await run(library, await request.json())) }`,
      'library.js': library(),
      'task.js': task(here(name)),
    }).map(([name, contents]) => ({ type: 'ESModule', path: name, contents }))
    const worker = new Miniflare({
      ...{ host: '127.0.0.1', port: 0, cf: false, compatibilityDate: '2026-04-01', modules },
    })
    try {
      const response = await fetch(await worker.ready, { method: 'POST', body: JSON.stringify(addresses) })
      const text = await response.text()
      if (!response.ok) throw new Error(text)
      return JSON.parse(text)
    } finally {
      await worker.dispose()
    }
  },
}

const all: readonly Runtime[] = [
  ...['22', '24', '26'].map((version) => commanded(`Node ${version}`, `node${version}/bin/node`)),
  commanded('Deno', '@deno/linux-x64-glibc/deno', 'run', '--allow-all', '--no-prompt'),
  commanded('Bun', '@oven/bun-linux-x64/bin/bun'),
  workerd,
]

/** Those that are here. */
export const runtimes: readonly Runtime[] = all.filter(({ isInstalled }) => isInstalled)

const names = all.filter(({ isInstalled }) => !isInstalled).map(({ name }) => name)
if (names.length > 0) {
  const line = `Not tested in ${names.join(', ')}; to get them (Linux, x64): npm ci --prefix test/runtimes`
  if (process.env.CI) throw new Error(line)
  console.warn(line)
}

// To the test runner a file without a test is a failure.
if (runtimes.length === 0) test.skip('in other runtimes, but there is none', () => {})
