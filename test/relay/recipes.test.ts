/** The recipes for servers: each is started as it is, and does what a relay does. */
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'esbuild'
import { afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { following } from '../support/follower.ts'
import { type Model, startModel } from '../support/model.ts'
import { answerIn, closing } from '../support/relay.ts'

const RECIPES = new URL('../../demo/relay/recipes/', import.meta.url)
const runtime = (path: string) => fileURLToPath(new URL(`../runtimes/${path}`, import.meta.url))
const hasRuntimes = existsSync(runtime('node_modules'))
if (!hasRuntimes) {
  const how = 'Deno, Bun and workerd are missing: npm ci --prefix test/runtimes'
  if (process.env.CI) throw new Error(how)
  console.warn(`${how} (their recipes are not tested)`)
}

/** A recipe that runs. */
interface Running {
  readonly fetch: (path: string, init?: RequestInit) => Promise<Response>
  /** Its process, if it has one of its own. */
  readonly child?: ChildProcess
}
type Start = (model: Model) => Promise<Running>

const at = (origin: string) => (path: string, init?: RequestInit) => fetch(origin + path, init)

/** In a process of its own, that says where it listens. */
const inProcess =
  (...command: [string, ...string[]]): Start =>
  async (model) => {
    const [program, ...args] = command
    const { PATH, HOME } = process.env
    const env = {
      ...{ PATH, HOME, DENO_NO_UPDATE_CHECK: '1', PORT: '0' },
      ...{ UPSTREAM_URL: model.baseUrl, UPSTREAM_KEY: 'k' },
    }
    const child = closing(spawn(program, args, { cwd: fileURLToPath(RECIPES), env }), (each) =>
      each.kill('SIGKILL'),
    )
    let printed = ''
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (text) => {
        printed += text
      })
    await expect.poll(() => printed, { timeout: 30_000 }).toMatch(/Listening on.*:\d+.*\n/)
    return { fetch: at(`http://localhost:${/:(\d+)/.exec(printed)?.[1]}`), child }
  }

/** In workerd, bundled as `wrangler` would. */
const inWorkerd =
  (file: string, more: object): Start =>
  async (model) => {
    const { outputFiles } = await build({
      ...{ entryPoints: [fileURLToPath(new URL(file, RECIPES))], bundle: true, write: false, format: 'esm' },
      external: ['cloudflare:workers'],
    })
    const path = createRequire(runtime('package.json')).resolve('miniflare')
    const { Miniflare } = await import(/* @vite-ignore */ pathToFileURL(path).href)
    const worker = new Miniflare({
      ...{ host: '127.0.0.1', port: 0, cf: false, compatibilityDate: '2026-04-01' },
      compatibilityFlags: ['nodejs_compat'],
      modules: [{ type: 'ESModule', path: 'main.js', contents: outputFiles[0]?.text }],
      bindings: { UPSTREAM_URL: model.baseUrl, UPSTREAM_KEY: 'k' },
      ...more,
    })
    closing(worker, (each: { dispose(): Promise<void> }) => each.dispose())
    const { origin } = await worker.ready
    return { fetch: at(origin) }
  }

/** As Next.js calls it: a function for each method. */
const inNext: Start = async (model) => {
  vi.stubEnv('UPSTREAM_URL', model.baseUrl)
  vi.stubEnv('UPSTREAM_KEY', 'k')
  vi.resetModules()
  const route = await import(/* @vite-ignore */ new URL('next/route.ts', RECIPES).href)
  return {
    async fetch(path, init = {}) {
      const handle = route[init.method ?? 'GET']
      if (!/^\/api\/chat(\/|$)/.test(path) || !handle) return new Response(null, { status: 404 })
      const id = path.split('/').slice(3)
      return handle(new Request(`http://next${path}`, init), { params: Promise.resolve({ id }) })
    },
  }
}

const node = process.execPath
const bun = runtime('node_modules/@oven/bun-linux-x64/bin/bun')
const deno = runtime('node_modules/@deno/linux-x64-glibc/deno')
const denoArgs = ['run', '--no-prompt', '--allow-net', '--allow-env', 'deno.mjs']

const recipes: readonly { readonly file: string; readonly start: Start; readonly isThere?: boolean }[] = [
  { file: 'node-srvx.mjs', start: inProcess(node, 'node-srvx.mjs') },
  { file: 'node-hono.mjs', start: inProcess(node, 'node-hono.mjs') },
  { file: 'express.mjs', start: inProcess(node, 'express.mjs') },
  { file: 'next/route.ts', start: inNext },
  { file: 'bun.mjs', start: inProcess(bun, 'bun.mjs'), isThere: hasRuntimes },
  { file: 'deno.mjs', start: inProcess(deno, ...denoArgs), isThere: hasRuntimes },
  {
    file: 'worker.mjs',
    start: inWorkerd('worker.mjs', { durableObjects: { ANSWERS: 'Answers' } }),
    isThere: hasRuntimes,
  },
]

beforeAll(() => {
  if (!existsSync(new URL('../../dist/relay.js', import.meta.url)))
    throw new Error('The recipes import what is built: npm run build')
})
afterEach(() => {
  vi.unstubAllEnvs()
})

describe.each(recipes.filter(({ isThere = true }) => isThere))('$file', ({ file, start }) => {
  const body = JSON.stringify({ messages: [{ role: 'user', content: 'Hi' }] })
  const ask = ({ fetch }: Running) => fetch('/api/chat', { method: 'POST', body })
  const addressOf = (asked: Response) => asked.headers.get('content-location') ?? ''

  test('gives an answer event by event, keeps it at its address, and stops it there', async () => {
    const model = closing(await startModel(), (each) => each.close())
    const running = await start(model)
    const asked = await ask(running)
    expect(asked.headers.get('content-type')).toBe('text/event-stream; charset=utf-8')
    const reader = following('http://unused', asked)
    const turn = await model.turn(0)
    expect(turn.body).toMatchObject({ model: 'gpt-4.1', messages: [{ content: 'Hi' }], stream: true })
    expect(turn.request.headers.authorization).toBe('Bearer k')
    turn.say('Hel')
    await expect.poll(reader.said).toBe('Hel')
    const address = addressOf(asked)
    expect(address).toMatch(/^\/api\/chat\/a\w{22}$/)
    const second = following('http://unused', await running.fetch(address))
    await expect.poll(second.said).toBe('Hel')
    turn.say('lo').finish()
    for (const each of [reader, second])
      expect(answerIn(await each.over)).toEqual({ text: 'Hello', end: 'done', state: 'done' })
    const state = await running.fetch(address, { method: 'HEAD' })
    expect([state.status, state.headers.get('holdfast-state')]).toEqual([200, 'done'])
    const late = await running.fetch(address, { headers: { 'last-event-id': '1' } })
    expect(answerIn(await late.text())).toEqual({ text: 'lo', end: 'done', state: 'done' })

    const other = await ask(running)
    const otherTurn = (await model.turn(1)).say('a')
    expect((await running.fetch(addressOf(other), { method: 'DELETE' })).status).toBe(204)
    await otherTurn.closed
    expect(answerIn(await other.text()).state).toBe('stopped')
  }, 60_000)

  // The others have no process of their own to end.
  test.runIf(/^(node|express|bun|deno)\b/.test(file))(
    'ends by SIGTERM when the answer that it is giving is whole',
    async () => {
      let turns = 0
      // What is asked before it has heard of its end is answered at once.
      const model = closing(await startModel((turn) => turns++ && turn.say('a').finish()), (each) =>
        each.close(),
      )
      const running = await start(model)
      expect((await running.fetch('/elsewhere')).status).toBe(404)
      const reader = following('http://unused', await ask(running))
      const turn = (await model.turn(0)).say('Hel')
      await expect.poll(reader.said).toBe('Hel')
      const ended = new Promise((resolve) => running.child?.on('exit', resolve))
      running.child?.kill('SIGTERM')
      const refused = async () => (await ask(running)).status
      await expect.poll(refused).toBe(503)
      turn.say('lo').finish()
      expect(answerIn(await reader.over)).toEqual({ text: 'Hello', end: 'done', state: 'done' })
      expect(await ended).toBe(0)
    },
    60_000,
  )
})

test('all make their relay by the same lines', () => {
  const relayIn = (file: string) =>
    /^const relay = createRelay[\s\S]*?\n\}\)$/m.exec(readFileSync(new URL(file, RECIPES), 'utf8'))?.[0]
  const files = recipes.map(({ file }) => file).filter((file) => file !== 'worker.mjs')
  expect(new Set(files.map(relayIn)).size).toBe(1)
  expect(relayIn('node-srvx.mjs')?.split('\n').length).toBeLessThanOrEqual(10)
})

test('all are in the guide', () => {
  const guide = readFileSync(new URL('../README.md', RECIPES), 'utf8')
  for (const file of readdirSync(RECIPES)) expect(guide).toContain(`recipes/${file}`)
})
