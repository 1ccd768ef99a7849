/** Where a browser lives for the time of a test: whatever it starts and stores is gone in the end. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

// A shell that reads process groups until nobody can name it another one, and then clears them away. So it does when
// the test run itself is killed, which no `finally` would outlive. An end by force comes second: after one, a screen
// leaves its socket behind.
const WATCH = `
  while read -r group; do groups="$groups -$group"; done
  kill -s TERM -- $groups && sleep 0.2
  kill -s KILL -- $groups
  for again in 1 2 3 4 5; do rm -rf -- "$1" && break; sleep 0.2; done`

export class Home {
  /** For profile, caches and temporary files. */
  readonly folder: string
  readonly #watch: ChildProcess

  private constructor(folder: string) {
    this.folder = folder
    const stdio = ['pipe', 'ignore', 'ignore'] as const
    // In a group of its own, or Ctrl-C would end it first.
    this.#watch = spawn('/bin/sh', ['-c', WATCH, 'sh', folder], { stdio: [...stdio], detached: true })
  }

  static async build(name: string): Promise<Home> {
    return new Home(await mkdtemp(join(tmpdir(), `holdfast-${name}-`)))
  }

  /** What a process has to be told to keep to its home. */
  get env(): NodeJS.ProcessEnv {
    const { folder } = this
    const folders = { XDG_CACHE_HOME: folder, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder }
    return { ...process.env, HOME: folder, TMPDIR: folder, ...folders }
  }

  /** The head of a process group (`detached: true`), which is to end here. */
  shelter({ pid }: Pick<ChildProcess, 'pid'>): void {
    if (pid !== undefined) this.#watch.stdin?.write(`${pid}\n`)
  }

  /** Ends what still runs and removes the folder. */
  async clear(): Promise<void> {
    const isOver = once(this.#watch, 'exit')
    this.#watch.stdin?.end()
    await isOver
  }
}
