/** What befalls a Redis, and those who read there what another process gives. */
import { type AddressInfo, connect, createServer } from 'node:net'
import { createClient } from 'redis'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { redisStore } from '../../src/relay/redis/index.ts'
import type { Store } from '../../src/relay/store.ts'
import { hasRedis, startRedis, type TestRedis } from '../support/redis.ts'
import { answerIn, closing, startRelay } from '../support/relay.ts'

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
    ['has expired unseen', 60_000, () => tell(redis, 'DEL', 'holdfast:{a1}:log')],
    // All others would wait for ever with it, for they are read by one command.
    ['is none any more', 60_000, () => tell(redis, 'SET', 'holdfast:{a1}:log', 'of somebody else')],
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
  const [store, reader] = [storeIn(url), storeIn(url)]
  for (const each of [store, reader]) closing(each, (one) => one.close?.())
  await store.open({ id: 'a1', owner: '' })
  const pages = reader.read('a1', new AbortController().signal)[Symbol.asyncIterator]()
  await pages.next()
  const more = pages.next()
  port = is.port
  await tell(was, 'REPLICAOF', '127.0.0.1', '1')
  // The other one has nothing of it, and says so.
  await expect.poll(() => store.append('a1', 1, ['data: a\n\n']).catch(String)).toBe(0)
  await store.open({ id: 'a1', owner: '' })
  await store.append('a1', 1, ['data: a\n\n'])
  expect(await more).toMatchObject({ value: { frames: ['data: a\n\n'] } })
})

describe.skipIf(!hasRedis)('a log', () => {
  const ID = `a${'0'.repeat(22)}`
  const frame = (content: string) => `data: ${JSON.stringify({ choices: [{ delta: { content } }] })}\n\n`
  let redis: TestRedis
  beforeAll(async () => {
    redis = await startRedis()
  })
  afterAll(() => redis.remove())

  test.each([
    ['in what there is', 0],
    ['in what comes', 1],
  ])(
    'with a hole %s is no whole answer: what stands before is read, and that it is lost',
    async (_where, at) => {
      const writer = closing(storeIn(redis.url), (each) => each.close?.())
      const store = redisStore({ url: redis.url })
      const { url } = await startRelay({ store })
      await writer.forget(ID)
      await tell(redis, 'DEL', `holdfast:{${ID}}:forgotten`)
      await writer.open({ id: ID, owner: '' })
      await writer.append(ID, 1, [frame('one ')])
      const early = at > 0 ? await fetch(`${url}/${ID}`) : undefined
      // As a failover leaves it, of which the connection through a proxy knows nothing.
      await writer.append(ID, 4, [frame('four ')])
      await writer.end(ID, 'done', 5, ['data: [DONE]\n\n'])
      const response = early ?? (await fetch(`${url}/${ID}`))
      expect(answerIn(await response.text())).toEqual({ text: 'one ', end: 'lost', state: 'lost' })
    },
  )

  test('of a process that is gone is lost, though nobody reads it', async () => {
    const writer = storeIn(redis.url, 100)
    const store = closing(storeIn(redis.url), (each) => each.close?.())
    await writer.open({ id: 'a2', owner: '' })
    await writer.close?.()
    await expect.poll(() => store.look('a2')).toEqual({ owner: '', state: 'lost' })
  })
})

describe.skipIf(!hasRedis)('Redis comes back empty', () => {
  async function wordsIn(store: Store, id: string): Promise<number | undefined> {
    for await (const { frames } of store.read(id, new AbortController().signal)) return frames.length
    return undefined
  }

  test('while a model thinks: the answer is there again, and nobody is told that there is none', async () => {
    const redis = closing(await startRedis(), (each) => each.remove())
    const [one, other] = [redisStore({ url: redis.url }), redisStore({ url: redis.url })]
    const a = await startRelay({ store: one, leaseMs: 900, onWarning() {} })
    const b = await startRelay({ store: other, leaseMs: 900 })
    const asked = await a.ask()
    const turn = (await a.model.turn(0)).say('Hel')
    const address = b.url.replace('/answers', asked.headers.get('content-location') ?? '')
    await expect.poll(() => wordsIn(other, address.slice(-23))).toBe(1)
    await redis.stop()
    await redis.start()
    const statuses = new Set<number>()
    await expect
      .poll(
        async () => {
          const { status } = await fetch(address, { method: 'HEAD' })
          statuses.add(status)
          return status
        },
        { interval: 10, timeout: 4000 },
      )
      .toBe(200)
    expect(statuses).not.toContain(404)
    turn.say('lo').finish()
    expect(answerIn(await (await fetch(address)).text())).toEqual({
      text: 'Hello',
      end: 'done',
      state: 'done',
    })
  })

  test('on the same connection, too', async () => {
    const redis = closing(await startRedis(), (each) => each.remove())
    const a = await startRelay({ store: redisStore({ url: redis.url }), leaseMs: 300 })
    const asked = await a.ask()
    ;(await a.model.turn(0)).say('Hel')
    const store = closing(storeIn(redis.url), (each) => each.close?.())
    const id = asked.headers.get('content-location')?.split('/').at(-1) ?? ''
    await expect.poll(() => wordsIn(store, id)).toBe(1)
    await tell(redis, 'FLUSHALL')
    await expect.poll(() => wordsIn(store, id)).toBe(1)
  })

  test('and who reads elsewhere counts before he has said so again', async () => {
    const redis = closing(await startRedis(), (each) => each.remove())
    const store = closing(storeIn(redis.url, 1000), (each) => each.close?.())
    await store.open({ id: 'a1', owner: '' })
    expect(await store.isRead('a1')).toBe(false)
    await redis.stop()
    await redis.start()
    await expect.poll(() => store.isRead('a1').catch(() => 'away'), { interval: 5 }).not.toBe('away')
    expect(await store.isRead('a1')).toBe(true)
    await expect.poll(() => store.isRead('a1'), { timeout: 4000 }).toBe(false)
  })
})
