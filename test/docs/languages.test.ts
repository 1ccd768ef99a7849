/** Code of the documentation in other languages: run where there is what runs it, at least read where it can be read. */
import { execFile, execFileSync, spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, onTestFinished, test } from 'vitest'
import { stream } from '../../src/index.ts'
import { whole } from '../support/chat.ts'
import { pages, type Snippet } from '../support/markdown.ts'
import { useServer } from '../support/use-server.ts'

const run = promisify(execFile)
const server = useServer()
const snippets = pages.flatMap((page) => page.snippets)

const succeeds = (command: string, ...args: string[]): boolean => {
  try {
    execFileSync(command, args, { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}
const python = ['python3', '/usr/bin/python3'].find((each) =>
  succeeds(each, '-c', 'import fastapi, httpx, uvicorn'),
)
const spring = ['spring3-core', 'spring3-web', 'spring3-web.servlet']
  .map((name) => `/usr/share/java/${name}.jar`)
  .join(':')
const django = succeeds('/usr/bin/python3', '-c', 'import django, gunicorn')
const hasPhp = succeeds('php', '-r', 'exit(extension_loaded("curl") ? 0 : 1);')
const hasGo = succeeds('go', 'version')
const hasSpring = succeeds('javac', '-version') && succeeds('test', '-e', spring.split(':')[2] ?? '')

const of = (...languages: string[]): [string, Snippet][] =>
  snippets
    .filter(({ language }) => languages.includes(language))
    .map((snippet) => [`${snippet.file}:${snippet.line}`, snippet])
const each = (language: string) => test.each(of(language))

describe('a shell reads', () => {
  test.each(of('sh', 'bash'))('%s', async (_name, { code }) => {
    await run('bash', ['-n', '-c', code])
  })
})

describe.skipIf(of('json').length === 0)('JSON is', () => {
  test.each(of('json'))('%s', (_name, { code }) => {
    JSON.parse(code)
  })
})

describe('Python', () => {
  each('python')('reads %s', async (_name, { code }) => {
    await run('python3', ['-c', 'import ast, sys; ast.parse(sys.argv[1])', code])
  })

  const forms = of('python')
  test.skipIf(!python).each(forms.filter(([, { words }]) => !words.includes('wsgi')))(
    'serves %s (FastAPI)',
    { timeout: 60_000 },
    async (_name, { code }) => {
      const folder = await folderWith('main.py', code)
      const port = await freePort()
      start(
        python ?? '',
        ['-m', 'uvicorn', 'main:app', '--port', String(port), '--log-level', 'error'],
        folder,
        port,
      )
      expect(await answerOf(port)).toBe('Hello')
    },
  )
})

describe('WSGI', () => {
  const forms = of('python').filter(([, { words }]) => words.includes('wsgi'))
  test.skipIf(!django).each(forms)('serves %s (Django)', { timeout: 60_000 }, async (_name, { code }) => {
    const folder = await folderWith('main.py', code)
    const port = await freePort()
    const args = ['-m', 'gunicorn', '-k', 'gthread', '--threads', '4', '-b', `127.0.0.1:${port}`, 'main:app']
    start('/usr/bin/python3', args, folder, port)
    expect(await answerOf(port)).toBe('Hello')
    await expect(brokenAt(port)).rejects.toMatchObject({ code: 'api', answer: { text: 'Hel' } })
  })
})

describe('PHP', () => {
  test.skipIf(!hasPhp).each(of('php'))('serves %s', { timeout: 60_000 }, async (_name, { code }) => {
    const folder = await folderWith('chat.php', code)
    const port = await freePort()
    start('php', ['-S', `127.0.0.1:${port}`, 'chat.php'], folder, port)
    expect(await answerOf(port)).toBe('Hello')
    await expect(brokenAt(port)).rejects.toMatchObject({ code: 'api', answer: { text: 'Hel' } })
  })
})

describe('Go', () => {
  test.skipIf(!hasGo).each(of('go'))('serves %s', { timeout: 180_000 }, async (_name, { code }) => {
    const folder = await folderWith('main.go', code)
    await run('go', ['build', '-o', 'server', 'main.go'], {
      cwd: folder,
      env: { ...process.env, GO111MODULE: 'off' },
    })
    const port = await freePort()
    start(join(folder, 'server'), [], folder, port)
    expect(await answerOf(port)).toBe('Hello')
    // What breaks at the provider breaks here, too: a polite end would be a lie.
    await expect(brokenAt(port)).rejects.toMatchObject({ code: 'network', answer: { text: 'Hel' } })
  })
})

describe('Java', () => {
  test.skipIf(!hasSpring).each(of('java'))(
    'compiles %s (Spring)',
    { timeout: 60_000 },
    async (_name, { code }) => {
      const folder = await folderWith('ChatController.java', code)
      await run('javac', ['-cp', spring, '-d', folder, join(folder, 'ChatController.java')])
    },
  )
})

test('every language is one that is tried', () => {
  const known = [
    'js',
    'ts',
    'jsx',
    'tsx',
    'html',
    'vue',
    'svelte',
    'sh',
    'bash',
    'json',
    'python',
    'go',
    'php',
    'java',
  ]
  // Of a server's configuration there are whole files in demo/relay, which are run.
  const others = snippets.filter(({ language }) => !known.includes(language))
  expect(others.map(({ file, line, language }) => `${file}:${line} ${language}`)).toEqual([])
})

async function folderWith(name: string, code: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-docs-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  await writeFile(join(folder, name), code)
  return folder
}

function start(command: string, args: string[], cwd: string, port: number): void {
  const env = {
    ...process.env,
    PORT: String(port),
    UPSTREAM_URL: new URL('/v1', server.url).href,
    UPSTREAM_KEY: 'sk-test',
  }
  const child = spawn(command, args, { cwd, env, stdio: 'ignore' })
  onTestFinished(() => void child.kill('SIGKILL'))
}

/** Until it listens a connection is refused, and a refused connection is tried again. */
async function answerOf(port: number): Promise<string> {
  server.play(whole('Hel', 'lo'))
  const retry = { limit: 400, baseMs: 50, factor: 1, jitter: 'none', budget: false } as const
  const json = { stream: true, messages: [{ role: 'user', content: 'Hi' }] }
  const text = await stream(`http://127.0.0.1:${port}/api/chat`, { json, retry }).text()
  expect(server.requests[0]?.headers.authorization).toBe('Bearer sk-test')
  return text
}

/** What is made of a provider's connection that is reset in mid-answer. */
function brokenAt(port: number): Promise<unknown> {
  server.play({ steps: [...(whole('Hel').steps ?? []).slice(0, 2), 'RST'] })
  return stream(`http://127.0.0.1:${port}/api/chat`, { json: { messages: [] }, retry: false }).answer()
}

async function freePort(): Promise<number> {
  const probe = createServer()
  await new Promise<void>((listening) => probe.listen(0, '127.0.0.1', listening))
  const { port } = probe.address() as AddressInfo
  await new Promise((closed) => probe.close(closed))
  return port
}
