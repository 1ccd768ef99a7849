import type { Connection } from './connection.ts'
import { type Entry, entriesIn, FIRST_ID } from './entries.ts'
import type { Keys } from './keys.ts'

const EAR_MS = 60_000
const MOST_HEARD = 1000

/** Writes to the streams that hold the logs. */
export class Logs {
  readonly #commands: Connection
  readonly #keys: Keys

  constructor(commands: Connection, keys: Keys) {
    this.#commands = commands
    this.#keys = keys
  }

  /** Makes a log; one that is there stays as it is. */
  async make(id: string, owner: string): Promise<void> {
    const fields = ['owner', owner, 'process', this.#keys.process]
    await this.#commands.ask(['XADD', this.#keys.log(id), FIRST_ID, ...fields]).catch(ignoreRefused)
  }

  /** @returns `false` when Redis has refused it: it is there already, or the log has ended, or is none. */
  async write(
    id: string,
    entry: string,
    first: number,
    frames: readonly string[],
    more: readonly string[] = [],
  ): Promise<boolean> {
    const content = ['first', first, 'frames', frames.join(''), ...more]
    const command = ['XADD', this.#keys.log(id), 'NOMKSTREAM', entry, ...content]
    return (await this.#commands.ask(command).catch(ignoreRefused)) === entry
  }

  /** Says something to a process, by the stream that it listens to. */
  async tell(process: string, what: 'stop' | 'nudge', id: string): Promise<void> {
    const ear = this.#keys.ear(process)
    await this.#commands.ask(['XADD', ear, 'MAXLEN', '~', MOST_HEARD, '*', what, id])
    await this.#commands.ask(['PEXPIRE', ear, EAR_MS])
  }

  /** The first entry of a log, or its last one. */
  async edge(id: string, command: 'XRANGE' | 'XREVRANGE'): Promise<Entry | undefined> {
    const range = command === 'XRANGE' ? ['-', '+'] : ['+', '-']
    return entriesIn(await this.#commands.ask([command, this.#keys.log(id), ...range, 'COUNT', 1]))[0]
  }
}

/** An id that is not a later one. */
function ignoreRefused(error: Error): undefined {
  if (!/equal or smaller/.test(error.message)) throw error
}
