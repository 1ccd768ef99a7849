// @ts-check
// An answer belongs to no tab: the server keeps it, and whoever knows its address can read it.
import { partOf } from './element.js'

/** @typedef {import('./keep.js').Turn} Turn */

// Nothing but a path to an answer of this server: the page's own address may come from anywhere.
const ADDRESS = /^\/answers\/a[0-9A-Za-z]{22}$/

/** What this page was opened for, if it was for the answer to a question of another tab. */
export const elsewhere = read(new URLSearchParams(location.search))

/**
 * @param {URLSearchParams} query
 * @returns {Turn | undefined}
 */
function read(query) {
  const address = query.get('answer') ?? ''
  if (!ADDRESS.test(address)) return undefined
  const markdown = query.has('markdown')
  const call = { ask: '', fault: 'none', label: '', always: false, markdown }
  return { question: '', text: '', call, state: undefined, status: '', error: '', address }
}

/**
 * Has a card's link lead to a page with the same answer, once it is known where that is.
 * @param {Turn} turn
 * @param {HTMLElement} card
 */
export function linkTo({ address, call }, card) {
  if (!address) return
  const link = /** @type {HTMLAnchorElement} */ (partOf(card, '.second'))
  link.href = `/?answer=${address}${call.markdown ? '&markdown' : ''}`
  link.removeAttribute('data-nowhere')
}
