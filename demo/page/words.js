// @ts-check
// Numbers, times and what an answer is doing, in words.

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

const whole = new Intl.NumberFormat('en')

export const now = () => performance.now()
/** @param {number} count */
export const number = (count) => whole.format(count)
/** @param {number} ms */
export const seconds = (ms) => `${(ms / 1000).toFixed(ms < 1000 ? 2 : 1)} s`
/** @param {number} epochMs */
export const clock = (epochMs) => new Date(epochMs).toLocaleTimeString('en-GB')
/** @param {number} epochMs */
export const remaining = (epochMs) => `${Math.ceil((epochMs - Date.now()) / 1000)} s`
/** @param {number} attempt */
export const nth = (attempt) => ['first', 'second', 'third'][attempt - 1] ?? `${attempt}th`
/**
 * @param {number} count
 * @param {string} thing
 */
export const countOf = (count, thing) => `${number(count)} ${thing}${count === 1 ? '' : 's'}`
/** @param {string} words */
export const capital = (words) => words.charAt(0).toUpperCase() + words.slice(1)

/**
 * What an answer is doing.
 * @param {Phase} phase
 */
export function wordsFor(phase) {
  const again = phase.attempt > 1 ? ` (attempt ${phase.attempt})` : ''
  if (phase.quietSince !== undefined) return `${silence(phase.quietSince, phase.aliveAt)}${again}`
  switch (phase.state) {
    case 'connecting':
      return `connecting…${again}`
    case 'waiting':
      return `${waiting(phase)}${again}`
    case 'writing':
      return `writing…${phase.tookBack ? ` ${phase.tookBack}` : again}`
    case 'retrying':
      return phase.dueAt !== undefined && phase.dueAt > now()
        ? `retrying in ${((phase.dueAt - now()) / 1000).toFixed(1)} s because ${phase.reason}${again}`
        : `connecting…${again}`
    case 'done':
      if (phase.tookBack) return `done, ${phase.tookBack}`
      return phase.attempt > 1 ? `done, at the ${nth(phase.attempt)} attempt` : 'done'
    case 'stopped':
      return 'stopped'
    case 'failed':
      return failure(phase)
  }
}

/** @param {Phase} phase */
function waiting({ comparing, resuming }) {
  if (resuming) return 'connected again, waiting for the rest…'
  if (comparing) return 'connected again, comparing the new answer with what is here…'
  return 'connected, waiting for the first token…'
}

/** How an attempt ended. @type {Readonly<Record<string, string>>} */
const outcomes = {
  network: 'connection broke',
  truncated: 'cut short',
  timeout: 'too slow',
  http: 'refused',
  api: 'error',
  protocol: 'not an answer',
  'circuit-open': 'not sent',
  callback: 'failed in the page',
}

/** @param {string} outcome */
export const outcomeWords = (outcome) => outcomes[outcome] ?? outcome

/**
 * @param {number} since
 * @param {number | undefined} aliveAt
 */
function silence(since, aliveAt = Number.NEGATIVE_INFINITY) {
  // A comment right at the start only says that the stream is open.
  const isAlive = aliveAt > since + 1000 && now() - aliveAt < 3000
  return `still waiting: nothing for ${Math.floor((now() - since) / 1000)} s${isAlive ? ' (keep-alives arrive)' : ''}`
}

/** @param {Phase} phase */
function failure({ attempt, circuitOpenUntil }) {
  if (circuitOpenUntil === undefined) return attempt > 1 ? `failed after ${attempt} attempts` : 'failed'
  return circuitOpenUntil > Date.now()
    ? `circuit open until ${clock(circuitOpenUntil)} (${remaining(circuitOpenUntil)})`
    : 'the circuit may be tried again'
}

/**
 * Why it failed, in one sentence.
 * @param {import('../../src/index.ts').StreamFailure} error
 */
export function inWords(error) {
  const message =
    error.code === 'circuit-open'
      ? `Nothing is sent until ${clock(error.retryAtMs ?? Date.now())}, because the server has failed too often`
      : error.message
  return /[.!?…]$/.test(message) ? message : `${message}.`
}
