import { checkKind, checkNames, shown } from '../../checks.ts'
import { now, scheduleLoosely, uniqueName } from '../../time/clock.ts'
import type { Ending, Known, NewAnswer, Opened, Page, Store, StoreSettings } from '../store.ts'
import { Connection, clientFor, isNoCluster, type RedisClient } from './connection.ts'
import { entriesIn, entryId, LAST_ID, lastEventOf, pageOf, stateOf } from './entries.ts'
import { Follower } from './follower.ts'
import { Keys } from './keys.ts'
import { Lease } from './lease.ts'
import { Logs } from './logs.ts'
import { Pages } from './pages.ts'
import { claimed } from './questions.ts'

/** Where Redis is: one of the two is needed. */
export interface RedisStoreOptions {
  /** Such as `redis://user:password@host:6379`. */
  readonly url?: string | undefined
  /** A client of node-redis; two connections are made like it, and it is left alone. */
  readonly client?: RedisClient | undefined
  /** What all names in Redis begin with. @defaultValue `'holdfast:'` */
  readonly prefix?: string | undefined
}

/**
 * Keeps answers in Redis (7 or later, one primary): any process reads them, and they survive the one that gave them. It
 * takes two connections for each process, however many answers and readers there are; everything expires.
 *
 * @throws TypeError for a bad option, naming it; the value of `url` is not shown, because it may hold a password.
 * @see https://redis.io/docs/latest/develop/data-types/streams/
 */
export function redisStore(options: RedisStoreOptions): Store {
  checkKind('redisStore', options, 'object')
  checkNames('redisStore.', options ?? {}, ['url', 'client', 'prefix'])
  const { url, client, prefix = 'holdfast:' } = options
  checkKind('redisStore.prefix', prefix, 'string')
  // One for a cluster, or for Sentinels, has no database to select.
  if (client !== undefined && !(typeof client?.duplicate === 'function' && 'select' in client))
    throw new TypeError(`redisStore.client must be a client of node-redis; received ${shown(client)}`)
  if (client === undefined && (typeof url !== 'string' || !/^(rediss?|unix):\/\//.test(url)))
    throw new TypeError('redisStore.url must begin with redis:// or rediss://')
  return new RedisStore(client ?? (url as string), prefix)
}

// An answer that is running is kept for at least so long, should its process be gone and nobody come to read it.
const RUNNING_MS = 3_600_000
const MOST_ENTRIES = 1000

class RedisStore implements Store {
  readonly isShared = true
  readonly gatherMs = 50
  readonly #keys: Keys
  readonly #commands: Connection
  readonly #blocking: Connection
  readonly #logs: Logs
  readonly #lease: Lease
  #follower: Follower | undefined
  #settings: StoreSettings = { keepMs: 0, leaseMs: 0, onStop() {}, onWarning() {} }
  #isChecked = false
  /** When each log was last said to be wanted. */
  readonly #keptAt = new Map<string, number>()
  /** In which {@link Lease.epoch} each log was last written to. */
  readonly #epochs = new Map<string, number>()

  constructor(place: string | RedisClient, prefix: string) {
    this.#keys = new Keys(prefix, uniqueName())
    const make = (): RedisClient => clientFor(place)
    this.#blocking = new Connection(make)
    this.#commands = new Connection(make, () => this.#blocking.leave())
    this.#logs = new Logs(this.#commands, this.#keys)
    this.#lease = new Lease(this.#commands, this.#keys)
  }

  start(settings: StoreSettings): void {
    this.#settings = settings
    this.#follower = new Follower({
      ...{ blocking: this.#blocking, commands: this.#commands, logs: this.#logs, keys: this.#keys },
      leaseMs: settings.leaseMs,
      onStop: settings.onStop,
      onLost: (id) => this.#lose(id),
      onWarning: settings.onWarning,
    })
  }

  /** How long a log is kept that is still written to. */
  get #runningMs(): number {
    return Math.max(this.#settings.keepMs, RUNNING_MS)
  }

  async open({ id, owner, key }: NewAnswer): Promise<Opened> {
    this.#isChecked ||= await isNoCluster(this.#commands)
    const log = this.#keys.log(id)
    await this.#lease.renew(this.#settings.leaseMs)
    await this.#logs.make(id, owner)
    await this.#keep(id, this.#runningMs)
    this.#epochs.set(id, this.#lease.epoch)
    const holder = key && (await this.#claim(key.name, id, key.digest))
    if (!holder) return { id, digest: key?.digest }
    this.#release(id)
    await this.#commands.ask(['DEL', log])
    return holder
  }

  #claim(name: string, id: string, digest: string): Promise<Opened | undefined> {
    const question = this.#keys.question(name)
    return claimed(this.#commands, question, { id, digest }, this.#runningMs, (other) => this.look(other))
  }

  async append(id: string, first: number, frames: readonly string[]): Promise<number | Ending> {
    const standing = await this.#checked(id, first)
    if (standing !== undefined) return standing
    const last = first + frames.length - 1
    if (frames.length === 0) return last
    const isWritten = await this.#logs.write(id, entryId(last), first, frames)
    const stands = isWritten ? last : await this.#standing(id)
    if (typeof stands === 'string') this.#release(id)
    return stands
  }

  async end(
    id: string,
    ending: Ending,
    first: number,
    frames: readonly string[],
  ): Promise<Ending | undefined> {
    const standing = await this.#checked(id, first)
    if (typeof standing === 'string') return standing
    if (standing !== undefined) return undefined
    const isWritten = await this.#logs.write(id, LAST_ID, first, frames, ['ending', ending])
    const stands = isWritten ? ending : await this.#standing(id)
    if (typeof stands !== 'string') return undefined
    if (isWritten) await this.#keep(id, this.#settings.keepMs)
    this.#release(id)
    return stands
  }

  /** Nothing more is written to it. */
  #release(id: string): void {
    this.#epochs.delete(id)
    this.#keptAt.delete(id)
  }

  /** After another connection there may be less than was written: then how it stands, if it does not fit. */
  async #checked(id: string, first: number): Promise<number | Ending | undefined> {
    const epoch = this.#lease.epoch
    if (this.#epochs.get(id) === epoch) return undefined
    const standing = await this.#standing(id)
    this.#epochs.set(id, epoch)
    return standing === first - 1 && standing > 0 ? undefined : standing
  }

  /** The last event there is, or how it has ended; what was forgotten was stopped. */
  async #standing(id: string): Promise<number | Ending> {
    const last = await this.#logs.edge(id, 'XREVRANGE')
    const state = stateOf(last)
    if (state !== 'running') return state
    if (last) return lastEventOf(last)
    return (await this.#commands.ask(['EXISTS', this.#keys.forgotten(id)])) === 1 ? 'stopped' : 0
  }

  async look(id: string): Promise<Known | undefined> {
    const [first, last] = await Promise.all([this.#logs.edge(id, 'XRANGE'), this.#logs.edge(id, 'XREVRANGE')])
    const state = stateOf(last)
    if (first && last && state === 'running') await this.#lookAfter(id, last.id, first.fields.process ?? '')
    // Who gives it has a lease to write it anew, where what came back is empty.
    if (!first && this.#commands.isBackSince(this.#settings.leaseMs)) throw new Error('It may be on its way')
    return first && { owner: first.fields.owner ?? '', state }
  }

  /** What a process that is gone has left behind is lost, also if nobody reads it: who asks how it stands has it followed. */
  async #lookAfter(id: string, at: string, by: string): Promise<void> {
    if (await this.#lease.isAlive(by)) return
    const leave = this.#follower?.follow(id, at, by, () => {})
    if (leave) scheduleLoosely(3 * this.#settings.leaseMs, leave)
  }

  async *read(id: string, signal: AbortSignal): AsyncGenerator<Page> {
    const first = await this.#logs.edge(id, 'XRANGE')
    if (!first) return
    let at = first.id
    const frames: string[] = []
    for (let isAll = false; !isAll; ) {
      const range = ['XRANGE', this.#keys.log(id), `(${at}`, '+', 'COUNT', MOST_ENTRIES]
      const entries = entriesIn(await this.#commands.ask(range))
      isAll = entries.length < MOST_ENTRIES
      for (const entry of entries) {
        at = entry.id
        const page = pageOf(entry)
        if (page && page.first > frames.length + 1) {
          // There is a hole: whoever is told of both sees it.
          yield* [{ first: 1, frames }, page]
          return
        }
        // One that was written anew may overlap with what was there.
        for (const frame of page?.frames.slice(frames.length + 1 - page.first) ?? []) frames.push(frame)
        if (page?.ending) {
          yield { ...page, first: 1, frames }
          return
        }
      }
    }
    // Perhaps nothing yet, but then that is known.
    yield { first: 1, frames }
    yield* new Pages(signal, (tell) => this.#follower?.follow(id, at, first.fields.process ?? '', tell))
  }

  async renew(id: string): Promise<boolean> {
    await this.#lease.renew(this.#settings.leaseMs)
    if (now() - (this.#keptAt.get(id) ?? 0) > this.#runningMs / 2) await this.#keep(id, this.#runningMs)
    return this.#epochs.get(id) === this.#lease.epoch
  }

  async #keep(id: string, ms: number): Promise<void> {
    this.#keptAt.set(id, now())
    await this.#commands.ask(['PEXPIRE', this.#keys.log(id), ms])
  }

  /** Its process is gone: whoever says so first has said it. */
  async #lose(id: string): Promise<void> {
    const last = await this.#logs.edge(id, 'XREVRANGE')
    if (!last || stateOf(last) !== 'running') return
    const isOurs = await this.#logs.write(id, LAST_ID, lastEventOf(last) + 1, [], ['ending', 'lost'])
    if (isOurs) await this.#keep(id, this.#settings.keepMs)
  }

  async stop(id: string): Promise<void> {
    const first = await this.#logs.edge(id, 'XRANGE')
    const process = first?.fields.process
    if (process === undefined) return
    if (process === this.#keys.process) {
      this.#settings.onStop(id)
      return
    }
    await this.#logs.tell(process, 'stop', id)
  }

  async isRead(id: string): Promise<boolean> {
    if (this.#commands.isBackSince(2 * this.#settings.leaseMs)) return true
    return (await this.#commands.ask(['EXISTS', this.#keys.readers(id)])) === 1
  }

  async forget(id: string): Promise<void> {
    await this.#commands.ask(['SET', this.#keys.forgotten(id), '1', 'PX', Math.max(1, this.#settings.keepMs)])
    await this.#commands.ask(['DEL', this.#keys.log(id), this.#keys.readers(id)])
  }

  async close(): Promise<void> {
    this.#follower?.close()
    this.#commands.close()
    this.#blocking.close()
  }
}
