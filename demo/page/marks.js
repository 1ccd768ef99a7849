// @ts-check
// What there is to point at on a timeline, and what it says.
import { capital, countOf, seconds } from './words.js'

/** @typedef {import('./record.js').Record} Record */
/** @typedef {import('./record.js').Row} Row */

/**
 * A place on the timeline. `row` is an attempt's index, or -1 for the breaker.
 * @typedef {object} Mark
 * @property {number} row
 * @property {number} ms
 * @property {string} words
 */

/** @param {number} ms */
const at = (ms) => `at ${(ms / 1000).toFixed(2)} s`
const modes = {
  anew: '',
  resume: ', which reads on where the answer is kept,',
  failover: ', at another server,',
}

/**
 * The marks that keys move between, from left to right.
 * @param {Record} record
 * @returns {Mark[]}
 */
export function marksOf(record) {
  const marks = record.rows.flatMap((row, index) => marksOfRow(row).map((mark) => ({ ...mark, row: index })))
  const turns = record.breaker
    .slice(1)
    .map(({ ms, state }) => ({ row: -1, ms, words: `The breaker turned ${state} ${at(ms)}` }))
  return [...marks, ...turns].sort((a, b) => a.ms - b.ms)
}

/** @param {Row} row */
function marksOfRow(row) {
  const { startMs, openMs, status, silences, notes, endMs, wait } = row
  /** @type {{ ms: number, words: string }[]} */
  const marks = []
  if (wait) marks.push({ ms: wait.fromMs, words: wordsForWait(row) })
  if (endMs === undefined || endMs > startMs)
    marks.push({ ms: startMs, words: `Attempt ${row.attempt}${modes[row.mode]} asked ${at(startMs)}` })
  if (openMs !== undefined)
    marks.push({ ms: openMs, words: `Connected ${seconds(openMs - startMs)} after asking, status ${status}` })
  const first = row.ticks[0]
  if (first !== undefined) marks.push({ ms: first, words: wordsForTokens(row, first) })
  const same = row.repeats[0]
  if (same !== undefined)
    marks.push({ ms: same, words: `${countOf(row.repeats.length, 'event')} that only repeat what is here` })
  for (const silence of silences) marks.push({ ms: silence.fromMs, words: wordsForSilence(silence) })
  for (const { ms, words } of notes) marks.push({ ms, words: `${words} ${at(ms)}` })
  marks.push(...keepAliveMarks(row))
  // Nothing comes after the end, though it may come in the same moment.
  if (endMs !== undefined) marks.push({ ms: endMs, words: wordsForEnd(row, endMs) })
  return marks
}

/** Keep-alives in a row, without a token between them, are one mark. @param {Row} row */
function keepAliveMarks({ keepAlives, ticks }) {
  /** @type {{ ms: number, words: string }[]} */
  const marks = []
  let passed = 0
  let begin = 0
  for (const [index, ms] of keepAlives.entries()) {
    const next = keepAlives[index + 1] ?? Number.POSITIVE_INFINITY
    while (passed < ticks.length && Number(ticks[passed]) <= ms) passed++
    if (next < (ticks[passed] ?? Number.POSITIVE_INFINITY) && next !== Number.POSITIVE_INFINITY) continue
    const from = keepAlives[begin] ?? ms
    const count = index + 1 - begin
    marks.push({
      ms: from,
      words: count === 1 ? `A keep-alive ${at(from)}` : `${count} keep-alives, the last one ${at(ms)}`,
    })
    begin = index + 1
  }
  return marks
}

/** @param {Row} row */
const wordsForWait = ({ wait, startMs, attempt }) =>
  `Waited ${seconds(startMs - (wait?.fromMs ?? startMs))} before attempt ${attempt}, because ${wait?.reason}`

/**
 * @param {Row} row
 * @param {number} first
 */
function wordsForTokens({ ticks, startMs }, first) {
  const last = ticks.at(-1) ?? first
  const pace =
    last - first > 200 ? `, ${Math.round(((ticks.length - 1) * 1000) / (last - first))} a second` : ''
  return `First token ${seconds(first - startMs)} after asking; ${countOf(ticks.length, 'token')} until ${(last / 1000).toFixed(2)} s${pace}`
}

/** @param {import('./record.js').Silence} silence */
function wordsForSilence({ fromMs, toMs, isStall }) {
  const length = toMs === undefined ? 'and still is' : `for ${seconds(toMs - fromMs)}`
  return isStall
    ? `Stalled: nothing new from ${(fromMs / 1000).toFixed(2)} s on, ${length}`
    : `A gap of ${seconds((toMs ?? fromMs) - fromMs)} ${at(fromMs)}`
}

/**
 * @param {Row} row
 * @param {number} endMs
 */
function wordsForEnd({ outcome, message, attempt }, endMs) {
  if (outcome === 'whole') return `Whole ${at(endMs)}`
  if (outcome === 'stopped') return `Stopped ${message || 'by you'} ${at(endMs)}`
  return `Attempt ${attempt} failed ${at(endMs)}: ${message}`
}

/**
 * What is at a moment of an attempt, or of the breaker's line; within `reachMs` a mark or a token is near enough.
 * @param {Record} record
 * @param {number} index
 * @param {number} ms
 * @param {number} reachMs
 * @returns {Mark | undefined}
 */
export function markNear(record, index, ms, reachMs) {
  const row = record.rows[index]
  if (!row) return breakerAt(record, ms)
  const near = nearest(marksOfRow(row), ({ ms }) => ms, ms)
  if (near && Math.abs(near.ms - ms) <= reachMs) return { ...near, row: index }
  const silence = row.silences.find(({ fromMs, toMs }) => ms >= fromMs && ms <= (toMs ?? record.endMs))
  if (silence) return { row: index, ms, words: wordsForSilence(silence) }
  const token = nearest([...row.ticks.keys()], (at) => Number(row.ticks[at]), ms)
  if (token !== undefined && Math.abs(Number(row.ticks[token]) - ms) <= reachMs * 2)
    return tokenMark(row, index, token)
  return { row: index, ms, words: `${capital(doing(row, ms))} ${at(ms)}` }
}

/**
 * One token of an attempt.
 * @param {Row} row
 * @param {number} index
 * @param {number} token
 * @returns {Mark}
 */
export function tokenMark(row, index, token) {
  const ms = Number(row.ticks[token])
  const before = row.ticks[token - 1]
  const since = before === undefined ? '' : `, ${seconds(ms - before)} after the one before`
  return { row: index, ms, words: `Token ${token + 1} of attempt ${row.attempt} ${at(ms)}${since}` }
}

/**
 * @param {Row} row
 * @param {number} ms
 */
function doing({ startMs, openMs, endMs, wait, ticks }, ms) {
  if (wait && ms < startMs) return ms < wait.fromMs ? 'not begun' : 'waiting before the attempt'
  if (ms < startMs) return 'not begun'
  if (endMs !== undefined && ms > endMs) return 'over'
  if (openMs === undefined || ms < openMs) return 'connecting'
  return ms < (ticks[0] ?? Number.POSITIVE_INFINITY) ? 'waiting for a token' : 'writing'
}

/**
 * @param {Record} record
 * @param {number} ms
 * @returns {Mark}
 */
function breakerAt({ breaker }, ms) {
  const { state } = breaker.findLast((change) => change.ms <= ms) ?? { state: 'closed' }
  return { row: -1, ms, words: `The breaker is ${state} ${at(ms)}` }
}

/**
 * What the whole timeline amounts to, when nothing is pointed at.
 * @param {Record} record
 */
export function summaryOf({ rows, endMs }) {
  const sum = (/** @type {(row: Row) => number} */ count) =>
    rows.reduce((total, row) => total + count(row), 0)
  const keepAlives = sum((row) => row.keepAlives.length)
  const stalls = sum((row) => row.silences.filter(({ isStall }) => isStall).length)
  return [
    seconds(endMs),
    countOf(rows.length, 'attempt'),
    countOf(
      sum((row) => row.ticks.length),
      'token',
    ),
    ...(stalls ? [countOf(stalls, 'stall')] : []),
    ...(keepAlives ? [countOf(keepAlives, 'keep-alive')] : []),
  ].join(' · ')
}

/**
 * @template T
 * @param {readonly T[]} items
 * @param {(item: T) => number} msOf
 * @param {number} ms
 */
function nearest(items, msOf, ms) {
  /** @type {T | undefined} */
  let best
  for (const item of items)
    if (best === undefined || Math.abs(msOf(item) - ms) < Math.abs(msOf(best) - ms)) best = item
  return best
}
