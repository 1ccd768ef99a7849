// @ts-check
/**
 * How a client behaves: two loops as people write them, and Holdfast's policy with its defaults, whole and with one
 * organ taken out.
 *
 * @typedef {import('../../src/errors/errors.ts').StreamFailure} StreamFailure
 * @typedef {import('./policies.mjs').Policies} Policies
 *
 * @typedef {object} Caller
 * @property {() => void} begin - the user asks.
 * @property {() => StreamFailure | undefined} admit - before each request; an error if it must not be sent.
 * @property {() => void} succeeded
 * @property {(error: StreamFailure) => number | undefined} failed - how long to wait, in ms; `undefined`: give up.
 *
 * @typedef {{ readonly name: string, readonly caller: (policies: Policies) => Caller }} Strategy
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

  begin() {
    this.#failures = 0
  }

  admit() {
    return undefined
  }

  succeeded() {}

  failed() {
    this.#failures++
    return this.#failures > LOOP_LIMIT ? undefined : this.#delayMs(this.#failures)
  }
}

/** What `stream.ts` and `course.ts` do around the policy, for a page with one client and one server. */
class Holdfast {
  #policies
  #breaker
  #budget
  /** @type {import('../../src/policy/breaker.ts').Permit | undefined} */
  #permit
  /** @type {StreamFailure | undefined} */
  #error
  #failures = 0

  /**
   * @param {Policies} policies
   * @param {'whole' | 'no budget' | 'no breaker'} parts
   */
  constructor(policies, parts) {
    const { Breaker, breakerDefaults, Budget, retryDefaults } = policies
    this.#policies = policies
    this.#breaker = parts === 'no breaker' ? undefined : new Breaker(breakerDefaults)
    const { budget } = retryDefaults
    this.#budget = parts === 'no budget' || !budget ? undefined : new Budget(budget)
  }

  begin() {
    this.#failures = 0
    this.#error = undefined
  }

  admit() {
    this.#permit = undefined
    try {
      this.#permit = this.#breaker?.admit(this.#error)
      return undefined
    } catch (refusal) {
      return /** @type {StreamFailure} */ (refusal)
    }
  }

  succeeded() {
    this.#permit?.settle(undefined)
    this.#budget?.earn()
  }

  /** @param {StreamFailure} error */
  failed(error) {
    const { clock, decide, retryDefaults } = this.#policies
    this.#permit?.settle(error)
    const isHeldBack = error.code === 'circuit-open'
    if (!isHeldBack) {
      this.#failures++
      this.#error = error
    }
    const decision = decide(error, this.#progress(error, isHeldBack), retryDefaults, 'auto', clock.chance())
    if (decision.action === 'give-up') return undefined
    if (!isHeldBack) this.#budget?.take()
    return decision.delayMs
  }

  /**
   * @param {StreamFailure} error
   * @param {boolean} isFree - nothing was sent.
   */
  #progress(error, isFree) {
    return {
      attempts: this.#failures,
      failures: this.#failures,
      committed: false,
      canResume: false,
      isRestRefused: false,
      canRewind: true,
      canResend: true,
      canRefresh: false,
      hasBudget: isFree || !this.#budget || this.#budget.tokens >= 1,
      hasAlternative: false,
      askedMs: this.#policies.askedMs(error),
      longTimeouts: 0,
      remainingMs: Number.POSITIVE_INFINITY,
    }
  }
}

const everySecond = () => 1000
/** @param {number} failures */
const doubling = (failures) => Math.min(8000, 500 * 2 ** (failures - 1))

/** @type {(name: string, parts: 'whole' | 'no budget' | 'no breaker') => Strategy} */
const holdfast = (name, parts) => ({ name, caller: (policies) => new Holdfast(policies, parts) })

/** @type {readonly Strategy[]} */
export const strategies = Object.freeze([
  { name: 'naive, every second', caller: () => new Loop(everySecond) },
  { name: 'exponential, no jitter', caller: () => new Loop(doubling) },
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
