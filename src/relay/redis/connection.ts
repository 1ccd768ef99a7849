import { createClient } from 'redis'
import { now, schedule } from '../../time/clock.ts'
import { StoreFullError } from '../store.ts'

/** What of a client of node-redis is used. */
export interface RedisClient {
  readonly options?: { readonly socket?: object | undefined } | undefined
  duplicate(overrides?: object): RedisClient
  connect(): Promise<unknown>
  sendCommand(command: string[]): Promise<unknown>
  on(event: string, listener: () => void): unknown
  destroy(): void
}

// A server that does not answer by then is away. (A stopped one keeps its sockets.)
const ANSWER_MS = 2000
const LONGEST_PAUSE_MS = 500

/**
 * Makes a client for one connection.
 *
 * @param place - a URL, or a client that connects to the same place.
 * @throws TypeError for a URL that is none.
 */
export function clientFor(place: string | RedisClient): RedisClient {
  if (typeof place !== 'string') return place.duplicate(connectionOptions(place.options))
  try {
    return createClient({ ...connectionOptions(), url: place }) as unknown as RedisClient
  } catch {
    // The words of others may quote it.
    throw new TypeError('redisStore.url is no address; a user name and a password must be percent-encoded')
  }
}

/**
 * Options for every connection: what is sent while there is none fails at once, and is sent again by who knows how. New
 * ones each time, for node-redis writes where it connects to into those it is given.
 *
 * @param given - those of a client that connects to the same place, in its own way.
 */
function connectionOptions(given?: RedisClient['options']): object {
  return {
    RESP: 2,
    // What wants RESP 3, or makes something else of replies.
    ...{ maintNotifications: 'disabled', clientSideCache: undefined, emitInvalidate: undefined },
    commandOptions: undefined,
    disableOfflineQueue: true,
    socket: {
      // Where it is, and its certificates.
      ...given?.socket,
      connectTimeout: ANSWER_MS,
      reconnectStrategy: (attempt: number): number => Math.min(20 * 2 ** attempt, LONGEST_PAUSE_MS),
    },
  }
}

/** One connection, that comes back by itself. */
export class Connection {
  readonly #client: RedisClient
  #epoch = 0
  /** Settles when the first attempt to connect is over: what is asked before that waits for it. */
  readonly #first: Promise<void>
  #isClosed = false
  /** When a replica was last left, so that one that is all there is is not asked for ever faster. */
  #leftAt = Number.NEGATIVE_INFINITY

  constructor(client: RedisClient) {
    this.#client = client
    client.on('ready', () => {
      this.#epoch++
    })
    this.#first = new Promise((resolve) => {
      client.on('ready', () => resolve())
      // Without a listener it would end the process; what fails is seen by who asks.
      client.on('error', () => resolve())
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
      sent.catch((error: Error) => this.#leaveReplica(error))
    })
  }

  /** After a failover some servers keep the connections to what was the primary; a new one leads to what is. */
  #leaveReplica({ message }: Error): void {
    if (!message.startsWith('READONLY') || this.#isClosed || now() - this.#leftAt < LONGEST_PAUSE_MS) return
    this.#leftAt = now()
    this.#client.destroy()
    this.#client.connect().catch(() => {})
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
