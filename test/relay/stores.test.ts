/** Both stores keep what a store promises. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { memoryStore, StoreFullError } from '../../src/relay/index.ts'
import { redisStore } from '../../src/relay/redis/index.ts'
import type { Store } from '../../src/relay/store.ts'
import { storeConformance } from '../../src/testing/index.ts'
import { hasRedis, startRedis, type TestRedis } from '../support/redis.ts'

describe('memoryStore', () => {
  for (const { name, run } of storeConformance(() => memoryStore())) test(name, run)

  const started = (options: Parameters<typeof memoryStore>[0]): Store => {
    const store = memoryStore(options)
    store.start({ keepMs: 60_000, leaseMs: 5000, onStop() {}, onWarning() {} })
    return store
  }

  test('makes room by dropping what has ended, the oldest first', async () => {
    const store = started({ maxAnswers: 2 })
    for (const id of ['a1', 'a2']) {
      await store.open({ id, owner: '' })
      await store.end(id, 'done', 1, ['data: x\n\n'])
    }
    await store.open({ id: 'a3', owner: '' })
    expect([await store.look('a1'), (await store.look('a2'))?.state]).toEqual([undefined, 'done'])
  })

  test('is full of what is running', async () => {
    const store = started({ maxBytes: 10 })
    await store.open({ id: 'a1', owner: '' })
    await store.append('a1', 1, ['data: 12345\n\n'])
    await expect(store.open({ id: 'a2', owner: '' })).rejects.toThrow(StoreFullError)
    await store.end('a1', 'done', 2, [])
    await store.open({ id: 'a2', owner: '' })
  })

  test.each([
    [{ maxBytes: -1 }, 'memoryStore.maxBytes must be a number from 0 to 2147483647; received -1'],
    [{ maxbytes: 1 }, 'memoryStore.maxbytes is not an option'],
  ])('refuses %j', (options, message) => {
    expect(() => memoryStore(options as object)).toThrow(message)
  })
})

describe.skipIf(!hasRedis)('redisStore', () => {
  let redis: TestRedis
  beforeAll(async () => {
    redis = await startRedis()
  })
  afterAll(() => redis.remove())

  for (const { name, run } of storeConformance(() => redisStore({ url: redis.url }))) test(name, run)

  test.each([
    [{}, 'redisStore.url must begin with redis:// or rediss://'],
    [{ url: 'http://user:secret@host' }, 'redisStore.url must begin with redis:// or rediss://'],
    [{ client: {} }, 'redisStore.client must be a client of node-redis; received an object (Object)'],
    [{ uri: 'redis://x' }, 'redisStore.uri is not an option'],
  ])('refuses %j', (options, message) => {
    expect(() => redisStore(options as object)).toThrow(message)
  })
})
