import { elapsed, now, schedule } from '../../time/clock.ts'
import { RefusedError } from '../store.ts'
import type { Connection } from './connection.ts'
import { type Entry, entriesIn, lastEventOf, pageOf } from './entries.ts'
import type { Keys } from './keys.ts'
import type { Logs } from './logs.ts'
import type { Tell } from './pages.ts'

/** Who reads a log that is given by another process. */
interface Followed {
  readonly id: string
  /** The last entry that was read. */
  at: string
  /** The process that gives it. */
  readonly by: string
  readonly tell: Tell
}

/** What a follower needs. */
export interface FollowerOptions {
  /** Waits for what comes. */
  readonly blocking: Connection
  /** Asks, meanwhile. */
  readonly commands: Connection
  readonly logs: Logs
  readonly keys: Keys
  readonly leaseMs: number
  onStop(id: string): void
  /** The process of this log is gone. */
  onLost(id: string): Promise<void>
  onWarning(message: string): void
}

const MOST_ENTRIES = 1000
const PAUSE_MS = 100

/** Reads all logs that are given elsewhere over one connection, and hears who wants an answer of ours stopped. */
export class Follower {
  readonly #options: FollowerOptions
  readonly #all = new Set<Followed>()
  /** When each process, and each log, was first missed, by a clock that only runs while Redis can be written to. */
  #missed: ReadonlyMap<string, number> = new Map()
  readonly #warnings = new Set<string>()
  #heard = '0-0'
  #off: (() => void) | undefined

  constructor(options: FollowerOptions) {
    this.#options = options
    void this.#listen()
    this.#watch()
  }

  /** Goes on after an entry; the function it returns ends it. */
  follow(id: string, at: string, by: string, tell: Tell): () => void {
    const followed = { id, at, by, tell }
    this.#all.add(followed)
    this.#nudge()
    return () => void this.#all.delete(followed)
  }

  /** The logs that are read, each from where the one stands that has read the least of it. */
  get #logs(): ReadonlyMap<string, Followed> {
    const logs = new Map<string, Followed>()
    for (const each of this.#all) {
      const known = logs.get(each.id)
      if (!known || isAfter(known.at, each.at)) logs.set(each.id, each)
    }
    return logs
  }

  // What is being waited for cannot be added to, so the wait is ended.
  #nudge(): void {
    const { logs, keys } = this.#options
    logs.tell(keys.process, 'nudge', '').catch(() => {})
  }

  async #listen(): Promise<void> {
    const { blocking, leaseMs } = this.#options
    while (!blocking.isClosed) {
      try {
        this.#hear(await blocking.ask(this.#question(Math.max(100, leaseMs / 2)), leaseMs / 2))
      } catch (error) {
        this.#warn(error)
        await elapsed(PAUSE_MS)
        if (isWrongType(error)) await this.#findBroken()
      }
    }
  }

  /** A key that is no log any more, but somebody else's, would keep all others from being read. */
  async #findBroken(): Promise<void> {
    for (const id of this.#logs.keys())
      await this.#options.logs.edge(id, 'XREVRANGE').catch((error: unknown) => {
        if (isWrongType(error)) this.#giveUp(id)
      })
  }

  // That Redis is away is told by who writes.
  #warn(error: unknown): void {
    if (!(error instanceof RefusedError) || this.#warnings.has(error.message)) return
    this.#warnings.add(error.message)
    this.#options.onWarning(`${error.message}; until it does not, answers given elsewhere cannot be followed`)
  }

  #question(waitMs: number): (string | number)[] {
    const { keys } = this.#options
    const logs = [...this.#logs]
    return [
      ...['XREAD', 'COUNT', MOST_ENTRIES, 'BLOCK', Math.round(waitMs), 'STREAMS', keys.ear(keys.process)],
      ...logs.map(([id]) => keys.log(id)),
      ...[this.#heard, ...logs.map(([, { at }]) => at)],
    ]
  }

  #hear(reply: unknown): void {
    const { keys, onStop } = this.#options
    for (const [key, list] of (reply ?? []) as [string, unknown][]) {
      const entries = entriesIn(list)
      if (key !== keys.ear(keys.process)) this.#tell(keys.idOf(key), entries)
      else
        for (const { id, fields } of entries) {
          this.#heard = id
          if (fields.stop) onStop(fields.stop)
        }
    }
  }

  #tell(id: string, entries: readonly Entry[]): void {
    const readers = [...this.#all].filter((each) => each.id === id)
    for (const entry of entries) {
      const page = pageOf(entry)
      for (const each of readers) {
        if (!isAfter(entry.id, each.at)) continue
        each.at = entry.id
        if (page) each.tell(page)
      }
    }
  }

  /** Looks after the processes that give what is read here, and says that it is read. */
  #watch(): void {
    this.#off = schedule(this.#options.leaseMs / 4, () => {
      void this.#look()
        .catch((error) => {
          this.#missed = new Map()
          this.#warn(error)
        })
        .then(() => {
          if (!this.#options.commands.isClosed) this.#watch()
        })
    })
  }

  async #look(): Promise<void> {
    const { commands, keys, leaseMs, onLost } = this.#options
    const logs = this.#logs
    const mark = (id: string): Promise<unknown> =>
      commands.ask(['SET', keys.readers(id), '1', 'PX', 2 * leaseMs])
    // First: as long as Redis refuses to be written to, nobody can say that he is alive.
    await Promise.all([...logs.keys()].map(mark))
    const missed = new Map<string, number>()
    // Once is not enough: a server that was away has let the lease run out, and is told of it again.
    const isLost = async (key: string, ms = leaseMs): Promise<boolean> => {
      if ((await commands.ask(['EXISTS', key])) === 1) return false
      const since = this.#missed.get(key) ?? now()
      missed.set(key, since)
      return now() - since >= ms
    }
    for (const by of new Set([...logs.values()].map((each) => each.by)))
      if (await isLost(keys.alive(by)))
        for (const [id, followed] of logs) if (followed.by === by) await onLost(id)
    await this.#findGone([...logs.keys()], isLost)
    this.#missed = missed
  }

  // What is forgotten, or has expired unseen, need not have been told of its end: its log is gone, and says nothing.
  async #findGone(
    ids: readonly string[],
    isLost: (key: string, ms: number) => Promise<boolean>,
  ): Promise<void> {
    const { commands, keys, leaseMs } = this.#options
    const count = (names: readonly string[]): Promise<unknown> => commands.ask(['EXISTS', ...names])
    if (ids.length === 0 || (await count(ids.map((id) => keys.log(id)))) === ids.length) return
    // Who gives it writes it anew when he learns of it, and is given time for that.
    for (const id of ids)
      if ((await count([keys.forgotten(id)])) === 1 || (await isLost(keys.log(id), 3 * leaseMs)))
        this.#giveUp(id)
  }

  #giveUp(id: string): void {
    for (const each of this.#all) if (each.id === id) each.tell('gone')
  }

  close(): void {
    this.#off?.()
    this.#all.clear()
  }
}

function isAfter(one: string, other: string): boolean {
  return lastEventOf({ id: one, fields: {} }) > lastEventOf({ id: other, fields: {} })
}

function isWrongType(error: unknown): boolean {
  return error instanceof Error && error.message.includes('WRONGTYPE')
}
