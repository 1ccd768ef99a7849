/** A Redis that is there and does not do what it is asked, and one that only seems to be there: who runs it is told why. */
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { createClient } from 'redis'
import { describe, expect, test } from 'vitest'
import { redisStore } from '../../src/relay/redis/index.ts'
import type { Store } from '../../src/relay/store.ts'
import { storeConformance } from '../../src/testing/index.ts'
import { hasRedis, startRedis, type TestRedis } from '../support/redis.ts'
import { answerIn, closing, startRelay } from '../support/relay.ts'

const ID = `a${'0'.repeat(22)}`

async function redisWith(...args: string[]): Promise<TestRedis> {
  return closing(await startRedis(false, args), (each) => each.remove())
}

function storeIn(url: string, warnings: string[] = []): Store {
  const store = closing(redisStore({ url }), (each) => each.close?.())
  store.start({ keepMs: 60_000, leaseMs: 200, onStop() {}, onWarning: (each) => warnings.push(each) })
  return store
}

async function tell({ url }: TestRedis, ...command: string[]): Promise<void> {
  const client = await createClient({ url }).connect()
  await client.sendCommand(command)
  client.destroy()
}

/** Stands before a Redis. Once it swallows, what is connected is heard no more, and is not closed. */
async function doorTo({ port }: TestRedis) {
  const door = { url: '', isSwallowing: false, opened: 0 }
  const sockets = new Set<Socket>()
  const server = createServer((inward) => {
    door.opened++
    sockets.add(inward.on('error', () => {}))
    if (door.isSwallowing) return void inward.resume()
    const outward = connect(port, '127.0.0.1').on('error', () => {})
    inward.on('data', (bytes) => door.isSwallowing || outward.write(bytes))
    outward.on('data', (bytes) => door.isSwallowing || inward.write(bytes))
    inward.on('close', () => outward.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closing(server, (each) => {
    for (const socket of sockets) socket.destroy()
    each.close()
  })
  door.url = `redis://127.0.0.1:${(server.address() as AddressInfo).port}`
  return door
}

describe.skipIf(!hasRedis)('Redis', () => {
  test.each([
    ['a wrong password', ['--requirepass', 's3cret'], 'u:wr0ng@', 'the connection (WRONGPASS)'],
    ['no password', ['--requirepass', 's3cret'], '', 'INFO (NOAUTH)'],
    ['no memory', ['--maxmemory', '1'], '', 'SET (OOM)'],
    ['too few replicas', ['--min-replicas-to-write', '1'], '', 'SET (NOREPLICAS)'],
    [
      'a user who may not write',
      ['--user', 'default', 'on', 'nopass', '~*', '+@all', '-xadd'],
      '',
      'XADD (NOPERM)',
    ],
    ['a command without its name', ['--rename-command', 'XADD', 'ADDX'], '', 'XADD (ERR unknown command)'],
  ])('refuses because of %s, and that is what is told, and no more', async (_why, args, user, words) => {
    const { port } = await redisWith(...args)
    const warnings: string[] = []
    const { ask } = await startRelay({
      store: redisStore({ url: `redis://${user}127.0.0.1:${port}` }),
      onWarning: (each) => warnings.push(each),
      script: (turn) => turn.say('Hello').finish(),
    })
    expect(answerIn(await (await ask()).text())).toEqual({ text: 'Hello', end: 'done', state: 'done' })
    const why = `Redis refuses ${words}; readers here go on from memory, and what is missing is written later`
    await expect.poll(() => warnings).toContain(why)
    expect(warnings.join()).not.toMatch(/s3cret|wr0ng|reached/)
  })

  test('refuses to be read by those who follow what is given elsewhere: that is told once', async () => {
    const redis = await redisWith()
    await tell(redis, 'ACL', 'SETUSER', 'default', '-xread')
    const warnings: string[] = []
    const store = storeIn(redis.url, warnings)
    await expect.poll(() => warnings).toEqual([expect.stringContaining('Redis refuses XREAD (NOPERM)')])
    await store.open({ id: ID, owner: '' })
    await new Promise((resolve) => setTimeout(resolve, 300))
    expect(warnings.length).toBe(1)
  })

  test('may not be asked about itself by its user, and is used all the same', async () => {
    const redis = await redisWith()
    await tell(redis, 'ACL', 'SETUSER', 'default', '-@dangerous')
    expect(await storeIn(redis.url).open({ id: ID, owner: '' })).toEqual({ id: ID, digest: undefined })
  })

  // demo/relay/README.md says so.
  test('needs to allow no more than this', async () => {
    const redis = await redisWith()
    const commands = [
      'set',
      'get',
      'del',
      'exists',
      'pexpire',
      'xadd',
      'xread',
      'xrange',
      'xrevrange',
      'eval',
    ]
    const rights = ['~holdfast:*', ...commands.map((each) => `+${each}`)]
    await tell(redis, 'ACL', 'SETUSER', 'relay', 'on', '>s3cret', ...rights)
    const url = redis.url.replace('//', '//relay:s3cret@')
    for (const { run } of storeConformance(() => redisStore({ url }))) await run()
  })

  test('is gone without a word: another connection is made, and leads to what is there now', async () => {
    const door = await doorTo(await redisWith())
    const store = storeIn(door.url)
    await store.open({ id: ID, owner: '' })
    door.isSwallowing = true
    for (let times = 0; times < 3; times++)
      await expect(store.look(ID)).rejects.toThrow('Redis does not answer')
    door.isSwallowing = false
    await expect
      .poll(() => store.look(ID).catch(String), { timeout: 4000 })
      .toMatchObject({ state: 'running' })
  })

  test('does not greet: another connection is made', async () => {
    const door = await doorTo(await redisWith())
    door.isSwallowing = true
    const store = storeIn(door.url)
    await expect.poll(() => door.opened).toBe(2)
    door.isSwallowing = false
    await expect
      .poll(() => store.open({ id: ID, owner: '' }).catch(String), { timeout: 6000 })
      .toEqual({ id: ID, digest: undefined })
  }, 10_000)
})
