/** The README's exercise: two demos that share a Redis. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { hasRedis, startRedis, type TestRedis } from '../support/redis.ts'
import { ask, askModel, readUntil, understand } from './ask.ts'

async function start(redisUrl: string) {
  const env = { PATH: process.env.PATH, PORT: '0', DEMO_PACE: '0.5', REDIS_URL: redisUrl }
  const child = spawn(process.execPath, ['demo/server/main.mjs'], { env })
  const output = await new Promise<string>((resolve, reject) => {
    let text = ''
    child.stdout.on('data', (bytes) => {
      text += bytes
      if (text.includes('kept in Redis')) resolve(text)
    })
    child.once('exit', () => reject(new Error(`The demo has ended: ${text}`)))
  })
  return { child, url: /^Holdfast demo: (\S+)$/m.exec(output)?.[1] ?? '' }
}

describe.runIf(hasRedis)('two demos that share a Redis', () => {
  let redis: TestRedis | undefined
  let one: { readonly child: ChildProcess; readonly url: string }
  let other: typeof one
  beforeAll(async () => {
    redis = await startRedis()
    one = await start(redis.url)
    other = await start(redis.url)
  }, 30_000)
  afterAll(async () => {
    for (const demo of [one, other]) demo?.child.kill('SIGKILL')
    await redis?.remove()
  })

  const path = (response: Response) => response.headers.get('content-location') ?? ''

  test('an answer that one gives is read at the other, from its start to its end', async () => {
    const whole = understand(await (await askModel({ url: one.url })).text()).text
    const response = await ask({ url: one.url, fault: 'cut' })
    await readUntil(response)
    const { text, done } = understand(await (await fetch(other.url + path(response))).text())
    expect([text, done]).toEqual([whole, true])
  }, 20_000)

  test('Stop at the other stops it', async () => {
    const response = await ask({ url: one.url })
    const { reader } = await readUntil(response, (so) => so.includes('"content"'))
    expect((await fetch(other.url + path(response), { method: 'DELETE' })).status).toBe(204)
    reader.releaseLock()
    expect((await readUntil(response)).text).toContain('"code":"stopped"')
  }, 20_000)

  test('a process that is killed leaves nobody waiting: the other says that the answer is lost', async () => {
    const { headers } = await ask({ url: one.url })
    const read = await fetch(other.url + headers.get('content-location'))
    const { text: begun, reader } = await readUntil(read, (so) => so.split('"content"').length > 10)
    reader.releaseLock()
    one.child.kill('SIGKILL')
    await once(one.child, 'exit')
    const { text: rest, end } = await readUntil(read)
    const text = begun + rest
    expect([end, text.includes('"code":"lost"')]).toEqual(['clean', true])
    expect(understand(text).text.length).toBeGreaterThan(20)
  }, 30_000)
})
