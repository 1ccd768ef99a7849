/** Who reads what another process gives, and when that process counts as gone. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Connection } from '../../src/relay/redis/connection.ts'
import { Follower } from '../../src/relay/redis/follower.ts'
import { Keys } from '../../src/relay/redis/keys.ts'
import { Logs } from '../../src/relay/redis/logs.ts'

const LEASE_MS = 1000

beforeEach(() => vi.useFakeTimers())
afterEach(() => vi.useRealTimers())

/** A Redis of which a test says what it takes, and who is alive. */
function follower() {
  const redis = { isWritable: true, isAlive: true }
  const lost: string[] = []
  const connection = {
    isClosed: false,
    async ask([name, ...args]: string[]) {
      if (name === 'XREAD') return new Promise(() => {})
      if (name !== 'EXISTS' && !redis.isWritable) throw new Error('MISCONF')
      return name === 'EXISTS' && `${args}`.includes('alive') && !redis.isAlive ? 0 : args.length
    },
  }
  const shared = connection as unknown as Connection
  const keys = new Keys('', 'here')
  const options = { blocking: shared, commands: shared, keys, logs: new Logs(shared, keys) }
  const follows = new Follower({
    ...{ ...options, leaseMs: LEASE_MS, onStop() {}, onWarning() {} },
    async onLost(id) {
      await connection.ask(['XADD'])
      lost.push(id)
    },
  })
  return { redis, lost, read: () => follows.follow('a1', '0-1', 'there', () => {}) }
}

test('a process that is gone is given up after its lease, and no more than half of one', async () => {
  const { redis, lost, read } = follower()
  read()
  redis.isAlive = false
  await vi.advanceTimersByTimeAsync(LEASE_MS)
  expect(lost).toEqual([])
  await vi.advanceTimersByTimeAsync(LEASE_MS / 2)
  expect(lost).not.toEqual([])
})

test('who could not say that he is alive, because Redis took no writes, has a whole lease to say so', async () => {
  for (let refusedMs = LEASE_MS; refusedMs < 4 * LEASE_MS; refusedMs += LEASE_MS / 10) {
    const { redis, lost, read } = follower()
    read()
    redis.isAlive = false
    await vi.advanceTimersByTimeAsync(LEASE_MS / 2)
    redis.isWritable = false
    await vi.advanceTimersByTimeAsync(refusedMs)
    redis.isWritable = true
    await vi.advanceTimersByTimeAsync(LEASE_MS / 2)
    redis.isAlive = true
    await vi.advanceTimersByTimeAsync(3 * LEASE_MS)
    expect(lost, `after ${refusedMs} ms`).toEqual([])
  }
})

test('that a process was missed once is forgotten when nobody reads what it gives', async () => {
  const { redis, lost, read } = follower()
  const leave = read()
  redis.isAlive = false
  await vi.advanceTimersByTimeAsync(LEASE_MS / 2)
  leave()
  redis.isAlive = true
  await vi.advanceTimersByTimeAsync(10 * LEASE_MS)
  redis.isAlive = false
  read()
  await vi.advanceTimersByTimeAsync(LEASE_MS / 2)
  expect(lost).toEqual([])
})
