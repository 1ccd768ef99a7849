// @ts-check
import { words } from './language.js'
import { svgElement } from './svg.js'

/** How a sign looks alone, 14 pixels wide. */
const signs = {
  ticks: 'M2 -6V6M5 -6V6M9 -6V6M12 -6V6',
  repeats: 'M2 -4V4M5 -4V4M9 -4V4M12 -4V4',
  alive: 'M7 0V0.01',
  gap: 'M1 -3H13V3H1Z',
  stall: 'M1 -5H13V5H1Z',
  wait: 'M0 0H14',
  rewind: 'M10 -5l-8 5l8 5z',
  fault: 'M3 -4h8l-4 7z',
  checkpoint: 'M3 6V-6h8l-2.5 3.5l2.5 3.5h-8',
  whole: 'M3 0a4 4 0 1 0 8 0a4 4 0 1 0 -8 0',
  stopped: 'M3.5 -3.5h7v7h-7z',
  failed: 'M3 -4l8 8m0 -8l-8 8',
}

/** Names the signs that are on a timeline, and no others. */
export class Legend {
  #element
  /** @type {Set<string>} */
  #shown = new Set()

  /** @param {HTMLElement} element */
  constructor(element) {
    this.#element = element
  }

  /** @param {string} kind */
  show(kind) {
    if (this.#shown.has(kind) || !(kind in signs)) return
    this.#shown.add(kind)
    const sign = /** @type {keyof typeof signs} */ (kind)
    const item = document.createElement('li')
    const picture = svgElement('svg', { width: 14, height: 14, viewBox: '0 -7 14 14', 'aria-hidden': 'true' })
    picture.append(svgElement('path', { class: kind, d: signs[sign] }))
    item.append(picture, words.signs[sign])
    // In the order in which they come: those that are there stay where they are.
    this.#element.append(item)
  }
}
