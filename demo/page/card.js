// @ts-check
import { retries } from './client.js'
import { place } from './dock.js'
import { announce, copyOf, partOf, textElement } from './element.js'
import { words } from './language.js'
import { Record } from './record.js'
import { linkTo } from './second-tab.js'
import { statsOf } from './stats.js'
import { Timeline } from './timeline.js'
import { capital, inWords, now, seconds, wordsFor } from './words.js'

/** @typedef {import('../../src/index.ts').StreamOptions} StreamOptions */
/** @typedef {import('../../src/index.ts').StreamFailure} StreamFailure */
/** @typedef {import('../../src/index.ts').Answer} Answer */
/** @typedef {import('./words.js').Phase} Phase */
/** @typedef {Partial<Phase> & Pick<Phase, 'state'>} NextPhase */
/** @typedef {import('./keep.js').Turn} Turn */

/** The element of one answer, and the callbacks that keep it up to date. */
export class Card {
  element = copyOf('answer')
  text = this.#part('.text')
  record
  #startedAt = now()
  /** @type {Phase} */
  #phase = { state: 'connecting', attempt: 1 }
  #shown = 0
  #aliveAt = Number.NEGATIVE_INFINITY
  #isResuming
  #timeline

  /**
   * @param {Turn} turn
   * @param {string} breaker its state
   */
  constructor(turn, breaker) {
    const { question, call, address } = turn
    this.#isResuming = address !== undefined
    this.record = new Record(now, { breaker, mode: this.#isResuming ? 'resume' : 'anew' })
    this.element.setAttribute('aria-label', words.card.answerTo(question))
    this.text.classList.toggle('markdown', call.markdown)
    if (this.#isResuming) this.#readAgain(question)
    else this.log(words.card.asked(call.fault === 'none' ? undefined : call.label))
    this.showAddress(turn)
    this.#timeline = this.#part('.timeline')
    new Timeline(this.#timeline, this.record)
    this.tick()
  }

  /** The server keeps it: what a reload, or another tab, has asked for is not asked again. @param {string} question */
  #readAgain(question) {
    const why = question ? words.card.reloaded : words.card.otherTab
    this.log(words.card.readAgain(why))
    this.record.note('checkpoint', why)
  }

  /** The answer can be read by anybody who knows where. @param {Turn} turn */
  showAddress(turn) {
    linkTo(turn, this.element)
  }

  /** All of them, for `ai.stream()`. @returns {StreamOptions} */
  get callbacks() {
    const { record } = this
    const { onOpen, onKeepAlive, onStall, onRetry, ...others } = record.callbacks
    return {
      ...others,
      onOpen: (opened) => void [onOpen?.(opened), this.#open(opened)],
      onChunk: (text) => this.#write(text),
      onKeepAlive: (alive) => void [onKeepAlive?.(alive), this.#alive()],
      onStall: (stall) => void [onStall?.(stall), this.#stall(stall)],
      onRetry: (retry) => void [onRetry?.(retry), this.#retry(retry)],
      onRewind: (rewind) => this.#rewind(rewind),
      onWarning: ({ message }) => this.log(words.card.warning(message)),
    }
  }

  get status() {
    return this.#part('.status').textContent ?? ''
  }

  get error() {
    return this.#part('.error').textContent ?? ''
  }

  /** Brings the words up to date; true while they go on changing by themselves. */
  tick() {
    const phase = this.#phase
    const isDue = phase.state === 'retrying' && (phase.dueAt ?? 0) <= now()
    if (isDue) this.#phase = { state: 'connecting', attempt: phase.attempt }
    const told = wordsFor({ ...this.#phase, aliveAt: this.#aliveAt })
    const status = this.#part('.status')
    if (status.textContent !== told) status.textContent = told
    this.element.dataset.state = this.#phase.state
    this.element.toggleAttribute('data-live', !this.#isOver)
    this.element.toggleAttribute('data-quiet', this.#phase.quietSince !== undefined)
    return !this.#isOver || (this.#phase.circuitOpenUntil ?? 0) > Date.now()
  }

  /** Its timeline goes where there is room for it. */
  dock() {
    place(this.#timeline)
  }

  /** @param {string} told */
  log(told) {
    const line = document.createElement('li')
    const time = textElement('time', words.exactly(now() - this.#startedAt))
    time.title = new Date().toLocaleTimeString()
    line.append(time, textElement('span', told))
    this.#part('.log ol').append(line)
  }

  get #isOver() {
    return ['done', 'stopped', 'failed'].includes(this.#phase.state)
  }

  /** @param {string} selector */
  #part(selector) {
    return partOf(this.element, selector)
  }

  /** @param {NextPhase} phase @param {string} [announcement] */
  #enter(phase, announcement) {
    const { attempt, tookBack } = this.#phase
    this.#phase = { attempt, ...(tookBack !== undefined && { tookBack }), ...phase }
    // The answer of a conversation that was left goes without a word.
    if (announcement && this.element.isConnected) announce(announcement)
    this.tick()
  }

  /** @param {import('../../src/index.ts').Opened} opened */
  #open({ attempt, status }) {
    this.log(words.card.connected(attempt, status))
    const resuming = this.#isResuming
    this.#enter({ state: 'waiting', attempt, comparing: this.#shown > 0, resuming })
  }

  /** @param {string} text */
  #write(text) {
    const { state, quietSince } = this.#phase
    if (this.#shown === 0) this.log(this.#isResuming ? words.card.textSoFar : words.card.firstToken)
    else if (state === 'waiting') this.log(words.card.goesOn)
    else if (quietSince !== undefined) this.log(words.card.tokensAgain)
    this.#shown += text.length
    if (state === 'writing' && quietSince === undefined) return
    this.#enter({ state: 'writing' }, words.said.answering)
  }

  #alive() {
    this.#aliveAt = now()
  }

  /** @param {import('../../src/index.ts').Stall} stall */
  #stall({ phase, silentMs }) {
    if (this.#phase.quietSince !== undefined) return
    const { offline, missing } = words.card
    this.log(phase === 'offline' ? offline : missing(String(phase), seconds(silentMs)))
    this.#enter({ ...this.#phase, quietSince: now() - silentMs }, words.said.waiting)
  }

  /** @param {import('../../src/index.ts').Retry} retry */
  #retry({ attempt, action, delayMs, reason, error }) {
    this.#isResuming = action === 'resume'
    const { card } = words
    this.log(card.failed(attempt - 1, error.message))
    const delay = seconds(delayMs)
    this.log(this.#isResuming ? card.readsOn(delay) : card.follows(attempt, delay, retries))
    const why = words.reason(reason, error.code)
    this.#enter(
      { state: 'retrying', attempt, dueAt: now() + delayMs, reason: why },
      card.retrying(why, attempt),
    )
  }

  /** @param {import('../../src/index.ts').RewindDelta} rewind */
  #rewind({ text }) {
    const count = this.#shown - text
    const tookBack = words.status.tookBack(count, this.#phase.attempt)
    this.#shown = text
    this.log(capital(tookBack))
    this.record.note('rewind', words.card.tookBack(count))
    // What is below keeps its place: other words are about to come.
    this.text.style.minHeight = `${this.text.offsetHeight}px`
    this.#enter({ state: 'writing', tookBack }, tookBack)
  }

  /** @param {Answer} answer */
  complete(answer) {
    this.log(words.card.whole(answer.finishReason))
    this.record.end(answer, 'whole')
    this.#end({ state: 'done' }, answer)
  }

  /** @param {StreamFailure} error */
  stop(error) {
    const { answer } = error
    // Whoever stops an answer ends it for all who read it.
    const who = error.code === 'aborted' ? words.card.byYou : words.card.inOtherTab
    this.log(words.card.stopped(who))
    this.record.end(answer, 'stopped', who)
    this.#end({ state: 'stopped' }, answer)
  }

  /** @param {StreamFailure} error */
  fail(error) {
    this.log(words.card.gaveUp(error.message))
    this.record.end(error.answer, error.code, error.message)
    this.#showError(inWords(error))
    const circuitOpenUntil = error.code === 'circuit-open' ? error.retryAtMs : undefined
    this.#end({ state: 'failed', attempt: error.attempts ?? 1, circuitOpenUntil }, error.answer)
  }

  /** @param {() => void} ask */
  onAgain(ask) {
    this.#part('.again').addEventListener('click', ask)
    // What unfolds below the composer would look as if nothing had happened.
    this.#part('.log').addEventListener('toggle', () =>
      this.#part('.log').scrollIntoView({ block: 'nearest' }),
    )
  }

  /** @param {string} told */
  #showError(told) {
    this.#part('.error').hidden = false
    // An alert that is filled after it has become visible is read out; one that appears filled may not be.
    this.#part('.error').textContent = told
    this.#part('.again').hidden = false
  }

  /** @param {NextPhase} phase @param {Answer | undefined} answer */
  #end(phase, answer) {
    this.#enter(phase)
    this.text.style.minHeight = ''
    const rows = answer ? statsOf(answer) : []
    this.#part('.stats').replaceChildren(...rows)
    this.#part('.stats').hidden = rows.length === 0
  }
}
