import { Log } from './log.ts'
import type { Store } from './store.ts'
import { LOST, verdictFrame } from './verdict.ts'

interface Mirror {
  readonly log: Log
  /** Settles when what there is has been read. */
  readonly ready: Promise<void>
}

/** Answers that are given elsewhere, or have ended: one log here for all who read it here, for as long as somebody does. */
export class Mirrors {
  readonly #store: Store
  readonly #mirrors = new Map<string, Mirror>()

  constructor(store: Store) {
    this.#store = store
  }

  /** Resolves when what there is has been read. Whoever calls must enter the log, or leave it, at once. */
  async of(id: string): Promise<Log> {
    const { log, ready } = this.#mirrors.get(id) ?? this.#open(id)
    await ready
    return log
  }

  #open(id: string): Mirror {
    const reading = new AbortController()
    const log = new Log((readers) => {
      if (readers > 0) return
      reading.abort()
      this.#forget(id, log)
    })
    const ready = new Promise<void>((resolve) => {
      void this.#follow(id, log, reading.signal, resolve)
    })
    const mirror = { log, ready }
    this.#mirrors.set(id, mirror)
    return mirror
  }

  async #follow(id: string, log: Log, signal: AbortSignal, onStart: () => void): Promise<void> {
    try {
      for await (const { first, frames, ending } of this.#store.read(id, signal)) {
        // A failover may have lost something unseen: what stands behind a hole is no part of this answer.
        const isHole = first > log.last + 1
        const end = isHole ? 'lost' : ending
        if (!isHole) log.add(frames, first)
        // Nobody was there to say it.
        if (end === 'lost' && !saysLost(log)) log.add([verdictFrame(log.firstFrame, LOST)])
        if (end) log.end(end)
        onStart()
        if (end) break
      }
    } catch {
      // The readers are told to come again; what is wrong is told to whoever asks the store then.
    }
    if (!log.ending) {
      this.#forget(id, log)
      log.cut()
    }
    onStart()
  }

  #forget(id: string, log: Log): void {
    if (this.#mirrors.get(id)?.log === log) this.#mirrors.delete(id)
  }
}

function saysLost(log: Log): boolean {
  return log.framesAfter(Math.max(0, log.last - 1))[0]?.includes(LOST.message) ?? false
}
