// @ts-check
// How many answers came whole, and how many were lost, by who read them. Of this tab, over a reload.
import { $, textElement } from './element.js'
import { words } from './language.js'
import { number } from './words.js'

/** @typedef {keyof typeof words.panes.readers | 'holdfast'} Reader */

const KEY = 'holdfast-demo-scores'
/** @type {{ [reader: string]: [whole: number, lost: number] }} */
const scores = read()

function read() {
  try {
    return JSON.parse(sessionStorage.getItem(KEY) ?? '{}') ?? {}
  } catch {
    return {}
  }
}

/** @param {Reader} reader @param {boolean} isWhole */
export function addScore(reader, isWhole) {
  const [whole, lost] = scores[reader] ?? [0, 0]
  scores[reader] = isWhole ? [whole + 1, lost] : [whole, lost + 1]
  try {
    sessionStorage.setItem(KEY, JSON.stringify(scores))
  } catch {
    // Full or switched off: then a reload begins to count anew.
  }
  showScores()
}

/** Everybody has a row from the start, so that nothing moves. */
export function showScores() {
  const names = { ...words.panes.readers, holdfast: 'Holdfast' }
  const rows = Object.entries(names).map(([reader, name]) => {
    const row = document.createElement('tr')
    const head = /** @type {HTMLTableCellElement} */ (textElement('th', name))
    head.scope = 'row'
    const cells = (scores[reader] ?? [0, 0]).map((count) => textElement('td', number(count)))
    row.append(head, ...cells)
    return row
  })
  $('score').tBodies[0].replaceChildren(...rows)
}
