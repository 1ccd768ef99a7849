// @ts-check
/** Stands in for `src/time/clock.ts`: the simulation says what time it is and lends its dice. */

/** The longest delay the real clock takes. */
export const MAX_TIMER_MS = 2_147_483_647

let time = 0
let draw = () => 0

/** @param {() => number} dice */
export function start(dice) {
  time = 0
  draw = dice
}

/** @param {number} ms */
export function advance(ms) {
  time = ms
}

export function now() {
  return time
}

export function wallClock() {
  return time
}

export function chance() {
  return draw()
}

// The policy decides and does not wait; should that change, the simulation must not pass over it in silence.
/** @returns {never} */
export function schedule() {
  throw new Error('The simulation has no timers: its agenda wakes the clients')
}

/** @returns {never} */
export function uniqueName() {
  throw new Error('The simulation names nothing')
}
