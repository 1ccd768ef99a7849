// @ts-check
// Faults that somebody wants now, in the middle of an answer.
import { $, announce } from './element.js'
import { words } from './language.js'

/**
 * Asks the server to break the answer to a question; says what became of it.
 * @param {string} ask
 * @param {string} fault
 * @param {string} label
 * @param {import('./card.js').Card} card
 */
export async function strike(ask, fault, label, card) {
  $('now-note').textContent = ''
  const { nowMs } = card.record
  // At once: what follows from it may be told sooner than the server says that it has done it.
  card.log(words.composer.pressed(label))
  const refusal = await refusalOf(ask, fault)
  if (refusal === undefined) card.record.note('fault', words.composer.pressed(label), nowMs)
  else {
    card.log(refusal)
    $('now-note').textContent = refusal
    announce(refusal)
  }
}

/**
 * @param {string} ask
 * @param {string} fault
 * @returns {Promise<string | undefined>} why not, in a sentence; `undefined` when it has happened
 */
async function refusalOf(ask, fault) {
  try {
    const response = await fetch(`/faults/now?${new URLSearchParams({ ask, fault })}`, { method: 'POST' })
    if (response.ok) return undefined
    return (await response.json()).error.message
  } catch {
    return words.composer.noStrike
  }
}
