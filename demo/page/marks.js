// @ts-check
// What there is to point at on a timeline, and what it says.
import { words } from './language.js'
import { at, exactly, seconds } from './words.js'

/** @typedef {import('./record.js').Record} Record */
/** @typedef {import('./record.js').Row} Row */

/**
 * A place on the timeline. `row` is an attempt's index, or -1 for the breaker.
 * @typedef {object} Mark
 * @property {number} row
 * @property {number} ms
 * @property {string} words
 */

const say = words.marks

/**
 * The marks that keys move between, from left to right.
 * @param {Record} record
 * @returns {Mark[]}
 */
export function marksOf(record) {
  const marks = record.rows.flatMap((row, index) => marksOfRow(row).map((mark) => ({ ...mark, row: index })))
  const turns = record.breaker
    .slice(1)
    .map(({ ms, state }) => ({ row: -1, ms, words: say.turned(say.states[state] ?? state, at(ms)) }))
  return [...marks, ...turns].sort((a, b) => a.ms - b.ms)
}

/** @param {Row} row */
function marksOfRow(row) {
  const { startMs, openMs, status, silences, notes, endMs, wait } = row
  /** @type {{ ms: number, words: string }[]} */
  const marks = []
  if (wait) marks.push({ ms: wait.fromMs, words: wordsForWait(row) })
  if (endMs === undefined || endMs > startMs)
    marks.push({ ms: startMs, words: say.asked(row.attempt, say.modes[row.mode], at(startMs)) })
  if (openMs !== undefined)
    marks.push({ ms: openMs, words: say.connected(seconds(openMs - startMs), status) })
  const first = row.ticks[0]
  if (first !== undefined) marks.push({ ms: first, words: wordsForTokens(row, first) })
  const same = row.repeats[0]
  if (same !== undefined) marks.push({ ms: same, words: say.repeats(row.repeats.length) })
  for (const silence of silences) marks.push({ ms: silence.fromMs, words: wordsForSilence(silence) })
  for (const { ms, words } of notes) marks.push({ ms, words: say.note(words, at(ms)) })
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
      words: count === 1 ? say.keepAlive(at(from)) : say.keepAlives(count, at(ms)),
    })
    begin = index + 1
  }
  return marks
}

/** @param {Row} row */
const wordsForWait = ({ wait, startMs, attempt }) =>
  say.waited(seconds(startMs - (wait?.fromMs ?? startMs)), attempt, wait?.reason ?? '')

/**
 * @param {Row} row
 * @param {number} first
 */
function wordsForTokens({ ticks, startMs }, first) {
  const last = ticks.at(-1) ?? first
  const pace = last - first > 200 ? Math.round(((ticks.length - 1) * 1000) / (last - first)) : undefined
  return say.tokens(seconds(first - startMs), ticks.length, exactly(last), pace)
}

/** @param {import('./record.js').Silence} silence */
function wordsForSilence({ fromMs, toMs, isStall }) {
  return isStall
    ? say.stalled(exactly(fromMs), toMs === undefined ? undefined : seconds(toMs - fromMs))
    : say.gap(seconds((toMs ?? fromMs) - fromMs), at(fromMs))
}

/**
 * @param {Row} row
 * @param {number} endMs
 */
function wordsForEnd({ outcome, message, attempt }, endMs) {
  if (outcome === 'whole') return say.whole(at(endMs))
  if (outcome === 'stopped') return say.stopped(message || words.card.byYou, at(endMs))
  return say.failed(attempt, at(endMs), message)
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
  return { row: index, ms, words: say.note(doing(row, ms), at(ms)) }
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
  const since = before === undefined ? undefined : seconds(ms - before)
  return { row: index, ms, words: say.token(token + 1, row.attempt, at(ms), since) }
}

/**
 * @param {Row} row
 * @param {number} ms
 */
function doing({ startMs, openMs, endMs, wait, ticks }, ms) {
  if (wait && ms < startMs) return ms < wait.fromMs ? say.notBegun : say.waiting
  if (ms < startMs) return say.notBegun
  if (endMs !== undefined && ms > endMs) return say.over
  if (openMs === undefined || ms < openMs) return say.connecting
  return ms < (ticks[0] ?? Number.POSITIVE_INFINITY) ? say.forToken : say.writing
}

/**
 * @param {Record} record
 * @param {number} ms
 * @returns {Mark}
 */
function breakerAt({ breaker }, ms) {
  const { state } = breaker.findLast((change) => change.ms <= ms) ?? { state: 'closed' }
  return { row: -1, ms, words: say.is(say.states[state] ?? state, at(ms)) }
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
    say.attempts(rows.length),
    say.tokenCount(sum((row) => row.ticks.length)),
    ...(stalls ? [say.stalls(stalls)] : []),
    ...(keepAlives ? [say.alives(keepAlives)] : []),
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
