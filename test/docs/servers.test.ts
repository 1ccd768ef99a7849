/** The guide's servers for Node, each as its page says it is saved: the page and its file come, an answer too, and it ends. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { stream } from '../../src/index.ts'
import { whole } from '../support/chat.ts'
import { freePort } from '../support/free-port.ts'
import { pageOf } from '../support/markdown.ts'
import { useServer } from '../support/use-server.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const PAGE = '<p id="answer"></p>'
const server = useServer()

const guides = ['docs/guide', 'docs/zh-CN/guide'].flatMap((folder) => [
  { file: `${folder}/server-express.md`, names: ['server.mjs'], drains: true },
  { file: `${folder}/server-hono.md`, names: ['app.mjs', 'server.mjs'], drains: false },
])

test.each(guides)('$file', async ({ file, names, drains }) => {
  const code = pageOf(file).snippets.filter(({ language }) => language === 'js')
  expect(code).toHaveLength(names.length)
  const folder = await folderWith(Object.fromEntries(names.map((name, at) => [name, code[at]?.code ?? ''])))
  const port = await freePort()
  const env = { ...process.env, PORT: String(port), UPSTREAM_URL: new URL('/v1', server.url).href }
  const child = spawn(process.execPath, ['server.mjs'], { cwd: folder, env, stdio: 'pipe' })
  onTestFinished(() => void child.kill('SIGKILL'))
  const [said] = await once(child.stdout, 'data')
  expect(String(said).trim()).toBe(`http://localhost:${port}`)

  const at = `http://127.0.0.1:${port}`
  server.play(whole('Hel', 'lo'))
  expect(await stream(`${at}/api/chat`, { json: { messages: [] } }).text()).toBe('Hello')
  expect(await (await fetch(at)).text()).toBe(PAGE)
  expect((await fetch(`${at}/holdfast.js`)).headers.get('content-type')).toMatch(/^text\/javascript/)
  const ended = once(child, 'exit')
  child.kill('SIGTERM')
  expect(await ended).toEqual(drains ? [0, null] : [null, 'SIGTERM'])
})

/** As `npm install` and the page's own words would have made it. */
async function folderWith(files: Readonly<Record<string, string>>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-servers-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text)
  await mkdir(join(folder, 'public'))
  await writeFile(join(folder, 'public/index.html'), PAGE)
  await mkdir(join(folder, 'node_modules/@hono'), { recursive: true })
  await symlink(ROOT, join(folder, 'node_modules/holdfast'))
  for (const name of ['express', 'srvx', 'hono', '@hono/node-server'])
    await symlink(join(ROOT, 'node_modules', name), join(folder, 'node_modules', name))
  return folder
}
