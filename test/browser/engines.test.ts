/** The engines themselves: who is missing, and that each leaves nothing behind, however a run ends. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { buildSync } from 'esbuild'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { engines, missing } from './engines.ts'
import { installed, missing as told } from './installed.mjs'

// Once in a run, not once in each file.
for (const line of missing) console.warn(line)

test('an engine that is missing is told in one line, with what brings it', () => {
  expect(installed(undefined, '/nowhere/chromium')).toBeUndefined()
  expect(installed('/nowhere/chromium', process.execPath)).toBe(process.execPath)
  const line = told('WebKitGTK', 'webkit2gtk-driver xvfb', 'WEBKIT_DRIVER')
  expect(line).toMatch(/^No WebKitGTK found.*webkit2gtk-driver xvfb.*WEBKIT_DRIVER[^\n]*$/)
})

// Whoever is started inherits the environment: by it the whole family is found.
const MARK = 'HOLDFAST_TEST_MARK'

async function family(mark: string): Promise<string[]> {
  const found: string[] = []
  for (const pid of await readdir('/proc')) {
    if (!/^\d+$/.test(pid) || Number(pid) === process.pid) continue
    // Gone in the meantime, or nobody's business.
    const environment = await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '')
    if (environment.includes(`${MARK}=${mark}\0`)) found.push(pid)
  }
  return found
}

/** A run that has a home and somebody in it. Built by a tool that stays, so before anything is marked. */
const lodger = String(
  buildSync({
    stdin: {
      contents: `
        import { spawn } from 'node:child_process'
        import { Home } from './home.ts'
        const home = await Home.build('killed')
        home.shelter(spawn('sleep', ['600'], { detached: true, stdio: 'ignore', env: home.env }))
        console.log('ready')
        setInterval(() => {}, 1_000)`,
      resolveDir: fileURLToPath(new URL('.', import.meta.url)),
    },
    ...({ bundle: true, platform: 'node', format: 'esm', write: false } as const),
  }).outputFiles[0]?.text,
)

describe.skipIf(!existsSync('/proc/self/environ'))('what is left of an engine', () => {
  const before = process.env.TMPDIR
  let temporary: string
  let mark: string

  beforeEach(async () => {
    temporary = await mkdtemp(join(tmpdir(), 'holdfast-left-'))
    mark = temporary
    Object.assign(process.env, { [MARK]: mark, TMPDIR: temporary })
  })
  afterEach(async () => {
    if (before === undefined) delete process.env.TMPDIR
    else process.env.TMPDIR = before
    delete process.env[MARK]
    await rm(temporary, { recursive: true, force: true })
  })

  async function expectNothingLeft(): Promise<void> {
    await expect.poll(() => family(mark), { timeout: 10_000 }).toEqual([])
    await expect.poll(() => readdir(temporary), { timeout: 10_000 }).toEqual([])
  }

  test.each(engines)(
    '$name leaves no process and no file when it is closed',
    async (engine) => {
      const driver = await engine.launch()
      await driver.goto('data:text/html,<title>here</title>')
      expect(await driver.evaluate('Promise.resolve(document.title)')).toBe('here')
      await expect(driver.evaluate("Promise.reject(new TypeError('mine'))")).rejects.toThrow('mine')
      expect((await family(mark)).length).toBeGreaterThan(0)
      expect(await readdir(temporary)).not.toEqual([])
      await driver.close()
      await expectNothingLeft()
    },
    60_000,
  )

  test('nothing is left when the test run is killed, either', async () => {
    // In a process of its own, that can be killed.
    const run = spawn(process.execPath, ['--input-type=module', '--eval', lodger])
    await once(run.stdout as Readable, 'data')
    expect((await family(mark)).length).toBeGreaterThan(1)
    expect(await readdir(temporary)).toEqual([expect.stringContaining('holdfast-killed-')])
    run.kill('SIGKILL')
    await expectNothingLeft()
  })
})
