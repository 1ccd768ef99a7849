// @ts-check
// What outlives a reload: the conversation, and where the server keeps the answer under way. Of this tab only.

/**
 * How a question was asked, to be asked in the same way again.
 * @typedef {object} Call
 * @property {string} ask the question's id: the server counts by it, and gives the same question one answer
 * @property {string} fault
 * @property {string} label
 * @property {boolean} always
 * @property {boolean} markdown
 */

/**
 * A question and the latest answer to it, as far as it came.
 * @typedef {object} Turn
 * @property {string} question
 * @property {string} text
 * @property {Call} call
 * @property {'done' | 'stopped' | 'failed' | undefined} state `undefined` while the answer is under way
 * @property {string} status
 * @property {string} error
 * @property {string | undefined} [address] where the server keeps the answer, on this origin
 */

/**
 * @typedef {object} Kept
 * @property {readonly Turn[]} turns
 * @property {import('../../src/index.ts').SavedBreakers} breakers
 */

const KEY = 'holdfast-demo-2'

/** @returns {Kept | undefined} */
function read() {
  try {
    const value = JSON.parse(sessionStorage.getItem(KEY) ?? 'null')
    return Array.isArray(value?.turns) ? value : undefined
  } catch {
    // Storage that is switched off, or not ours: a conversation that begins anew.
    return undefined
  }
}

/** What was there when the page was loaded. */
export const kept = read()

/** @param {Kept} value */
export function keep(value) {
  try {
    if (value.turns.length > 0) sessionStorage.setItem(KEY, JSON.stringify(value))
    else sessionStorage.removeItem(KEY)
  } catch {
    // Full or switched off: then a reload begins anew.
  }
}
