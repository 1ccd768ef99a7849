/** What the README says is true, in both languages: its page and its server answer, its sizes are the build's. */
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { describe, expect, onTestFinished, test } from 'vitest'
import { withFigures } from '../scripts/figures.mjs'
import { stream } from '../src/index.ts'
import { whole } from './support/chat.ts'
import { pageOf } from './support/markdown.ts'
import { useServer } from './support/use-server.ts'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const server = useServer()

describe.each(['README.md', 'README.zh-CN.md'])('%s', (file) => {
  const { text, snippets } = pageOf(file)
  const lines = text.split('\n')

  test('is short, begins with code by line 6 and shows the whole of it by line 16', () => {
    expect(lines.length).toBeLessThan(200)
    expect(lines.indexOf('```js') + 1).toBeLessThanOrEqual(6)
    expect(lines.indexOf('```') + 1).toBeLessThanOrEqual(16)
  })

  test('has a page and a server in about 25 lines that answer', async () => {
    const [page, script] = ['page', 'process'].map((word) =>
      snippets.find(({ words }) => words.includes(word)),
    )
    expect(`${page?.code}${script?.code}`.trim().split('\n').length).toBeLessThanOrEqual(30)
    const folder = await folderWith({ 'index.html': page?.code ?? '', 'server.mjs': script?.code ?? '' })
    const port = await freePort()
    const env = {
      ...process.env,
      PORT: String(port),
      UPSTREAM_KEY: 'sk-test',
      UPSTREAM_URL: new URL('/v1', server.url).href,
    }
    const child = spawn(process.execPath, ['server.mjs'], { cwd: folder, env, stdio: 'ignore' })
    onTestFinished(() => void child.kill('SIGKILL'))
    server.play(whole('Hel', 'lo'))
    // Until it listens a connection is refused, and that is tried again.
    const retry = { limit: 400, baseMs: 50, factor: 1, jitter: 'none', budget: false } as const
    const at = `http://127.0.0.1:${port}`
    expect(await stream(`${at}/api/chat`, { json: { messages: [] }, retry }).text()).toBe('Hello')
    expect(server.requests[0]?.headers.authorization).toBe('Bearer sk-test')
    expect(await (await fetch(at)).text()).toBe(page?.code)
    expect(await (await fetch(`${at}/holdfast.js`)).text()).toBe(
      await readFile(join(ROOT, 'dist/holdfast.min.js'), 'utf8'),
    )
  })
})

describe.each(['README.md', 'README.zh-CN.md', 'docs/size.md'])('%s', (file) => {
  // zlib differs a little from one Node to the next.
  const numbersIn = (text: string) => [...text.matchAll(/([\d.]+) kB/g)].map(([, number]) => Number(number))

  test('has the sizes that are (npm run figures)', () => {
    const { text } = pageOf(file)
    const [shown, right] = [text, withFigures(text)].map(numbersIn)
    expect(shown?.length).toBe(right?.length)
    shown?.forEach((number, at) => {
      expect(Math.abs(number - (right?.[at] ?? 0)), `${number} kB is ${right?.[at]} kB`).toBeLessThanOrEqual(
        0.15,
      )
    })
  })
})

test('the self-contained file imports nothing', () => {
  const built = readFileSync(join(ROOT, 'dist/holdfast.min.js'), 'utf8')
  expect(ts.preProcessFile(built).importedFiles).toEqual([])
})

/** As `npm install holdfast srvx` would have made it. */
async function folderWith(files: Readonly<Record<string, string>>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-readme-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text)
  const modules = join(folder, 'node_modules')
  await mkdir(modules)
  await symlink(ROOT, join(modules, 'holdfast'))
  await symlink(join(ROOT, 'node_modules/srvx'), join(modules, 'srvx'))
  return folder
}

async function freePort(): Promise<number> {
  const probe = createServer()
  await new Promise<void>((listening) => probe.listen(0, '127.0.0.1', listening))
  const { port } = probe.address() as AddressInfo
  await new Promise((closed) => probe.close(closed))
  return port
}
