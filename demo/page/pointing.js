// @ts-check
// What is pointed at on a timeline, by a pointer or by keys.
import { announce } from './element.js'
import { markNear, marksOf, tokenMark } from './marks.js'

/** @typedef {import('./record.js').Record} Record */
/** @typedef {import('./marks.js').Mark} Mark */

/**
 * The plot as a pointer sees it.
 * @typedef {object} Scales
 * @property {(clientX: number) => number} timeAt in ms
 * @property {(clientY: number) => number} rowAt
 * @property {() => number} reachMs how near is near enough
 * @property {() => void} onChange
 */

export class Pointing {
  /** @type {Mark | undefined} */
  mark
  #record
  #scales
  /** Where Shift and an arrow stand, among the tokens of the mark's row. */
  #token = -1

  /**
   * @param {HTMLElement} plot
   * @param {Record} record
   * @param {Scales} scales
   */
  constructor(plot, record, scales) {
    this.#record = record
    this.#scales = scales
    for (const type of /** @type {const} */ (['pointermove', 'pointerdown'])) {
      plot.addEventListener(type, (event) => this.#point(/** @type {PointerEvent} */ (event)))
    }
    plot.addEventListener('pointerleave', ({ pointerType }) => {
      // A finger leaves as soon as it is lifted, to see what it has pointed at.
      if (pointerType === 'mouse') this.#choose(undefined)
    })
    plot.addEventListener('blur', () => this.#choose(undefined))
    plot.addEventListener('keydown', (event) => this.#key(event))
  }

  /** @param {PointerEvent} event */
  #point({ clientX, clientY }) {
    const { timeAt, rowAt, reachMs } = this.#scales
    const ms = Math.min(Math.max(0, timeAt(clientX)), this.#record.endMs)
    this.#choose(markNear(this.#record, rowAt(clientY), ms, reachMs()))
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (event.ctrlKey || event.altKey || event.metaKey) return
    const mark = event.shiftKey ? this.#nextToken(event.key) : this.#nextMark(event.key)
    if (!mark) return
    event.preventDefault()
    this.#choose(mark)
    announce(mark.words)
  }

  /** @param {string} key @returns {Mark | undefined} */
  #nextMark(key) {
    const marks = marksOf(this.#record)
    const now = this.mark
    const at = now
      ? marks.findIndex(({ ms, row, words }) => ms === now.ms && row === now.row && words === now.words)
      : -1
    const after = now && at < 0 ? marks.findIndex(({ ms }) => ms > now.ms) : at + 1
    const before = now && at < 0 ? marks.findLastIndex(({ ms }) => ms < now.ms) : at - 1
    this.#token = -1
    if (key === 'Home') return marks[0]
    if (key === 'End') return marks.at(-1)
    if (key === 'ArrowRight') return marks[after < 0 ? marks.length - 1 : after] ?? marks.at(-1)
    if (key === 'ArrowLeft') return marks[Math.max(0, before)]
    // An attempt up or down.
    const rows = { ArrowUp: -1, ArrowDown: 1 }[key]
    if (rows === undefined) return undefined
    const row = Math.min(
      Math.max(0, Math.max(0, now?.row ?? 0) + (now ? rows : 0)),
      this.#record.rows.length - 1,
    )
    return marks.find((mark) => mark.row === row)
  }

  /** Token by token. @param {string} key @returns {Mark | undefined} */
  #nextToken(key) {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[key]
    if (step === undefined) return undefined
    const index = Math.max(0, this.mark?.row ?? 0)
    const row = this.#record.rows[index]
    if (!row || row.ticks.length === 0) return undefined
    const here = this.mark?.ms ?? 0
    if (this.#token < 0)
      this.#token =
        step > 0 ? row.ticks.findIndex((ms) => ms >= here) : row.ticks.findLastIndex((ms) => ms <= here)
    else this.#token += step
    this.#token = Math.min(Math.max(0, this.#token), row.ticks.length - 1)
    return tokenMark(row, index, this.#token)
  }

  /** @param {Mark | undefined} mark */
  #choose(mark) {
    this.mark = mark
    if (!mark) this.#token = -1
    this.#scales.onChange()
  }
}
