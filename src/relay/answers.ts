import { schedule, within } from '../time/clock.ts'
import type { Log } from './log.ts'
import { Mirrors } from './mirror.ts'
import type { AnswerSummary, ResolvedRelay } from './options.ts'
import { type Outcome, Producer, type Producing } from './producer.ts'
import { newId } from './requests.ts'
import { busy, notFound, Refusal } from './responses.ts'
import { type AnswerKey, type Opened, type State, type Store, StoreFullError } from './store.ts'
import { told } from './told.ts'

// A store that does not answer by then is away: the answer begins without it.
const OPEN_MS = 1000

/** An answer that somebody may read. */
export interface Found {
  readonly id: string
  readonly state: State
  /** Given here; absent: elsewhere, or it has ended. */
  readonly producer?: Producer | undefined
}

/** Who asks, and how. */
export interface Question {
  readonly owner: string
  readonly key: AnswerKey | undefined
  /** How an event begins in the language in which is asked, if that is known. */
  readonly sample: string | undefined
}

interface Keyed {
  readonly id: string
  readonly digest: string
  readonly answer: Promise<Found>
}

/** All answers: those that are given here, and by way of the store those that are not. */
export class Answers implements Producing {
  readonly #options: ResolvedRelay
  readonly #store: Store
  readonly #mirrors: Mirrors
  readonly #producers = new Map<string, Producer>()
  /** The questions that are being answered here, by their keys. */
  readonly #keyed = new Map<string, Keyed>()
  /** How many each owner has running. */
  readonly #counts = new Map<string, number>()
  #renewing: (() => void) | undefined

  constructor(options: ResolvedRelay) {
    const { store, keepMs, leaseMs } = options
    this.#options = options
    this.#store = store
    this.#mirrors = new Mirrors(store)
    store.start({
      keepMs,
      leaseMs,
      onStop: (id) => this.#producers.get(id)?.stop(),
      onWarning: (message) => this.warn(message),
    })
  }

  get running(): readonly Producer[] {
    return [...this.#producers.values()].filter(({ state }) => state === 'running')
  }

  /**
   * Asks, or joins the answer to the same question.
   *
   * @param bodyFor - what the provider is to be asked.
   * @throws Refusal when there are too many, or the key came with another question.
   */
  async ask({ owner, key, sample }: Question, bodyFor: () => Promise<object>): Promise<Found> {
    const keyed = key && this.#keyed.get(key.name)
    if (keyed) return sameQuestion(key, keyed.digest) ?? keyed.answer
    this.#bound(owner)
    const producer = new Producer({ id: newId(), owner, key }, sample, this.#options, this)
    const answer = this.#begin(producer, key, bodyFor)
    if (key) this.#keyed.set(key.name, { id: producer.id, digest: key.digest, answer })
    return answer.catch((error) => {
      this.#drop(producer, key)
      throw error
    })
  }

  /** It has asked nobody. */
  #drop(producer: Producer, key: AnswerKey | undefined): void {
    if (!this.#producers.delete(producer.id)) return
    producer.giveUp()
    this.#count(producer.owner, -1)
    if (key) this.#keyed.delete(key.name)
  }

  #count(owner: string, more: number): void {
    const count = (this.#counts.get(owner) ?? 0) + more
    if (count > 0) this.#counts.set(owner, count)
    else this.#counts.delete(owner)
  }

  async #begin(
    producer: Producer,
    key: AnswerKey | undefined,
    bodyFor: () => Promise<object>,
  ): Promise<Found> {
    this.#producers.set(producer.id, producer)
    this.#count(producer.owner, 1)
    const body = await bodyFor()
    const opened = await this.#open(producer)
    if (opened && opened.id !== producer.id) {
      this.#drop(producer, key)
      if (key) sameQuestion(key, opened.digest)
      return this.find(opened.id, producer.owner)
    }
    producer.start(body, opened !== undefined)
    this.#renew()
    return { id: producer.id, state: 'running', producer }
  }

  /** `undefined`: the store is away. */
  async #open(producer: Producer): Promise<Opened | undefined> {
    try {
      return await within(OPEN_MS, producer.open())
    } catch (error) {
      if (error instanceof StoreFullError) throw busy(503, 'full', error.message, 5)
      return undefined
    }
  }

  #bound(owner: string): void {
    const { maxRunning } = this.#options
    const running = this.#counts.get(owner) ?? 0
    if (maxRunning > 0 && running >= maxRunning)
      throw busy(429, 'too_many_answers', `${running} answers are running (maxRunning)`, 5)
  }

  /** @throws Refusal when there is no such answer, or the store cannot be asked. */
  async find(id: string, owner: string): Promise<Found> {
    const producer = this.#producers.get(id)
    const known = producer ?? (await this.#look(id))
    if (!known || known.owner !== owner) throw notFound()
    return { id, state: known.state, producer }
  }

  async #look(id: string): Promise<{ owner: string; state: State } | undefined> {
    try {
      return await this.#store.look(id)
    } catch {
      throw busy(503, 'store_away', 'The store cannot be reached', 1)
    }
  }

  /** What there is of it; whoever asks must read it, or {@link Log.enter} and leave. */
  async logOf({ id, producer }: Found): Promise<Log> {
    return producer?.log ?? this.#mirrors.of(id)
  }

  /** Ends it at its provider, wherever it is given. */
  async stop({ id, state, producer }: Found, forget: boolean): Promise<void> {
    try {
      if (producer) {
        producer.stop()
        if (forget) await this.#saved(producer)
      } else if (state === 'running') await this.#store.stop(id)
      if (forget) await this.#store.forget(id)
    } catch {
      throw busy(503, 'store_away', 'The store cannot be reached', 1)
    }
  }

  // What is still to be written would come after what forgets it; a store that is away is not waited for.
  async #saved(producer: Producer): Promise<void> {
    this.#producers.delete(producer.id)
    const isSaved = await within(
      OPEN_MS,
      producer.saved.then(() => true),
    )
    if (!isSaved) throw new Error('The store is away')
  }

  /** An answer has ended. */
  ended(producer: Producer, outcome: Outcome): void {
    const { key } = producer
    // A whole answer is found by its key as long as it is here, then by way of the store. One that failed may have lost it.
    const forgetKey = (): void => {
      if (key && this.#keyed.get(key.name)?.id === producer.id) this.#keyed.delete(key.name)
    }
    if (outcome.state !== 'done') forgetKey()
    this.#count(producer.owner, -1)
    const { keepMs } = this.#options
    const leave = schedule(keepMs, () => this.#producers.delete(producer.id))
    void producer.saved.then(() => {
      leave()
      forgetKey()
      this.#producers.delete(producer.id)
    })
    void told(() => this.#options.onAnswer?.(summaryOf(producer, outcome)))
  }

  /** Tells the store that what is given here is alive, for as long as something is. */
  #renew(): void {
    this.#renewing ??= schedule(this.#options.leaseMs / 3, () => {
      this.#renewing = undefined
      const { running } = this
      for (const { id } of running) void this.#renewOne(id)
      if (running.length > 0) this.#renew()
    })
  }

  // Not by `catch` alone: a store may throw at once, and in a timer that would end the process.
  async #renewOne(id: string): Promise<void> {
    try {
      if ((await this.#store.renew(id)) === false) this.#producers.get(id)?.doubt()
    } catch {
      // The lease counts only time in which the store could be reached.
    }
  }

  /** Something was passed over. */
  warn(message: string): void {
    void told(() => this.#options.onWarning(message))
  }
}

/** @throws Refusal when the key was used for another question. */
function sameQuestion({ digest }: AnswerKey, other: string | undefined): undefined {
  if (digest !== other)
    throw new Refusal(422, 'key_reused', 'This Idempotency-Key was sent with another question')
}

function summaryOf({ id, owner }: Producer, { state, code, answer, readers }: Outcome): AnswerSummary {
  const { usage, stats, model, finishReason, id: response } = answer ?? {}
  const named = {
    'gen_ai.operation.name': 'chat',
    'gen_ai.response.id': response,
    'gen_ai.response.model': model,
    'gen_ai.response.finish_reasons': finishReason && [finishReason],
    'gen_ai.usage.input_tokens': usage?.inputTokens,
    'gen_ai.usage.output_tokens': usage?.outputTokens,
    'error.type': code,
  }
  const attributes = Object.fromEntries(Object.entries(named).filter(([, value]) => value !== undefined))
  return {
    ...{ id, owner, state, code, usage, readers },
    firstDeltaMs: stats?.firstDeltaMs,
    totalMs: stats?.totalMs,
    attempts: stats?.attempts.length ?? 0,
    attributes: attributes as AnswerSummary['attributes'],
  }
}
