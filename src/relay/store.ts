/** What a relay keeps its answers in: the contract of a store. `storeConformance` of `holdfast/testing` tries it. */

/** How an answer stands. `'lost'`: the process that was giving it is gone. */
export type State = 'running' | 'done' | 'error' | 'stopped' | 'lost'

/** How an answer has ended. */
export type Ending = Exclude<State, 'running'>

/** An answer that begins. */
export interface NewAnswer {
  readonly id: string
  /** Who may read it; `''` where nobody is told apart. */
  readonly owner: string
  /** What finds it again when the same question is sent once more. */
  readonly key?: AnswerKey | undefined
}

/** The owner's `Idempotency-Key`, as a hash, and the hash of the question it came with. */
export interface AnswerKey {
  readonly name: string
  readonly digest: string
}

/** Who holds the key: the answer itself if it is a new one, or the one that was asked for before. */
export interface Opened {
  readonly id: string
  readonly digest: string | undefined
}

/** What is known of an answer. */
export interface Known {
  readonly owner: string
  readonly state: State
}

/** A part of a log: events as they stand on the wire, without their ids, which count from 1. */
export interface Page {
  /** The id of the first one. */
  readonly first: number
  readonly frames: readonly string[]
  /** How the answer has ended; nothing follows. */
  readonly ending?: Ending | undefined
}

/** What a relay tells its store once. */
export interface StoreSettings {
  /** How long an answer is kept after its end, in ms. */
  readonly keepMs: number
  /** How long a producer that is not heard of counts as alive, in ms. */
  readonly leaseMs: number
  /** Somebody wants an answer stopped that is given here. */
  onStop(id: string): void
  /** Something was passed over, in a sentence without text, header or key. */
  onWarning(message: string): void
}

/**
 * A log for each answer, with one writer and any number of readers. What fails rejects, and the relay tries again; nothing
 * may wait for ever.
 */
export interface Store {
  /** Whether other processes see what is written. */
  readonly isShared: boolean
  /** How long events may gather before they are written together, in ms; the first few of a slow model up to 250 ms. */
  readonly gatherMs: number
  /** Called once, before anything else. */
  start(settings: StoreSettings): void
  /**
   * Makes an empty log that is running, unless its key belongs to another one that is running or whole: that one is told
   * instead. Of two at the same time one wins. An id that is there already stays as it is.
   *
   * @throws StoreFullError when it can take no more.
   */
  open(answer: NewAnswer): Promise<Opened>
  /**
   * Adds events. Those that are there already are left out, so that it may be called again.
   *
   * @returns the id of the last event there is, `0` when there is no such log; or how the log has ended.
   */
  append(id: string, first: number, frames: readonly string[]): Promise<number | Ending>
  /**
   * Adds the last events and the ending, unless the log has ended.
   *
   * @returns how it has ended; `undefined` when there is no such log.
   */
  end(id: string, ending: Ending, first: number, frames: readonly string[]): Promise<Ending | undefined>
  look(id: string): Promise<Known | undefined>
  /** The log from its start, at once, though it may be empty; then what comes as it comes, until it has ended, or is gone, or `signal` is aborted. */
  read(id: string, signal: AbortSignal): AsyncIterable<Page>
  /** The producer of this answer is alive. `false`: what was written may be gone, and an `append` of nothing will tell. */
  renew(id: string): Promise<unknown>
  /** Has `onStop` called where the answer is given. */
  stop(id: string): Promise<void>
  /** Whether other processes read it. */
  isRead(id: string): Promise<boolean>
  /** Removes the log. What is still appended to it is dropped, and it stays unknown. */
  forget(id: string): Promise<void>
  /** Lets go of connections. */
  close?(): Promise<void>
}

/** Why a store does not do what it is asked, in words that may be told: no text, header or key is in them. */
export class RefusedError extends Error {}

/** The store can take no more answers. */
export class StoreFullError extends RefusedError {
  override readonly name = 'StoreFullError'
  constructor(message = 'The store is full of answers that are still running') {
    super(message)
  }
}
