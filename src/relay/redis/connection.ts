import { createClient } from 'redis'
import { now, schedule } from '../../time/clock.ts'
import { RefusedError, StoreFullError } from '../store.ts'

/** What of a client of node-redis is used. */
export interface RedisClient {
  readonly options?: { readonly socket?: object | undefined } | undefined
  duplicate(overrides?: object): RedisClient
  connect(): Promise<unknown>
  sendCommand(command: string[]): Promise<unknown>
  on(event: string, listener: (error: Error) => void): unknown
  destroy(): void
}

// A server that does not answer by then is away. (A stopped one keeps its sockets.)
const ANSWER_MS = 2000
// One of which nothing has been heard for so long is gone, or on its way is: a large answer may take some of it.
const SILENT_MS = 5000
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
  readonly #make: () => RedisClient
  readonly #onLeft: () => void
  #client: RedisClient
  #epoch = 0
  #readyAt = Number.NEGATIVE_INFINITY
  /** Settles when the first attempt to connect is over: what is asked before that waits for it. */
  readonly #first: Promise<void>
  #setFirst: () => void = () => {}
  #isClosed = false
  /** When one was last left, so that a replica that is all there is is not asked for ever faster. */
  #leftAt = Number.NEGATIVE_INFINITY
  /** Why there is no connection. */
  #refusal: Error | undefined
  #offGreeting: (() => void) | undefined
  /** Since when something is asked and nothing is answered. */
  #silentSince: number | undefined

  /**
   * @param make - makes a client, also in place of one that has to be left.
   * @param onLeft - told when one was: who only reads there does not notice that nothing comes.
   */
  constructor(make: () => RedisClient, onLeft: () => void = () => {}) {
    this.#make = make
    this.#onLeft = onLeft
    this.#first = new Promise((resolve) => {
      this.#setFirst = resolve
    })
    this.#client = this.#connect()
  }

  #connect(): RedisClient {
    const client = this.#make()
    // What takes connections need not be alive: a stopped server's kernel does, and a proxy before a dead one.
    client.on('connect', () => {
      this.#offGreeting?.()
      this.#offGreeting = schedule(ANSWER_MS, () => this.leave())
    })
    client.on('ready', () => {
      this.#offGreeting?.()
      this.#refusal = undefined
      this.#epoch++
      this.#readyAt = now()
      this.#silentSince = undefined
      this.#setFirst()
    })
    // Without a listener it would end the process; what fails is seen by who asks.
    client.on('error', (error) => {
      this.#offGreeting?.()
      this.#refusal = refusalOf('the connection', error)
      this.#setFirst()
    })
    client.connect().catch(() => {})
    return client
  }

  /** Grows with each connection: the server may have been another one in between, with less in it. */
  get epoch(): number {
    return this.#epoch
  }

  /** Whether it has come back within so many ms: what is said again and again may not have been said again yet. */
  isBackSince(ms: number): boolean {
    return this.#epoch > 1 && now() - this.#readyAt < ms
  }

  get isClosed(): boolean {
    return this.#isClosed
  }

  /**
   * @param patienceMs - how long the command itself may take.
   * @throws RefusedError when Redis does not want to.
   */
  ask(command: readonly (string | number)[], patienceMs = 0): Promise<unknown> {
    const client = this.#client
    this.#silentSince ??= now()
    return new Promise((resolve, reject) => {
      const off = schedule(patienceMs + ANSWER_MS, () => {
        reject(new Error('Redis does not answer'))
        // TCP would go on for a quarter of an hour, and what is sent in it is kept.
        if (now() - (this.#silentSince ?? now()) >= SILENT_MS) this.leave()
      })
      const sent = this.#epoch > 0 ? client.sendCommand(command.map(String)) : this.#askFirst(command)
      const settled = sent.finally(() => {
        off()
        this.#silentSince = undefined
      })
      settled.then(resolve, (error: Error) => {
        // After a failover some servers keep the connections to what was the primary; a new one leads to what is.
        if (error.message.startsWith('READONLY')) this.leave()
        reject(refusalOf(`${command[0]}`, error) ?? this.#refusal ?? error)
      })
    })
  }

  /** Makes another connection. */
  leave(): void {
    if (this.#isClosed || now() - this.#leftAt < LONGEST_PAUSE_MS) return
    this.#leftAt = now()
    this.#offGreeting?.()
    this.#client.destroy()
    this.#client = this.#connect()
    this.#onLeft()
  }

  async #askFirst(command: readonly (string | number)[]): Promise<unknown> {
    await this.#first
    return this.#client.sendCommand(command.map(String))
  }

  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#offGreeting?.()
    this.#client.destroy()
  }
}

/** In words of our own: Redis may quote what it was sent. */
function refusalOf(what: string, { message }: Error): RefusedError | undefined {
  const [words] = /^(ERR [\w ]{1,80}|[A-Z]{2,}(?= ))/.exec(message) ?? []
  return words === undefined ? undefined : new RefusedError(`Redis refuses ${what} (${words.trim()})`)
}

/** @throws StoreFullError when it is one. */
export async function isNoCluster(commands: Connection): Promise<true> {
  const info = String(await commands.ask(['INFO', 'cluster']).catch(mayNotBeAsked))
  if (!info.includes('cluster_enabled:1')) return true
  throw new StoreFullError(
    'redisStore needs one primary: with Redis Cluster one blocking read cannot span slots',
  )
}

// Many users may do all but what is dangerous, and to Redis this is.
function mayNotBeAsked(error: Error): void {
  if (!/NOPERM|unknown command/.test(error.message)) throw error
}
