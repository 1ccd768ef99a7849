import { now } from '../../time/clock.ts'
import type { Connection } from './connection.ts'
import type { Keys } from './keys.ts'

/** What says that a process is alive. One for all its answers: they live and die together. */
export class Lease {
  readonly #commands: Connection
  readonly #keys: Keys
  #renewedAt = Number.NEGATIVE_INFINITY
  #timesEmptied = 0

  constructor(commands: Connection, keys: Keys) {
    this.#commands = commands
    this.#keys = keys
  }

  /** Grows when there may be less in Redis than there was. */
  get epoch(): number {
    return this.#commands.epoch + this.#timesEmptied
  }

  async renew(ms: number): Promise<void> {
    const before = this.#renewedAt
    if (now() - before < ms / 4) return
    this.#renewedAt = now()
    try {
      const lease = ['SET', this.#keys.alive(this.#keys.process), '1', 'PX', ms, 'GET']
      // Where it was said shortly before, and is not known, nothing else may be.
      if ((await this.#commands.ask(lease)) === null && now() - before < ms) this.#timesEmptied++
    } catch (error) {
      this.#renewedAt = Number.NEGATIVE_INFINITY
      throw error
    }
  }

  async isAlive(process: string): Promise<boolean> {
    return (await this.#commands.ask(['EXISTS', this.#keys.alive(process)])) === 1
  }
}
