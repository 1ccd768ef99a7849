// @ts-check
// What happened to one answer, and when: what the library's callbacks tell, as the timeline wants it. No DOM in here.

import { words } from './language.js'

/** @typedef {import('../../src/index.ts').StreamOptions} StreamOptions */
/** @typedef {import('../../src/index.ts').Answer} Answer */
/** @typedef {{ fromMs: number, toMs: number | undefined, isStall: boolean }} Silence */
/** @typedef {{ ms: number, kind: 'rewind' | 'fault' | 'checkpoint', words: string }} Note */

/**
 * One attempt. All times are in ms since the question was asked.
 * @typedef {object} Row
 * @property {number} attempt
 * @property {'anew' | 'resume' | 'failover'} mode
 * @property {{ fromMs: number, reason: string } | undefined} wait before it
 * @property {number} startMs
 * @property {number | undefined} openMs
 * @property {number | undefined} status
 * @property {number[]} ticks when each token came
 * @property {number[]} repeats events of a new answer that only repeat what is here
 * @property {number[]} keepAlives
 * @property {Silence[]} silences gaps and stalls
 * @property {Note[]} notes
 * @property {number | undefined} endMs
 * @property {string | undefined} outcome `whole`, `stopped` or the error's code
 * @property {string} message the error's
 */

// Shorter gaps are how models talk.
const GAP_MS = 700

export class Record {
  /** @type {Row[]} */
  rows = []
  /** @type {{ ms: number, state: string }[]} */
  breaker
  isOver = false
  /** Changes with everything that is taken in. */
  version = 0
  #clock
  #startedAt
  #isComparing = false

  /**
   * @param {() => number} clock in ms
   * @param {{ mode?: Row['mode'], breaker?: string }} [start]
   */
  constructor(clock, { mode = 'anew', breaker = 'closed' } = {}) {
    this.#clock = clock
    this.#startedAt = clock()
    this.breaker = [{ ms: 0, state: breaker }]
    this.#begin(1, mode, 0, undefined)
  }

  /** The request is on its way: from here on the library counts, too. */
  start() {
    this.#startedAt = this.#clock()
  }

  /** The time since the question was asked. */
  get nowMs() {
    return this.#clock() - this.#startedAt
  }

  /** How far the timeline reaches: to now, to the end, or to when the next attempt is due. */
  get endMs() {
    const { startMs, endMs } = this.row
    return this.isOver ? (endMs ?? this.nowMs) : Math.max(this.nowMs, startMs)
  }

  /** The attempt under way, or the last one. */
  get row() {
    return /** @type {Row} */ (this.rows.at(-1))
  }

  /** For `ai.stream()`. @returns {StreamOptions} */
  get callbacks() {
    return {
      onOpen: ({ status }) => this.#open(status),
      onDelta: (delta) => this.#delta(delta),
      onEvent: () => this.#event(),
      onKeepAlive: () => this.#keepAlive(),
      onStall: ({ silentMs }) => this.#stall(silentMs),
      onRetry: (retry) => this.#retry(retry),
    }
  }

  /** The circuit has changed. @param {string} state */
  turn(state) {
    this.breaker.push({ ms: this.nowMs, state })
    this.version++
  }

  /**
   * @param {Note['kind']} kind
   * @param {string} words
   * @param {number} [ms]
   */
  note(kind, words, ms = this.nowMs) {
    const row = this.rows.findLast(({ startMs }) => startMs <= ms) ?? this.row
    row.notes.push({ ms, kind, words })
    this.version++
  }

  /**
   * The reply is over. What the library measured takes the place of what we saw.
   * @param {Answer | undefined} answer
   * @param {string} outcome
   * @param {string} [message]
   */
  end(answer, outcome, message = '') {
    this.#endRow(outcome, message)
    this.isOver = true
    const attempts = answer?.stats.attempts ?? []
    for (const [at, { startMs, endMs, status, mode, error, message: words }] of attempts.entries()) {
      const row = this.rows[at]
      if (!row) break
      Object.assign(row, { startMs, status, mode: row.mode === 'failover' ? row.mode : mode })
      if (endMs !== undefined) row.endMs = endMs
      // What is known better here: who has stopped it.
      if (error !== undefined && row.outcome !== 'stopped')
        Object.assign(row, { outcome: error, message: words })
    }
  }

  /**
   * @param {number} attempt
   * @param {Row['mode']} mode
   * @param {number} startMs
   * @param {Row['wait']} wait
   */
  #begin(attempt, mode, startMs, wait) {
    this.rows.push({
      ...{ attempt, mode, wait, startMs, openMs: undefined, status: undefined },
      ...{ ticks: [], repeats: [], keepAlives: [], silences: [], notes: [] },
      ...{ endMs: undefined, outcome: undefined, message: '' },
    })
  }

  /** @param {number} status */
  #open(status) {
    const { row } = this
    row.openMs = this.nowMs
    row.status = status
    this.#isComparing =
      row.mode !== 'resume' && this.rows.some(({ ticks, notes }) => ticks.length + notes.length > 0)
    this.version++
  }

  /** @param {import('../../src/index.ts').Delta} delta */
  #delta(delta) {
    const { row } = this
    if (delta.type === 'usage' || delta.type === 'finish') return
    this.#isComparing = false
    if (delta.type === 'rewind') return
    // What a checkpoint held is handed out before anything is sent.
    if (row.openMs === undefined) return
    const { nowMs } = this
    this.#sound(nowMs)
    row.ticks.push(nowMs)
    this.version++
  }

  #event() {
    if (!this.#isComparing) return
    const { nowMs } = this
    this.#sound(nowMs)
    this.row.repeats.push(nowMs)
    this.version++
  }

  #keepAlive() {
    this.row.keepAlives.push(this.nowMs)
    this.version++
  }

  /** @param {number} silentMs */
  #stall(silentMs) {
    const { silences } = this.row
    if (silences.some(({ toMs }) => toMs === undefined)) return
    silences.push({
      fromMs: Math.max(this.nowMs - silentMs, this.row.startMs),
      toMs: undefined,
      isStall: true,
    })
    this.version++
  }

  /** A silence, if there was one, is over. @param {number} ms */
  #sound(ms) {
    const { silences, ticks, repeats } = this.row
    const open = silences.at(-1)
    if (open && open.toMs === undefined) {
      open.toMs = ms
      return
    }
    const last = Math.max(
      ticks.at(-1) ?? Number.NEGATIVE_INFINITY,
      repeats.at(-1) ?? Number.NEGATIVE_INFINITY,
    )
    // No earlier token, no gap: that wait has a place of its own.
    if (last > 0 && ms - last > GAP_MS) silences.push({ fromMs: last, toMs: ms, isStall: false })
  }

  /** @param {import('../../src/index.ts').Retry} retry */
  #retry({ attempt, action, delayMs, reason, error }) {
    const { nowMs, row } = this
    // Refused before it was opened.
    if ('status' in error) row.status ??= error.status
    this.#endRow(error.code, error.message)
    const mode = action === 'resume' || action === 'failover' ? action : 'anew'
    this.#begin(attempt, mode, nowMs + delayMs, { fromMs: nowMs, reason: words.reason(reason, error.code) })
  }

  /**
   * @param {string} outcome
   * @param {string} message
   */
  #endRow(outcome, message) {
    const { row, nowMs } = this
    const silence = row.silences.at(-1)
    if (silence) silence.toMs ??= nowMs
    // Ended while it waited: it never began.
    if (nowMs < row.startMs) row.startMs = nowMs
    Object.assign(row, { endMs: nowMs, outcome, message })
    this.#isComparing = false
    this.version++
  }
}
