// @ts-check
import { setImmediate } from 'node:timers/promises'
import { Agenda } from './agenda.mjs'
import { dice } from './dice.mjs'
import { Record } from './record.mjs'
import { endMs } from './scenario.mjs'
import { Server } from './server.mjs'

/**
 * @typedef {import('./scenario.mjs').Scenario} Scenario
 * @typedef {import('./strategies.mjs').Ask} Ask
 * @typedef {import('./strategies.mjs').Client} Client
 * @typedef {import('./strategies.mjs').Strategy} Strategy
 * @typedef {import('./policies.mjs').Policies} Policies
 * @typedef {import('../../src/errors/errors.ts').StreamFailure} StreamFailure
 */

/** What a user wakes up to. Numbers, because there is one for each of 100,000 users. */
const ASK = 0
const RETRY = 1
const FIRST_DELTA = 2
const WHOLE = 3
const CUT = 4
const REFUSED = 5

const ENDS = Object.freeze({ whole: WHOLE, cut: CUT, refused: REFUSED })

/**
 * Plays a scenario with clients that all behave alike. One game at a time in a thread: they would share the clock.
 *
 * @param {Scenario} scenario
 * @param {Strategy} strategy
 * @param {Policies} policies
 */
export async function simulate(scenario, strategy, policies) {
  const { stackTraceLimit } = Error
  // The open circuits refuse half a million asks; nobody reads where from.
  Error.stackTraceLimit = 0
  try {
    return await new Crowd(scenario, strategy, policies).play(endMs(scenario))
  } finally {
    Error.stackTraceLimit = stackTraceLimit
  }
}

/** All users, their clients and the server. */
class Crowd {
  #agenda
  /** @type {(Ask | undefined)[]} */
  #asks
  #awaited
  #clients
  #clock
  /** One error for all: the policy only reads it. */
  #cut
  #refused
  /** Requests of the present ask, and whether one was cut. */
  #requests
  #wasCut
  /** How and when the present request ends, while its first delta is awaited. */
  #end
  #endMs
  #gapMs
  #record
  #server
  #usersEach
  /** The users' dice are their own: how a client retries must not change when its user asks next. */
  #users
  /** Who waits for somebody else's probe. */
  #waiting = 0

  /**
   * @param {Scenario} scenario
   * @param {Strategy} strategy
   * @param {Policies} policies
   */
  constructor(scenario, strategy, policies) {
    const { clients, gapMs, isResumable, outage, seed, users } = scenario
    const count = clients * users
    this.#users = dice(seed)
    this.#gapMs = gapMs
    this.#clock = policies.clock
    this.#clock.start(dice(seed + 1))
    this.#server = new Server(scenario, dice(seed + 2))
    this.#record = new Record(scenario)
    this.#usersEach = users
    this.#clients = Array.from({ length: clients }, () =>
      strategy.client(
        policies,
        (from, to) => this.#record.noteCircuit(from, to, this.#clock.now()),
        isResumable,
      ),
    )
    this.#asks = Array.from({ length: count }, () => /** @type {Ask | undefined} */ (undefined))
    this.#awaited = new Uint8Array(count).fill(ASK)
    this.#requests = new Uint8Array(count)
    this.#wasCut = new Uint8Array(count)
    this.#end = new Uint8Array(count)
    this.#endMs = new Float64Array(count)
    this.#agenda = new Agenda(count, () => this.#pauseMs())
    this.#cut = new policies.NetworkError('body')
    this.#refused = refusal(policies, outage.status)
  }

  /** @param {number} untilMs */
  async play(untilMs) {
    const agenda = this.#agenda
    while (agenda.timeMs < untilMs) {
      const { user, timeMs } = agenda
      this.#clock.advance(timeMs)
      const nextMs = this.#wake(user, timeMs)
      if (nextMs === undefined) agenda.leave()
      else agenda.again(nextMs)
      // Real promises tell those who wait what a probe has found. Virtual time stands still until all of them know.
      if (this.#waiting > 0) await setImmediate()
    }
    return this.#record
  }

  /**
   * @param {number} user
   * @param {number} nowMs
   * @returns {number | undefined} when that one wakes again; `undefined`: when a probe has ended.
   */
  #wake(user, nowMs) {
    switch (this.#awaited[user]) {
      case ASK:
        return this.#begin(user, nowMs)
      case RETRY:
        return this.#attempt(user, nowMs)
      case FIRST_DELTA:
        this.#ask(user).progressed()
        this.#awaited[user] = this.#end[user] ?? 0
        return this.#endMs[user]
      case WHOLE:
        this.#ask(user).succeeded()
        return this.#ended(user, 'answered', nowMs)
      case CUT:
        this.#wasCut[user] = 1
        return this.#failed(user, this.#cut, nowMs)
      default:
        return this.#failed(user, this.#refused, nowMs)
    }
  }

  /** @type {(user: number, nowMs: number) => number | undefined} */
  #begin(user, nowMs) {
    this.#record.note('asked', nowMs)
    this.#asks[user] = this.#clients[Math.floor(user / this.#usersEach)]?.ask()
    this.#requests[user] = 0
    this.#wasCut[user] = 0
    return this.#attempt(user, nowMs)
  }

  /** @type {(user: number, nowMs: number) => number | undefined} */
  #attempt(user, nowMs) {
    const verdict = this.#ask(user).admit()
    if (!(verdict instanceof Promise)) return this.#go(user, verdict, nowMs)
    this.#waiting++
    void verdict.then((refusal) => {
      this.#waiting--
      this.#agenda.join(user, this.#go(user, refusal, this.#clock.now()))
    })
    return undefined
  }

  /** @type {(user: number, refusal: StreamFailure | undefined, nowMs: number) => number} */
  #go(user, refusal, nowMs) {
    if (refusal) return this.#failed(user, refusal, nowMs)
    this.#record.note('requested', nowMs)
    this.#requests[user] = (this.#requests[user] ?? 0) + 1
    const { firstMs, endMs, end } = this.#server.answer(nowMs)
    this.#record.noteQueue(this.#server.queueMs(nowMs), nowMs)
    this.#awaited[user] = ENDS[end]
    if (firstMs >= endMs) return endMs
    this.#end[user] = ENDS[end]
    this.#endMs[user] = endMs
    this.#awaited[user] = FIRST_DELTA
    return firstMs
  }

  /** @type {(user: number, error: StreamFailure, nowMs: number) => number} */
  #failed(user, error, nowMs) {
    const waitMs = this.#ask(user).failed(error)
    if (waitMs === undefined)
      return this.#ended(user, error.code === 'circuit-open' ? 'heldBack' : 'failed', nowMs)
    this.#awaited[user] = RETRY
    return nowMs + waitMs
  }

  /** @type {(user: number, how: 'answered' | 'failed' | 'heldBack', nowMs: number) => number} */
  #ended(user, how, nowMs) {
    this.#record.note(how, nowMs)
    if (this.#wasCut[user]) this.#record.noteCut(how, this.#requests[user] ?? 0)
    this.#asks[user] = undefined
    this.#awaited[user] = ASK
    return nowMs + this.#pauseMs()
  }

  /** @param {number} user */
  #ask(user) {
    const ask = this.#asks[user]
    if (!ask) throw new Error(`User ${user} has not asked`)
    return ask
  }

  #pauseMs() {
    return -this.#gapMs * Math.log(1 - this.#users())
  }
}

/**
 * @param {Policies} policies
 * @param {number} status
 */
function refusal({ HttpError }, status) {
  const facts = { status, url: 'https://example.test/', body: undefined, requestId: undefined }
  return new HttpError(`The server answered ${status}`, {
    ...facts,
    retryAfterMs: undefined,
    shouldRetry: undefined,
  })
}
