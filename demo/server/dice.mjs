// @ts-check
// Chance with a seed: the same question gives the same answer, in the same pieces, in every attempt. Without
// that, no retry could be seen to continue where the first attempt broke off.

/** @typedef {() => number} Dice numbers in [0, 1), as from `Math.random` */

/**
 * A 32-bit number that stands for the text (FNV-1a).
 * @param {string} text
 */
export function hash(text) {
  let sum = 0x811c9dc5
  for (let i = 0; i < text.length; i++) sum = Math.imul(sum ^ text.charCodeAt(i), 0x01000193)
  return sum >>> 0
}

/**
 * A generator that repeats itself for the same seed (mulberry32).
 * @param {number} seed
 * @returns {Dice}
 */
export function dice(seed) {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/**
 * @param {Dice} roll
 * @param {number} from
 * @param {number} to
 */
export const between = (roll, from, to) => from + roll() * (to - from)
