import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { afterEach, expect, test } from 'vitest'
import { startServer } from '../../demo/server/server.mjs'
import { answerTo } from './ask.ts'

const running: ChildProcess[] = []
afterEach(() => {
  for (const child of running.splice(0)) child.kill('SIGKILL')
})

async function start() {
  const env = { ...process.env, PORT: '0', DEMO_PACE: '0' }
  const child = spawn(process.execPath, ['demo/server/supervisor.mjs'], { env })
  running.push(child)
  let output = ''
  child.stdout.on('data', (text) => (output += text))
  await expect.poll(() => output, { timeout: 15_000 }).toMatch(/\n.*\n/)
  const url = /http:\/\/localhost:\d+/.exec(output)?.[0] ?? ''
  return { child, url, output: () => output }
}

test('a server that the page kills is there again, at the same address, and says nothing twice', async () => {
  const { child, url, output } = await start()
  expect(await (await fetch(`${url}/about.json`)).json()).toEqual({ store: 'memory', isSupervised: true })
  expect((await fetch(`${url}/process/kill`, { method: 'POST' })).status).toBe(200)
  const isBack = () => fetch(`${url}/about.json`, { headers: { connection: 'close' } }).then(({ ok }) => ok)
  await expect.poll(() => isBack().catch(() => false), { timeout: 15_000 }).toBe(true)
  expect((await answerTo({ url })).text.length).toBeGreaterThan(100)
  expect(output().match(/Holdfast demo/g)).toHaveLength(1)
  child.kill('SIGTERM')
  expect(await once(child, 'close')).toEqual([0, null])
})

test('only the page itself may kill it, and only where something starts it again', async () => {
  const { url } = await start()
  const headers = { 'sec-fetch-site': 'cross-site' }
  expect((await fetch(`${url}/process/kill`, { method: 'POST', headers })).status).toBe(403)
  expect((await fetch(`${url}/process/kill`)).status).toBe(405)
  const alone = await startServer({ port: 0, pace: 0 })
  expect((await fetch(`${alone.url}/process/kill`, { method: 'POST' })).status).toBe(404)
  await alone.close()
})
