/** A real Redis of the test's own, on a free port. */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from './free-port.ts'

export interface TestRedis {
  readonly url: string
  readonly port: number
  /** Stops it; what it held is gone, unless it keeps its files. */
  stop(): Promise<void>
  start(): Promise<void>
  /** Holds it still, with its sockets open. */
  freeze(): void
  thaw(): void
  remove(): Promise<void>
}

/** Whether there is a `redis-server`; without one the tests that need it are left out, with a line that says so. */
export const hasRedis: boolean = await new Promise((resolve) => {
  const child = spawn('redis-server', ['--version'], { stdio: 'ignore' })
  child.on('error', () => resolve(false))
  child.on('exit', (code) => resolve(code === 0))
})
if (!hasRedis) {
  const how = 'redis-server is missing: apt-get install redis-server'
  if (process.env.CI) throw new Error(how)
  console.warn(`${how} (tests of holdfast/relay/redis are left out)`)
}

/** @param keeps - whether what it holds survives a restart. */
export async function startRedis(keeps = false, more: readonly string[] = []): Promise<TestRedis> {
  const dir = mkdtempSync(join(tmpdir(), 'holdfast-redis-'))
  const port = await freePort()
  let child: ChildProcess | undefined
  const redis: TestRedis = {
    url: `redis://127.0.0.1:${port}`,
    port,
    async start() {
      const args = ['--port', `${port}`, '--bind', '127.0.0.1', '--save', '', '--dir', dir]
      child = spawn('redis-server', [
        ...args,
        '--appendonly',
        keeps ? 'yes' : 'no',
        '--appendfsync',
        'always',
        ...more,
      ])
      await new Promise<void>((resolve, reject) => {
        child?.stdout?.on('data', (text) => `${text}`.includes('Ready to accept') && resolve())
        child?.on('exit', (code) => reject(new Error(`redis-server ended with ${code}`)))
      })
    },
    stop: () =>
      new Promise((resolve) => {
        child?.on('exit', () => resolve())
        child?.kill('SIGKILL')
      }),
    freeze: () => void child?.kill('SIGSTOP'),
    thaw: () => void child?.kill('SIGCONT'),
    async remove() {
      if (child?.exitCode === null && child.signalCode === null) await redis.stop()
      rmSync(dir, { recursive: true, force: true })
    },
  }
  await redis.start()
  return redis
}
