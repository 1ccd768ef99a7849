/** The recipes of docs/guide/testing.md, each run by the tool it is for, with the package as a user has it. */
import { execFile } from 'node:child_process'
import { cpSync, existsSync, readdirSync, rmSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, test } from 'vitest'

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))
const isInstalled = existsSync(here('node_modules/jest'))
if (!isInstalled) {
  const missing = 'The tools of the recipes are missing: npm ci --prefix test/recipes --ignore-scripts'
  if (process.env.CI) throw new Error(missing)
  console.warn(`${missing}\n(recipes for tests of apps are not run)`)
}

/** What both tools write. */
interface Report {
  readonly success: boolean
  readonly numPassedTests: number
  readonly testResults: readonly {
    readonly name: string
    readonly message: string
    readonly assertionResults: readonly { readonly failureMessages?: readonly string[] }[]
  }[]
}

/** Runs a tool in a folder of recipes. */
function run(folder: string, ...args: readonly string[]): Promise<Report> {
  // It must not take itself for a worker of the runner that runs this.
  const own = /^(VITEST|TEST$|NODE_ENV$|DEV$|PROD$|MODE$|SSR$|BASE_URL$)/
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !own.test(name)))
  return new Promise((resolve, reject) => {
    execFile(process.execPath, args, { cwd: here(folder), env }, (_error, stdout, stderr) => {
      try {
        resolve(JSON.parse(stdout))
      } catch {
        reject(new Error(`${stdout}\n${stderr}`))
      }
    })
  })
}

describe.skipIf(!isInstalled)('the recipes pass', () => {
  // A copy, not a link: what it imports has to be found as in a user's project, above all the same React.
  beforeAll(() => {
    const copy = here('node_modules/holdfast')
    rmSync(copy, { recursive: true, force: true })
    for (const each of ['dist', 'package.json'])
      cpSync(here(`../../${each}`), `${copy}/${each}`, { recursive: true })
  })

  test.each([
    ['jest', ['--experimental-vm-modules', here('node_modules/jest/bin/jest.js'), '--rootDir=.', '--json']],
    ['vitest', [here('node_modules/vitest/vitest.mjs'), 'run', '--reporter=json']],
  ])(
    'in %s',
    async (folder, args) => {
      const report = await run(folder, ...args)
      const failures = report.testResults.flatMap(({ message, assertionResults }) => [
        ...(message ? [message] : []),
        ...assertionResults.flatMap(({ failureMessages = [] }) => failureMessages),
      ])
      expect(failures).toEqual([])
      expect(report.success).toBe(true)
      expect(report.numPassedTests).toBeGreaterThan(1)
      const recipes = readdirSync(here(folder)).filter((name) => name.includes('.test.'))
      expect(report.testResults.map(({ name }) => name.split('/').at(-1)).sort()).toEqual(recipes.sort())
    },
    // Two runners that start anew, on a machine that is busy with this one.
    120_000,
  )
})
