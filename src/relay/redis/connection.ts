import { schedule } from '../../time/clock.ts'
import { StoreFullError } from '../store.ts'

/** What of a client of node-redis is used. */
export interface RedisClient {
  duplicate(overrides?: object): RedisClient
  connect(): Promise<unknown>
  sendCommand(command: string[]): Promise<unknown>
  on(event: string, listener: (...details: never[]) => void): unknown
  destroy(): void
}

// A server that does not answer by then is away. (A stopped one keeps its sockets.)
const ANSWER_MS = 2000
const LONGEST_PAUSE_MS = 500

/** Options for every connection: what is sent while there is none fails at once, and is sent again by who knows how. */
export const CONNECTION_OPTIONS: object = {
  RESP: 2,
  disableOfflineQueue: true,
  socket: {
    connectTimeout: ANSWER_MS,
    reconnectStrategy: (attempt: number): number => Math.min(20 * 2 ** attempt, LONGEST_PAUSE_MS),
  },
}

/** One connection, that comes back by itself. */
export class Connection {
  readonly #client: RedisClient
  #epoch = 0
  /** Settles when the first attempt to connect is over: what is asked before that waits for it. */
  readonly #first: Promise<void>
  #isClosed = false

  constructor(client: RedisClient) {
    this.#client = client
    client.on('ready', () => {
      this.#epoch++
    })
    this.#first = new Promise((resolve) => {
      client.on('ready', resolve)
      // Without a listener it would end the process; what fails is seen by who asks.
      client.on('error', resolve as () => void)
    })
    client.connect().catch(() => {})
  }

  /** Grows with each connection: the server may have been another one in between, with less in it. */
  get epoch(): number {
    return this.#epoch
  }

  get isClosed(): boolean {
    return this.#isClosed
  }

  /** @param patienceMs - how long the command itself may take. */
  ask(command: readonly (string | number)[], patienceMs = 0): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const off = schedule(patienceMs + ANSWER_MS, () => reject(new Error('Redis does not answer')))
      const sent = this.#epoch > 0 ? this.#client.sendCommand(command.map(String)) : this.#askFirst(command)
      sent.then(resolve, reject).finally(off)
    })
  }

  async #askFirst(command: readonly (string | number)[]): Promise<unknown> {
    await this.#first
    return this.#client.sendCommand(command.map(String))
  }

  close(): void {
    this.#isClosed = true
    this.#client.destroy()
  }
}

/** @throws StoreFullError when it is one. */
export async function isNoCluster(commands: Connection): Promise<true> {
  const info = String(await commands.ask(['INFO', 'cluster']))
  if (!info.includes('cluster_enabled:1')) return true
  throw new StoreFullError(
    'redisStore needs one primary: with Redis Cluster one blocking read cannot span slots',
  )
}
