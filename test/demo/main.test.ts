import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { ask, readUntil, understand } from './ask.ts'

const running: ChildProcess[] = []
afterEach(() => {
  for (const child of running.splice(0)) child.kill('SIGKILL')
})

function start(env: Record<string, string>) {
  const child = spawn(process.execPath, ['demo/server/main.mjs'], {
    env: env,
  })
  let output = ''
  let errors = ''
  child.stdout.on('data', (text) => (output += text))
  child.stderr.on('data', (text) => (errors += text))
  const ended = once(child, 'close').then(([code]) => ({ code, output, errors }))
  const listening = async () => {
    await expect.poll(() => output, { timeout: 5000, interval: 5 }).toMatch(/\n.*\n/)
    return { output, url: /^Holdfast demo: (http:\/\/localhost:\d+)$/m.exec(output)?.[1] ?? '' }
  }
  running.push(child)
  return { child, ended, listening }
}

test.each(['SIGINT', 'SIGTERM'] as const)(
  'says where it listens and who answers, and %s ends it mid-answer',
  async (signal) => {
    const { child, ended, listening } = start({ PORT: '0', DEMO_PACE: '0' })
    const { output, url } = await listening()
    expect(output).toMatch(/^Holdfast demo: .*\nThe answers come from the simulated model.*\n$/)
    const { reader } = await readUntil(await ask({ url, fault: 'stall' }), (so) => so.includes('"role"'))
    child.kill(signal)
    expect(await ended).toMatchObject({ code: 0, errors: '' })
    await reader.cancel().catch(() => {})
  },
)

test('SIGTERM lets an answer come to its end, and takes no new ones', async () => {
  const { child, ended, listening } = start({ PORT: '0', DEMO_PACE: '0.2' })
  const { url } = await listening()
  const response = await ask({ url })
  const { text, reader } = await readUntil(response, (so) => so.includes('"role"'))
  child.kill('SIGTERM')
  reader.releaseLock()
  await expect.poll(async () => (await ask({ url })).status).toBe(503)
  const all = understand(text + (await readUntil(response)).text)
  expect(all.done).toBe(true)
  expect(await ended).toMatchObject({ code: 0, errors: '' })
})

test('says which provider answers, without the key', async () => {
  const env = {
    PORT: '0',
    UPSTREAM_URL: 'https://llm.example/v1',
    UPSTREAM_KEY: 'sk-secret',
    UPSTREAM_MODEL: 'm-1',
  }
  const { output } = await start(env).listening()
  expect(output).toContain('The answers come from llm.example (m-1).')
  expect(output).not.toContain('sk-secret')
})

test.each([
  [{ PORT: 'http' }, 'PORT must be a whole number from 0 to 65535, not "http".'],
  [{ PORT: '70000' }, 'PORT must be a whole number from 0 to 65535, not "70000".'],
  [{ PORT: '0', DEMO_PACE: '-1' }, 'DEMO_PACE must be a number from 0 upwards'],
  [{ PORT: '0', HOST: '192.0.2.1' }, 'HOST "192.0.2.1" is not an address of this machine.'],
  [{ PORT: '0', UPSTREAM_URL: 'nowhere' }, 'UPSTREAM_URL must be an http or https address'],
  [{ PORT: '0', REDIS_URL: 'localhost' }, 'REDIS_URL must begin with redis:// or rediss://.'],
])('%j is one sentence and exit code 1', async (env, sentence) => {
  const { code, output, errors } = await start(env).ended
  expect({ code, output }).toEqual({ code: 1, output: '' })
  expect(errors).toContain(sentence)
  expect(errors.trim().split('\n').length).toBe(1)
})

test('a port that is taken is one sentence and exit code 1', async () => {
  const other = createServer().listen(0, '127.0.0.1')
  await once(other, 'listening')
  const { port } = other.address() as AddressInfo
  const { code, errors } = await start({ PORT: String(port) }).ended
  other.close()
  expect([code, errors.trim()]).toEqual([
    1,
    `Port ${port} is already in use; choose another with PORT, or PORT=0 for any free one.`,
  ])
})
