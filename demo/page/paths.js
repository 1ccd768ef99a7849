// @ts-check
// Where the signs of a timeline stand, as the `d` of paths. Pure: numbers in, text out.

/** @typedef {import('./record.js').Record} Record */
/** @typedef {import('./record.js').Row} Row */
/** @typedef {(ms: number) => number} Scale */

const ROW_PX = 46
const FIRST_ROW_PX = 32
const AXIS_PX = 26

/** Whether the circuit has anything to say: it was not closed all the time. @param {Pick<Record, 'breaker'>} record */
export const hasBreaker = ({ breaker }) => breaker.some(({ state }) => state !== 'closed')

/** Heights, in CSS pixels. @param {Pick<Record, 'rows' | 'breaker'>} record */
export function geometry(record) {
  const count = record.rows.length
  const breakerY = FIRST_ROW_PX + count * ROW_PX
  const axisY = hasBreaker(record) ? breakerY + 12 : breakerY - ROW_PX + 18
  const last = hasBreaker(record) ? count : count - 1
  return {
    height: axisY + AXIS_PX,
    breakerY,
    axisY,
    /** The middle of an attempt's row. @param {number} index */
    rowY: (index) => FIRST_ROW_PX + index * ROW_PX,
    /** The row at a height; one past the last is the breaker's. @param {number} y */
    rowAt: (y) => Math.max(0, Math.min(last, Math.floor((y - FIRST_ROW_PX + ROW_PX * 0.6) / ROW_PX))),
  }
}

// A scale that changed with every frame would never come to rest, and would have every tick drawn anew.
const SPANS = [3, 5, 8, 12, 18, 26, 38, 55, 80, 120]

/** How much time the width shows, in ms. @param {Record} record */
export function spanFor(record) {
  const { endMs, isOver } = record
  if (isOver) return Math.max(endMs * 1.03, 100)
  const span = SPANS.find((seconds) => seconds * 1000 > endMs * 1.02)
  return span ? span * 1000 : Math.ceil(endMs / 60_000 + 0.1) * 60_000
}

const STEPS = [0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600]

/**
 * From one number of the axis to the next, in ms.
 * @param {number} spanMs
 * @param {number} width
 */
export function axisStep(spanMs, width) {
  const atLeast = (spanMs * 48) / Math.max(width, 1)
  return (STEPS.find((seconds) => seconds * 1000 >= atLeast) ?? 1200) * 1000
}

/**
 * All signs of an attempt, around the middle of its row.
 * @param {Row} row
 * @param {Record} record
 * @param {Scale} x
 */
export function pathsOf(row, record, x) {
  const { startMs, openMs, endMs, wait, silences, notes, outcome } = row
  const nowMs = Math.max(endMs ?? record.endMs, startMs)
  const isBegun = endMs === undefined ? record.endMs >= startMs : endMs > startMs
  const signs = (/** @type {string} */ kind, /** @type {(x: number) => string} */ draw) =>
    notes
      .filter((note) => note.kind === kind)
      .map(({ ms }) => draw(x(ms)))
      .join('')
  const spans = (/** @type {boolean} */ isStall, /** @type {number} */ half) =>
    silences
      .filter((silence) => silence.isStall === isStall)
      .map(({ fromMs, toMs }) => `M${x(fromMs)} ${-half}H${x(toMs ?? nowMs)}V${half}H${x(fromMs)}Z`)
      .join('')
  const end = endMs === undefined ? 0 : x(endMs)
  return {
    wait: wait ? `M${x(wait.fromMs)} 0H${x(startMs)}` : '',
    connect: isBegun ? `M${x(startMs)} 0H${x(openMs ?? nowMs)}` : '',
    line: openMs === undefined ? '' : `M${x(openMs)} 0H${x(nowMs)}M${x(openMs)} -4V4`,
    gap: spans(false, 3),
    stall: spans(true, 6),
    ticks: columns(row.ticks, x, -8, 8),
    repeats: columns(row.repeats, x, -4, 4),
    alive: columns(row.keepAlives, x, 12, 12.01),
    rewind: signs('rewind', (at) => `M${at} -10l-8 5l8 5zV10`),
    fault: signs('fault', (at) => `M${at - 4} -14h8l-4 7z`),
    checkpoint: signs('checkpoint', (at) => `M${at} 10V-10h8l-2.5 3.5l2.5 3.5h-8`),
    whole: outcome === 'whole' ? `M${end - 4} 0a4 4 0 1 0 8 0a4 4 0 1 0 -8 0` : '',
    stopped: outcome === 'stopped' ? `M${end - 3.5} -3.5h7v7h-7z` : '',
    failed: outcome && !['whole', 'stopped'].includes(outcome) ? `M${end - 4} -4l8 8m0 -8l-8 8` : '',
  }
}

/**
 * One stroke for each column of pixels that holds any of the times, however many there are.
 * @param {readonly number[]} times rising
 * @param {Scale} x
 * @param {number} top
 * @param {number} bottom
 */
function columns(times, x, top, bottom) {
  let d = ''
  let last = Number.NaN
  for (const ms of times) {
    const column = x(ms)
    if (column === last) continue
    d += `M${column} ${top}V${bottom}`
    last = column
  }
  return d
}
