// @ts-check
// Where the timeline of the newest answer is: beside the answer, or, where there is no room for that, docked above the
// composer, so that it stays in sight and the growing text does not push it along. On a screen that is low it is below
// its answer: the text comes first.
import { $ } from './element.js'

const undocked = matchMedia('(min-width: 68rem), (max-height: 32rem)')
/** @type {{ timeline: HTMLElement, home: HTMLElement } | undefined} */
let placed

undocked.addEventListener('change', () => {
  if (placed) move(placed)
})

/** @param {HTMLElement} timeline */
export function place(timeline) {
  placed = { timeline, home: /** @type {HTMLElement} */ (timeline.parentElement) }
  move(placed)
}

/** It stays with its answer from now on. */
export function undock() {
  placed?.home.prepend(placed.timeline)
  placed = undefined
}

/** @param {{ timeline: HTMLElement, home: HTMLElement }} what */
function move({ timeline, home }) {
  const dock = undocked.matches ? home : $('dock')
  if (timeline.parentElement !== dock) dock.prepend(timeline)
  $('dock').hidden = undocked.matches
}
