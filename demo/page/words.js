// @ts-check
// Numbers, times and what an answer is doing, in the words of the page's language.
import { words } from './language.js'

/**
 * @typedef {object} Phase
 * @property {'connecting' | 'waiting' | 'writing' | 'retrying' | 'done' | 'stopped' | 'failed'} state
 * @property {number} attempt
 * @property {boolean} [comparing] a new answer is laid against the one that is here
 * @property {boolean} [resuming] the server goes on where the stream broke
 * @property {string} [reason] why it is tried again
 * @property {number} [dueAt] when, on the page's clock
 * @property {string} [tookBack]
 * @property {number} [quietSince]
 * @property {number} [aliveAt]
 * @property {number | undefined} [circuitOpenUntil] in ms since the epoch
 */

export const now = () => performance.now()
export const { number, seconds, at, exactly } = words
/** By the reader's clock, as it is written where they are. @param {number} epochMs */
export const clock = (epochMs) => new Date(epochMs).toLocaleTimeString()
/** @param {number} epochMs */
export const remaining = (epochMs) => words.left(Math.ceil((epochMs - Date.now()) / 1000))
/** @param {string} text */
export const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1)

/**
 * What an answer is doing.
 * @param {Phase} phase
 */
export function wordsFor(phase) {
  const { status } = words
  const { attempt, tookBack } = phase
  if (phase.quietSince !== undefined) return silence(phase.quietSince, phase.aliveAt, attempt)
  switch (phase.state) {
    case 'connecting':
      return status.connecting(attempt)
    case 'waiting':
      if (phase.resuming) return status.resuming(attempt)
      return phase.comparing ? status.comparing(attempt) : status.waiting(attempt)
    case 'writing':
      return status.writing(attempt, tookBack)
    case 'retrying':
      return phase.dueAt !== undefined && phase.dueAt > now()
        ? status.retrying(((phase.dueAt - now()) / 1000).toFixed(1), phase.reason ?? '', attempt)
        : status.connecting(attempt)
    case 'done':
      return tookBack ? status.doneAfter(tookBack) : status.done(attempt)
    case 'stopped':
      return status.stopped
    case 'failed':
      return failure(phase)
  }
}

/**
 * How an attempt ended; a refusal by its status.
 * @param {string} outcome
 * @param {number} [httpStatus]
 */
export const outcomeWords = (outcome, httpStatus) =>
  outcome === 'http' && httpStatus !== undefined ? String(httpStatus) : (words.outcomes[outcome] ?? outcome)

/**
 * @param {number} since
 * @param {number | undefined} aliveAt
 * @param {number} attempt
 */
function silence(since, aliveAt = Number.NEGATIVE_INFINITY, attempt) {
  // A comment right at the start only says that the stream is open.
  const isAlive = aliveAt > since + 1000 && now() - aliveAt < 3000
  return words.status.silent(Math.floor((now() - since) / 1000), isAlive, attempt)
}

/** @param {Phase} phase */
function failure({ attempt, circuitOpenUntil }) {
  if (circuitOpenUntil === undefined) return words.status.failed(attempt)
  return circuitOpenUntil > Date.now()
    ? words.status.circuitOpen(clock(circuitOpenUntil), remaining(circuitOpenUntil))
    : words.status.circuitMayClose
}

/**
 * Why it failed, in one sentence.
 * @param {import('../../src/index.ts').StreamFailure} error
 */
export function inWords(error) {
  const message =
    error.code === 'circuit-open' ? words.status.notSent(clock(error.retryAtMs ?? Date.now())) : error.message
  return /[.!?…。！？]$/.test(message) ? message : `${message}.`
}
