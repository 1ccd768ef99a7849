/** Both stores keep what a store promises. */
import { createClient, createCluster, RESP_TYPES } from 'redis'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { memoryStore, StoreFullError } from '../../src/relay/index.ts'
import { redisStore } from '../../src/relay/redis/index.ts'
import type { Store } from '../../src/relay/store.ts'
import { storeConformance } from '../../src/testing/index.ts'
import { hasRedis, startRedis, type TestRedis } from '../support/redis.ts'

describe('memoryStore', () => {
  for (const { name, run } of storeConformance(() => memoryStore())) test(name, run)

  test('makes room by dropping what has ended, the oldest first', async () => {
    const store = started(memoryStore({ maxAnswers: 2 }))
    for (const id of ['a1', 'a2']) {
      await store.open({ id, owner: '' })
      await store.end(id, 'done', 1, ['data: x\n\n'])
    }
    await store.open({ id: 'a3', owner: '' })
    expect([await store.look('a1'), (await store.look('a2'))?.state]).toEqual([undefined, 'done'])
  })

  test('is full of what is running', async () => {
    const store = started(memoryStore({ maxBytes: 10 }))
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
    [{ url: 'redis://:s3cret@host:99999' }, 'redisStore.url is no address'],
    [{ url: 'rediss://u:s3cret@host/first' }, 'redisStore.url is no address'],
    [{ url: 'redis://u:100%@host' }, 'redisStore.url is no address'],
    [{ client: createCluster({ rootNodes: [] }) }, 'redisStore.client must be a client of node-redis'],
  ])('refuses %j', (options, message) => {
    expect(() => redisStore(options as object)).toThrow(message)
  })

  test.each([
    ['by its URL', () => createClient({ url: redis.url })],
    ['by its socket', () => createClient({ socket: { host: '127.0.0.1', port: redis.port } })],
    ['and caches', () => createClient({ url: redis.url, clientSideCache: { maxEntries: 1 } })],
    [
      'and reads bytes',
      () =>
        createClient({
          url: redis.url,
          commandOptions: { typeMapping: { [RESP_TYPES.BLOB_STRING]: Buffer } },
        }),
    ],
    ['and is connected', async () => await createClient({ url: redis.url }).connect()],
    ['and is closed', async () => closed(await createClient({ url: redis.url }).connect())],
  ])('connects like a client that knows where %s', async (_how, makeClient) => {
    const client = await makeClient()
    const store = started(redisStore({ client }))
    const answer = { id: 'a1', owner: 'somebody' }
    await store.open(answer)
    expect(await store.look('a1')).toEqual({ owner: 'somebody', state: 'running' })
    await store.forget('a1')
    await store.close?.()
    if (client.isOpen) client.destroy()
  })

  test('may be one of several, each with a place of its own', async () => {
    const store = started(redisStore({ url: redis.url }))
    const others = ['rediss://:s3cret@127.0.0.1:1', 'redis://127.0.0.1:1'].map((url) => redisStore({ url }))
    expect(await store.open({ id: 'a2', owner: '' })).toEqual({ id: 'a2', digest: undefined })
    for (const each of [store, ...others]) await each.close?.()
  })
})

const closed = <T extends { destroy(): void }>(client: T): T => {
  client.destroy()
  return client
}

function started(store: Store): Store {
  store.start({ keepMs: 60_000, leaseMs: 5000, onStop() {}, onWarning() {} })
  return store
}
