import { checkNumber, withDefaults } from '../checks.ts'
import { scheduleLoosely } from '../time/clock.ts'
import {
  type Ending,
  type Known,
  type NewAnswer,
  type Opened,
  type Page,
  type Store,
  StoreFullError,
  type StoreSettings,
} from './store.ts'

/** How much a store in memory may hold; `0` switches a bound off. */
export interface MemoryStoreOptions {
  /**
   * What all logs may take, in bytes; two are counted for a character.
   * @defaultValue 268 435 456
   */
  readonly maxBytes?: number | undefined
  /** @defaultValue 20 000 */
  readonly maxAnswers?: number | undefined
}

const defaults: { readonly maxBytes: number; readonly maxAnswers: number } = Object.freeze({
  maxBytes: 268_435_456,
  maxAnswers: 20_000,
})

/**
 * Keeps answers in the memory of this process: they survive a page, not a restart. Ended ones make room for new ones, the
 * oldest first.
 *
 * @throws TypeError for a bad option, naming it and the value received.
 */
export function memoryStore(options?: MemoryStoreOptions): Store {
  const { maxBytes, maxAnswers } = withDefaults('memoryStore', options, defaults)
  checkNumber('memoryStore.maxBytes', maxBytes)
  checkNumber('memoryStore.maxAnswers', maxAnswers)
  return new MemoryStore(maxBytes, maxAnswers)
}

interface MemoryLog {
  readonly owner: string
  readonly key: NewAnswer['key']
  readonly frames: string[]
  ending: Ending | undefined
  bytes: number
  isGone: boolean
  /** Who waits for more; absent while nobody ever has: whoever is given the answer here does not. */
  waiting?: Set<() => void>
  forgetLater?: () => void
}

class MemoryStore implements Store {
  readonly isShared = false
  // Nobody but its own process waits for what is running, and that has it already.
  readonly gatherMs = 1000
  readonly #maxBytes: number
  readonly #maxAnswers: number
  readonly #logs = new Map<string, MemoryLog>()
  /** The ids of those that have ended, the oldest first. */
  readonly #ended = new Set<string>()
  readonly #keys = new Map<string, string>()
  #bytes = 0
  #settings: StoreSettings | undefined

  constructor(maxBytes: number, maxAnswers: number) {
    this.#maxBytes = maxBytes
    this.#maxAnswers = maxAnswers
  }

  start(settings: StoreSettings): void {
    this.#settings = settings
  }

  async open({ id, owner, key }: NewAnswer): Promise<Opened> {
    const holder = key && this.#keys.get(key.name)
    const held = holder === undefined ? undefined : this.#logs.get(holder)
    if (holder !== undefined && held && (held.ending ?? 'done') === 'done')
      return { id: holder, digest: held.key?.digest }
    if (!this.#logs.has(id)) {
      this.#makeRoom()
      const log: MemoryLog = {
        owner,
        key,
        frames: [],
        ending: undefined,
        bytes: 0,
        isGone: false,
      }
      this.#logs.set(id, log)
    }
    if (key) this.#keys.set(key.name, id)
    return { id, digest: key?.digest }
  }

  #makeRoom(): void {
    for (const oldest of this.#ended) {
      if (!this.#isFull) return
      this.#remove(oldest)
    }
    if (this.#isFull) throw new StoreFullError()
  }

  get #isFull(): boolean {
    const isOver = (count: number, most: number): boolean => most > 0 && count >= most
    return isOver(this.#logs.size, this.#maxAnswers) || isOver(this.#bytes, this.#maxBytes)
  }

  async append(id: string, first: number, frames: readonly string[]): Promise<number | Ending> {
    const log = this.#logs.get(id)
    // Only what was forgotten is not there.
    if (!log) return 'stopped'
    if (log.ending) return log.ending
    return this.#add(log, first, frames)
  }

  #add(log: MemoryLog, first: number, frames: readonly string[]): number {
    for (let at = Math.max(0, log.frames.length + 1 - first); at < frames.length; at++) {
      const frame = frames[at] as string
      log.frames.push(frame)
      log.bytes += 2 * frame.length
      this.#bytes += 2 * frame.length
    }
    wake(log)
    return log.frames.length
  }

  async end(
    id: string,
    ending: Ending,
    first: number,
    frames: readonly string[],
  ): Promise<Ending | undefined> {
    const log = this.#logs.get(id)
    if (!log || log.ending) return log?.ending
    log.ending = ending
    this.#add(log, first, frames)
    this.#ended.add(id)
    log.forgetLater = scheduleLoosely(this.#settings?.keepMs ?? 0, () => this.#remove(id))
    return ending
  }

  async look(id: string): Promise<Known | undefined> {
    const log = this.#logs.get(id)
    return log && { owner: log.owner, state: log.ending ?? 'running' }
  }

  async *read(id: string, signal: AbortSignal): AsyncGenerator<Page> {
    const log = this.#logs.get(id)
    for (let at = 0; log && !signal.aborted && !log.isGone; ) {
      const frames = log.frames.slice(at)
      const page = { first: at + 1, frames, ending: log.ending }
      at += frames.length
      yield page
      if (page.ending) return
      if (log.frames.length === at && !log.ending && !signal.aborted) await more(log, signal)
    }
  }

  async renew(): Promise<void> {}

  async stop(id: string): Promise<void> {
    if (this.#logs.get(id)?.ending === undefined) this.#settings?.onStop(id)
  }

  async isRead(): Promise<boolean> {
    return false
  }

  async forget(id: string): Promise<void> {
    this.#remove(id)
  }

  #remove(id: string): void {
    const log = this.#logs.get(id)
    if (!log) return
    log.forgetLater?.()
    log.isGone = true
    this.#bytes -= log.bytes
    this.#logs.delete(id)
    this.#ended.delete(id)
    if (log.key && this.#keys.get(log.key.name) === id) this.#keys.delete(log.key.name)
    wake(log)
  }
}

function wake(log: MemoryLog): void {
  for (const resume of [...(log.waiting ?? [])]) resume()
}

function more(log: MemoryLog, signal: AbortSignal): Promise<void> {
  const waiting = log.waiting ?? new Set()
  log.waiting = waiting
  return new Promise((resolve) => {
    const go = (): void => {
      waiting.delete(go)
      signal.removeEventListener('abort', go)
      resolve()
    }
    waiting.add(go)
    signal.addEventListener('abort', go)
  })
}
