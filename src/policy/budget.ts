/** How much retrying all replies of a client may do together. */
export interface BudgetOptions {
  /**
   * What the budget holds at first and at most; each further attempt costs one token. `0`: no bound.
   * @defaultValue 10
   */
  readonly tokens?: number | undefined
  /**
   * What each whole answer puts back.
   * @defaultValue 0.1
   */
  readonly perSuccess?: number | undefined
}

export type ResolvedBudget = { readonly [K in keyof BudgetOptions]-?: number }

export const budgetDefaults: ResolvedBudget = Object.freeze({ tokens: 10, perSuccess: 0.1 })

/**
 * A token bucket. While a server works, retries are paid for by successes; when it fails for everybody, the bucket
 * runs dry and each request is sent once, so that retrying cannot multiply the load that keeps the server down.
 *
 * @see https://sre.google/sre-book/handling-overload/ (per-client retry budget)
 */
export class Budget {
  readonly #options: ResolvedBudget
  #tokens: number

  constructor(options: ResolvedBudget) {
    this.#options = options
    this.#tokens = options.tokens
  }

  /** Tokens left; a further attempt needs a whole one. */
  get tokens(): number {
    return this.#tokens
  }

  /** One reply's dealings with it. */
  reservation(): Reservation {
    return new Reservation(this)
  }

  /** Pays for a further attempt; `false` if there is nothing to pay with. */
  take(): boolean {
    if (this.#tokens < 1) return false
    this.#tokens--
    return true
  }

  /** What was paid for was not done: nothing was sent. */
  giveBack(): void {
    this.#put(1)
  }

  /** A whole answer has arrived. */
  earn(): void {
    this.#put(this.#options.perSuccess)
  }

  // Ten tenths are to make a whole token, which in binary they do not.
  #put(tokens: number): void {
    this.#tokens = Math.min(this.#options.tokens, Math.round((this.#tokens + tokens) * 1e6) / 1e6)
  }
}

/**
 * What one reply takes from the budget: a token is taken when another attempt is decided on, or replies that fail
 * together would all find the last one; if the request is then not sent, it is given back.
 */
export class Reservation {
  readonly #budget: Budget
  #isHeld = false

  constructor(budget: Budget) {
    this.#budget = budget
  }

  /** What can be paid with. */
  get tokens(): number {
    return this.#budget.tokens + (this.#isHeld ? 1 : 0)
  }

  /** For the next request, unless it is free. */
  take(isFree: boolean): void {
    if (!isFree && !this.#isHeld) this.#isHeld = this.#budget.take()
  }

  /** The request is being sent. */
  spend(): void {
    this.#isHeld = false
  }

  /** There will be no request. */
  giveBack(): void {
    if (this.#isHeld) this.#budget.giveBack()
    this.#isHeld = false
  }
}
