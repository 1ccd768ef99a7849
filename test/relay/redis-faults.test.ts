/** What befalls a Redis, and those who read there what another process gives. */
import { type AddressInfo, connect, createServer } from 'node:net'
import { createClient } from 'redis'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { redisStore } from '../../src/relay/redis/index.ts'
import type { Store } from '../../src/relay/store.ts'
import { hasRedis, startRedis, type TestRedis } from '../support/redis.ts'
import { closing } from '../support/relay.ts'

function storeIn(url: string, leaseMs = 200): Store {
  const store = redisStore({ url })
  store.start({ keepMs: 60_000, leaseMs, onStop() {}, onWarning() {} })
  return store
}

async function tell({ url }: TestRedis, ...command: string[]): Promise<void> {
  const client = await createClient({ url }).connect()
  await client.sendCommand(command)
  client.destroy()
}

describe.skipIf(!hasRedis)('a reader in another process', () => {
  let redis: TestRedis
  beforeAll(async () => {
    redis = await startRedis()
  })
  afterAll(() => redis.remove())

  test.each([
    ['was forgotten', 60_000, (id: string, reader: Store) => reader.forget(id)],
    ['was forgotten, and its process is gone', 100, (id: string, reader: Store) => reader.forget(id)],
    ['is gone with all of Redis, and its process', 100, () => tell(redis, 'FLUSHALL')],
  ])('is let go when the log %s', async (_what, leaseMs, act) => {
    const writer = storeIn(redis.url, leaseMs)
    const reader = closing(storeIn(redis.url), (each) => each.close?.())
    await writer.open({ id: 'a1', owner: '' })
    await writer.append('a1', 1, ['data: a\n\n'])
    const pages = reader.read('a1', new AbortController().signal)[Symbol.asyncIterator]()
    expect((await pages.next()).value).toEqual({ first: 1, frames: ['data: a\n\n'] })
    const more = pages.next()
    await writer.close?.()
    await act('a1', reader)
    expect(await more).toEqual({ done: true, value: undefined })
  })
})

test.skipIf(!hasRedis)('what has become a replica is left for what is the primary now', async () => {
  const [was, is] = [await startRedis(), await startRedis()]
  for (const each of [was, is]) closing(each, (one) => one.remove())
  let { port } = was
  const door = createServer((inward) => {
    const outward = connect(port, '127.0.0.1')
    inward.pipe(outward).pipe(inward)
    for (const [one, other] of [
      [inward, outward],
      [outward, inward],
    ] as const)
      one.on('error', () => {}).on('close', () => other.destroy())
  })
  await new Promise<void>((resolve) => door.listen(0, '127.0.0.1', resolve))
  closing(door, (each) => each.close())
  const url = `redis://127.0.0.1:${(door.address() as AddressInfo).port}`
  const store = closing(storeIn(url), (each) => each.close?.())
  await store.open({ id: 'a1', owner: '' })
  port = is.port
  await tell(was, 'REPLICAOF', '127.0.0.1', '1')
  // The other one has nothing of it, and says so.
  await expect.poll(() => store.append('a1', 1, ['data: a\n\n']).catch(String)).toBe(0)
})
