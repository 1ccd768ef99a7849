// @ts-check
/**
 * How a client behaves: two loops as people write them, and Holdfast's policy with its defaults, whole and with one
 * organ taken out.
 *
 * @typedef {import('../../src/errors/errors.ts').StreamFailure} StreamFailure
 * @typedef {import('../../src/policy/breaker.ts').Health} Health
 * @typedef {import('../../src/policy/breaker.ts').Permit} Permit
 * @typedef {import('../../src/run/retry-state.ts').Failure} Failure
 * @typedef {import('./policies.mjs').Policies} Policies
 *
 * @typedef {object} Ask - what one user waits for.
 * @property {() => StreamFailure | undefined | Promise<StreamFailure | undefined>} admit - before each request; an
 *   error if it must not be sent.
 * @property {() => void} progressed - the first delta is there.
 * @property {() => void} succeeded
 * @property {(error: StreamFailure) => number | undefined} failed - how long to wait, in ms; `undefined`: give up.
 *
 * @typedef {(from: Health['state'], to: Health['state']) => void} OnCircuit - told of each change of a circuit.
 *
 * @typedef {object} Client - what the users of a page, or of a relay, share.
 * @property {() => Ask} ask
 *
 * @typedef {object} Strategy
 * @property {string} name
 * @property {(policies: Policies, onCircuit: OnCircuit, isResumable: boolean) => Client} client
 */

/** The loops' limit is the same, so that they differ only in shape. */
const LOOP_LIMIT = 10

/** `for (i < 10) try … catch { await sleep(…) }`: no memory beyond the ask. */
class Loop {
  #failures = 0
  #delayMs

  /** @param {(failures: number) => number} delayMs */
  constructor(delayMs) {
    this.#delayMs = delayMs
  }

  admit() {
    return undefined
  }

  progressed() {}

  succeeded() {}

  failed() {
    this.#failures++
    return this.#failures > LOOP_LIMIT ? undefined : this.#delayMs(this.#failures)
  }
}

/** A client with one server: one breaker and one budget for all of its replies. */
class Holdfast {
  policies
  breaker
  budget
  isResumable

  /**
   * @param {Policies} policies
   * @param {'whole' | 'no budget' | 'no breaker'} parts
   * @param {OnCircuit} onCircuit
   * @param {boolean} isResumable
   */
  constructor(policies, parts, onCircuit, isResumable) {
    const { Breaker, breakerDefaults, Budget, retryDefaults } = policies
    this.policies = policies
    this.breaker = parts === 'no breaker' ? undefined : new Breaker(breakerDefaults, undefined, onCircuit)
    const { budget } = retryDefaults
    this.budget = parts === 'no budget' || !budget ? undefined : new Budget(budget)
    this.isResumable = isResumable
  }

  ask() {
    return new Reply(this)
  }
}

/** What `run/attempts.ts` does around the retry state; the attempts themselves are the crowd's. */
class Reply {
  #client
  #state
  #reservation
  /** @type {Permit | undefined} */
  #permit
  #requests = 0
  /** Whether this attempt has brought something new. */
  #gotOn = false
  /** Whether there is a stream to go on with. */
  #hasText = false

  /** @param {Holdfast} client */
  constructor(client) {
    this.#client = client
    this.#state = client.policies.start
    this.#reservation = client.budget?.reservation()
  }

  admit() {
    this.#permit = undefined
    this.#gotOn = false
    try {
      // There is no other server: who finds a probe under way waits for its verdict.
      const permit = this.#client.breaker?.admit(this.#state.error, true)
      if (permit instanceof Promise) return permit.then((late) => this.#send(late), asFailure)
      return this.#send(permit)
    } catch (refusal) {
      return asFailure(refusal)
    }
  }

  progressed() {
    this.#permit?.progressed()
    this.#gotOn = true
    this.#hasText = true
  }

  succeeded() {
    this.#permit?.settle(undefined)
    this.#client.budget?.earn()
    this.#reservation?.giveBack()
  }

  /** @param {StreamFailure} error */
  failed(error) {
    const isShared = this.#permit?.settle(error) ?? false
    const { next } = this.#client.policies
    const [state, decision] = next(this.#state, this.#failure(error, isShared), this.#circumstances())
    if (decision.action === 'give-up') {
      this.#reservation?.giveBack()
      return undefined
    }
    if (state.mode === 'anew') this.#hasText = false
    this.#reservation?.take(state.isFree)
    this.#state = state
    return decision.delayMs
  }

  /**
   * @param {Permit | undefined} permit
   * @returns {undefined}
   */
  #send(permit) {
    this.#permit = permit
    this.#reservation?.spend()
    this.#requests++
  }

  /**
   * @param {StreamFailure} error
   * @param {boolean} isShared
   * @returns {Failure}
   */
  #failure(error, isShared) {
    const place = { position: undefined, retryMs: 0, isShared }
    if (!this.#permit && error.code === 'circuit-open') return { error, was: 'held-back', ...place }
    return { error, was: this.#gotOn ? 'on-its-way' : 'in-vain', ...place }
  }

  /** @returns {import('../../src/run/retry-state.ts').Circumstances} */
  #circumstances() {
    const { policies, isResumable } = this.#client
    const { clock, retryDefaults } = policies
    return {
      retry: retryDefaults,
      recovery: 'auto',
      attempts: this.#requests,
      // Shown as it comes, and whoever shows it can take it back: `render`.
      committed: true,
      canRewind: true,
      canResume: isResumable && this.#hasText,
      canResend: true,
      canRefresh: false,
      tokens: this.#reservation?.tokens ?? Number.POSITIVE_INFINITY,
      remainingMs: Number.POSITIVE_INFINITY,
      now: clock.now(),
      today: clock.wallClock(),
      chance: clock.chance(),
    }
  }
}

/** @param {unknown} refusal */
function asFailure(refusal) {
  return /** @type {StreamFailure} */ (refusal)
}

const everySecond = () => 1000
/** @param {number} failures */
const doubling = (failures) => Math.min(8000, 500 * 2 ** (failures - 1))

/** @type {(name: string, delayMs: (failures: number) => number) => Strategy} */
const loop = (name, delayMs) => ({ name, client: () => ({ ask: () => new Loop(delayMs) }) })

/** @type {(name: string, parts: 'whole' | 'no budget' | 'no breaker') => Strategy} */
const holdfast = (name, parts) => ({
  name,
  client: (policies, onCircuit, isResumable) => new Holdfast(policies, parts, onCircuit, isResumable),
})

/** @type {readonly Strategy[]} */
export const strategies = Object.freeze([
  loop('naive, every second', everySecond),
  loop('exponential, no jitter', doubling),
  holdfast('Holdfast', 'whole'),
  holdfast('Holdfast without budget', 'no budget'),
  holdfast('Holdfast without breaker', 'no breaker'),
])

/** @param {string} name */
export function strategy(name) {
  const found = strategies.find((each) => each.name === name)
  if (!found)
    throw new Error(`No strategy "${name}"; there are: ${strategies.map((each) => each.name).join(', ')}`)
  return found
}
