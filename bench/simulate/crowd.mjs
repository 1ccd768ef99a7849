// @ts-check
import { Agenda } from './agenda.mjs'
import { dice } from './dice.mjs'
import { Record } from './record.mjs'
import { endMs } from './scenario.mjs'
import { Server } from './server.mjs'

/**
 * @typedef {import('./scenario.mjs').Scenario} Scenario
 * @typedef {import('./strategies.mjs').Strategy} Strategy
 * @typedef {import('./policies.mjs').Policies} Policies
 * @typedef {import('../../src/errors/errors.ts').StreamFailure} StreamFailure
 */

/** What a client wakes up to. Numbers, because there is one for each of 100,000 clients. */
const ASK = 0
const RETRY = 1
const ANSWER = 2
const FAILURE = 3

/**
 * Plays a scenario with clients that all behave alike.
 *
 * @param {Scenario} scenario
 * @param {Strategy} strategy
 * @param {Policies} policies
 */
export function simulate(scenario, strategy, policies) {
  const { stackTraceLimit } = Error
  // The open circuits refuse half a million asks; nobody reads where from.
  Error.stackTraceLimit = 0
  try {
    return new Crowd(scenario, strategy, policies).play(endMs(scenario))
  } finally {
    Error.stackTraceLimit = stackTraceLimit
  }
}

/** All clients and their server. */
class Crowd {
  #agenda
  #awaited
  #callers
  #clock
  #gapMs
  #record
  #server
  #trouble
  /** The users' dice are their own: how a client retries must not change when its user asks next. */
  #users

  /**
   * @param {Scenario} scenario
   * @param {Strategy} strategy
   * @param {Policies} policies
   */
  constructor(scenario, strategy, policies) {
    const { clients, seed } = scenario
    this.#users = dice(seed)
    this.#gapMs = scenario.gapMs
    this.#clock = policies.clock
    this.#clock.start(dice(seed + 1))
    this.#server = new Server(scenario, dice(seed + 2))
    this.#record = new Record(scenario)
    this.#callers = Array.from({ length: clients }, () => strategy.caller(policies))
    this.#awaited = new Uint8Array(clients).fill(ASK)
    this.#agenda = new Agenda(clients, () => this.#pauseMs())
    this.#trouble = trouble(policies, scenario.outage.status)
  }

  /** @param {number} untilMs */
  play(untilMs) {
    const agenda = this.#agenda
    while (agenda.timeMs < untilMs) {
      const { client, timeMs } = agenda
      const caller = this.#callers[client]
      if (!caller) throw new Error(`No client ${client}`)
      this.#clock.advance(timeMs)
      agenda.again(this.#wake(client, caller, timeMs))
    }
    return this.#record
  }

  /**
   * @param {number} client
   * @param {import('./strategies.mjs').Caller} caller
   * @param {number} nowMs
   * @returns {number} when it wakes again.
   */
  #wake(client, caller, nowMs) {
    switch (this.#awaited[client]) {
      case ASK:
        this.#record.note('asked', nowMs)
        caller.begin()
        return this.#attempt(client, caller, nowMs)
      case RETRY:
        return this.#attempt(client, caller, nowMs)
      case ANSWER:
        caller.succeeded()
        this.#record.note('answered', nowMs)
        return this.#rest(client, nowMs)
      default:
        return this.#failed(client, caller, this.#trouble, nowMs)
    }
  }

  /** @type {(client: number, caller: import('./strategies.mjs').Caller, nowMs: number) => number} */
  #attempt(client, caller, nowMs) {
    const refusal = caller.admit()
    if (refusal) return this.#failed(client, caller, refusal, nowMs)
    this.#record.note('requested', nowMs)
    const end = this.#server.answer(nowMs)
    this.#record.noteQueue(this.#server.queueMs(nowMs), nowMs)
    this.#awaited[client] = end < 0 ? FAILURE : ANSWER
    return Math.abs(end)
  }

  /** @type {(client: number, caller: import('./strategies.mjs').Caller, error: StreamFailure, nowMs: number) => number} */
  #failed(client, caller, error, nowMs) {
    const waitMs = caller.failed(error)
    if (waitMs === undefined) {
      this.#record.note(error.code === 'circuit-open' ? 'heldBack' : 'failed', nowMs)
      return this.#rest(client, nowMs)
    }
    this.#awaited[client] = RETRY
    return nowMs + waitMs
  }

  /** @type {(client: number, nowMs: number) => number} */
  #rest(client, nowMs) {
    this.#awaited[client] = ASK
    return nowMs + this.#pauseMs()
  }

  #pauseMs() {
    return -this.#gapMs * Math.log(1 - this.#users())
  }
}

/**
 * One error for all: the policy only reads it.
 *
 * @param {Policies} policies
 * @param {number} status
 */
function trouble({ HttpError }, status) {
  const facts = { status, url: 'https://example.test/', body: undefined, requestId: undefined }
  return new HttpError(`The server answered ${status}`, {
    ...facts,
    retryAfterMs: undefined,
    shouldRetry: undefined,
  })
}
