import { elapsed, now, schedule } from '../../time/clock.ts'
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
  /** The process of this log is gone. @returns whether the log is there. */
  onLost(id: string): Promise<boolean>
}

const MOST_ENTRIES = 1000
const PAUSE_MS = 100

/** Reads all logs that are given elsewhere over one connection, and hears who wants an answer of ours stopped. */
export class Follower {
  readonly #options: FollowerOptions
  readonly #all = new Set<Followed>()
  /** When each process was first missed, by a clock that only runs while Redis can be reached. */
  readonly #missed = new Map<string, number>()
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
      } catch {
        await elapsed(PAUSE_MS)
      }
    }
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
        .catch(() => this.#missed.clear())
        .then(() => {
          if (!this.#options.commands.isClosed) this.#watch()
        })
    })
  }

  async #look(): Promise<void> {
    const { commands, keys, leaseMs } = this.#options
    const logs = this.#logs
    for (const by of new Set([...logs.values()].map((each) => each.by))) {
      const isAlive = (await commands.ask(['EXISTS', keys.alive(by)])) === 1
      if (isAlive) this.#missed.delete(by)
      else if (!this.#missed.has(by)) this.#missed.set(by, now())
      // Once is not enough: a server that was away has let the lease run out, and is told of it again.
      if (now() - (this.#missed.get(by) ?? now()) >= leaseMs) await this.#lose(by)
    }
    await this.#findForgotten([...logs.keys()])
    const mark = (id: string): Promise<unknown> =>
      commands.ask(['SET', keys.readers(id), '1', 'PX', 2 * leaseMs])
    await Promise.all([...logs.keys()].map(mark))
  }

  async #lose(by: string): Promise<void> {
    for (const [id, followed] of this.#logs)
      if (followed.by === by && !(await this.#options.onLost(id))) this.#giveUp(id)
  }

  // What is forgotten need not have been told of its end before: its log is gone, and says nothing.
  async #findForgotten(ids: readonly string[]): Promise<void> {
    const { commands, keys } = this.#options
    const count = (some: readonly string[]): Promise<unknown> =>
      commands.ask(['EXISTS', ...some.map((id) => keys.forgotten(id))])
    if (ids.length === 0 || (await count(ids)) === 0) return
    for (const id of ids) if ((await count([id])) === 1) this.#giveUp(id)
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
