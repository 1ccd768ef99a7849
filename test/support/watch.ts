/** All that looks at one reply at once: callbacks, and readers that come when they like and take their time. */
import type { Callbacks, Reply, StreamFailure } from '../../src/index.ts'
import { turn } from './properties.ts'
import { Screen } from './screen.ts'

/** How long a callback or a reader takes. */
export type Pace = 'sync' | 'microtask' | 'turn'

export interface Joiner {
  /** It comes in callback call number `n`, or after `n` microtasks; whoever has not come by the end comes then. */
  readonly when: 'call' | 'ticks'
  readonly n: number
  readonly consents: boolean
  readonly pace: Pace
}

export interface Onlookers {
  readonly callbacks: { readonly chunk: boolean; readonly delta: boolean; readonly rewind: boolean }
  readonly paces: readonly Pace[]
  readonly readers: readonly Joiner[]
  /** What happens in callback call number `at`; those that follow it throw as well. */
  readonly trouble: Trouble
  readonly at: number
}

export type Trouble = 'none' | 'throw' | 'cancel'

/** Somebody who is shown the answer. */
export interface Surface {
  readonly name: 'onChunk' | 'onDelta' | 'reader'
  readonly screen: Screen
  readonly consents: boolean
  /** It came when all was over. */
  readonly isLate?: boolean
}

/** All that looks at one reply, and what it was told. */
export class Watch {
  readonly surfaces: Surface[] = []
  readonly #readings: Promise<string | undefined>[] = []
  readonly faults: string[] = []
  readonly lastWords: string[] = []
  struck: Trouble = 'none'
  #isOver = false
  #reply!: Reply
  readonly #onlookers: Onlookers
  readonly #waiting: Joiner[]
  #calls = 0

  constructor(onlookers: Onlookers) {
    this.#onlookers = onlookers
    this.#waiting = [...onlookers.readers]
  }

  callbacks(): Callbacks {
    const { chunk, delta, rewind } = this.#onlookers.callbacks
    const chunks = chunk ? this.#surface('onChunk', rewind) : undefined
    const deltas = delta ? this.#surface('onDelta', rewind) : undefined
    const ended = (name: string) => () => void this.lastWords.push(name)
    return {
      ...(chunks && { onChunk: (text) => this.#called(() => chunks.show({ type: 'text', text })) }),
      ...(deltas && { onDelta: (each) => this.#called(() => deltas.show(each)) }),
      ...(rewind && { onRewind: (each) => this.#called(() => chunks?.show({ ...each, reasoning: 0 })) }),
      ...{ onRetry: () => this.#called(() => {}), onOpen: () => this.#called(() => {}) },
      ...{ onComplete: ended('onComplete'), onError: ended('onError'), onAbort: ended('onAbort') },
    }
  }

  /** From now on readers come. */
  look(reply: Reply): void {
    this.#reply = reply
    for (const joiner of [...this.#waiting]) {
      const come = () => this.#join((each) => each === joiner)
      if (joiner.when === 'ticks') void (joiner.n === 0 ? come() : ticks(joiner.n).then(come))
    }
  }

  /** It is over: those who have not come yet do so now. With what each reader's loop ended: an error's code, or nothing. */
  async over(): Promise<readonly (string | undefined)[]> {
    this.#isOver = true
    this.#join(() => true)
    const ends = await Promise.all(this.#readings)
    // Whatever is still to be heard of, comes now.
    await turn()
    return ends
  }

  #join(isDue: (joiner: Joiner) => boolean): void {
    for (const joiner of this.#waiting.filter(isDue)) {
      this.#waiting.splice(this.#waiting.indexOf(joiner), 1)
      this.#readings.push(this.#read(joiner, this.#surface('reader', joiner.consents)))
    }
  }

  #surface(name: Surface['name'], consents: boolean): Screen {
    const screen = new Screen()
    this.surfaces.push({ name, screen, consents, isLate: this.#isOver })
    return screen
  }

  async #read({ consents, pace }: Joiner, screen: Screen): Promise<string | undefined> {
    if (consents) this.#reply.acceptRewind()
    try {
      for await (const delta of this.#reply) {
        screen.show(delta)
        if (pace !== 'sync') await rest(pace)
      }
      return undefined
    } catch (error) {
      return (error as StreamFailure).code
    }
  }

  #called(show: () => void): void | Promise<void> {
    const call = this.#calls++
    if (this.struck === 'cancel' || this.lastWords.length > 0) this.faults.push('called after the end')
    show()
    this.#join(({ when, n }) => when === 'call' && n === call)
    const pace = this.#onlookers.paces[call % this.#onlookers.paces.length]
    if (pace === 'sync') return this.#strike(call)
    return rest(pace).then(() => this.#strike(call))
  }

  #strike(call: number): void {
    const { trouble, at } = this.#onlookers
    if (trouble === 'none' || call < at || this.struck === 'cancel') return
    this.struck = trouble
    if (trouble === 'throw') throw new Error(`thrown in call ${call}`)
    this.#reply.cancel()
  }
}

async function rest(pace: Pace | undefined): Promise<void> {
  if (pace === 'turn') await turn()
}

async function ticks(count: number): Promise<void> {
  for (let n = 0; n < count; n++) await undefined
}
