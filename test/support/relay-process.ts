/** A relay in a process of its own, as `npm run relay` starts it. */
import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

export interface RelayProcess {
  readonly url: string
  readonly origin: string
  /** What it has printed. */
  readonly printed: () => string
  kill(signal: NodeJS.Signals): void
  /** Settles with its exit code when it has ended. */
  readonly ended: Promise<number | null>
}

const MAIN = fileURLToPath(new URL('../../demo/relay/main.mjs', import.meta.url))

export async function startRelayProcess(env: Readonly<Record<string, string>>): Promise<RelayProcess> {
  const child: ChildProcess = spawn(process.execPath, [MAIN], {
    env: { PATH: process.env.PATH, PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let printed = ''
  const ended = new Promise<number | null>((resolve) => child.on('exit', (code) => resolve(code)))
  const url = await new Promise<string>((resolve, reject) => {
    const read = (bytes: Buffer): void => {
      printed += bytes
      const [, address] = /^Holdfast relay: (\S+)$/m.exec(printed) ?? []
      if (address) resolve(address)
    }
    child.stdout?.on('data', read)
    child.stderr?.on('data', read)
    child.on('exit', () => reject(new Error(`The relay has ended: ${printed}`)))
  })
  return {
    ...{ url, origin: new URL(url).origin, ended },
    printed: () => printed,
    kill: (signal) => void child.kill(signal),
  }
}
