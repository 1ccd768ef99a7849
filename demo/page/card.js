// @ts-check
import { retries } from './client.js'
import { announce, copyOf, partOf, textElement } from './element.js'
import { Record } from './record.js'
import { linkTo } from './second-tab.js'
import { Timeline } from './timeline.js'
import { capital, countOf, inWords, now, nth, number, seconds, wordsFor } from './words.js'

/** @typedef {import('../../src/index.ts').StreamOptions} StreamOptions */
/** @typedef {import('../../src/index.ts').StreamFailure} StreamFailure */
/** @typedef {import('../../src/index.ts').Answer} Answer */
/** @typedef {import('./words.js').Phase} Phase */
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

  /**
   * @param {Turn} turn
   * @param {string} breaker its state
   */
  constructor(turn, breaker) {
    const { question, call, address } = turn
    this.#isResuming = address !== undefined
    this.record = new Record(now, { breaker, mode: this.#isResuming ? 'resume' : 'anew' })
    this.element.setAttribute('aria-label', question ? `Answer to: ${question}` : 'Answer')
    this.text.classList.toggle('markdown', call.markdown)
    if (this.#isResuming) this.#readAgain(question)
    else this.log(call.fault === 'none' ? 'Asked' : `Asked, with the fault “${call.label}”`)
    this.showAddress(turn)
    new Timeline(this.#part('.timeline'), this.record)
    this.tick()
  }

  /** The server keeps it: what a reload, or another tab, has asked for is not asked again. @param {string} question */
  #readAgain(question) {
    const words = question ? 'Went on after the page was loaded again' : 'Asked for in another tab'
    this.log(`${words}: the answer is read where the server keeps it, from its start`)
    this.record.note('checkpoint', words)
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
      onWarning: ({ message }) => this.log(`Warning: ${message}`),
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
    const words = wordsFor({ ...this.#phase, aliveAt: this.#aliveAt })
    const status = this.#part('.status')
    if (status.textContent !== words) status.textContent = words
    this.element.dataset.state = this.#phase.state
    this.element.toggleAttribute('data-quiet', this.#phase.quietSince !== undefined)
    return !this.#isOver || (this.#phase.circuitOpenUntil ?? 0) > Date.now()
  }

  /** @param {string} words */
  log(words) {
    const line = document.createElement('li')
    const time = textElement('time', `${((now() - this.#startedAt) / 1000).toFixed(2)} s`)
    line.append(time, textElement('span', words))
    this.#part('.log ol').append(line)
  }

  get #isOver() {
    return ['done', 'stopped', 'failed'].includes(this.#phase.state)
  }

  /** @param {string} selector */
  #part(selector) {
    return partOf(this.element, selector)
  }

  /**
   * @param {Partial<Phase> & Pick<Phase, 'state'>} phase
   * @param {string} [announcement]
   */
  #enter(phase, announcement) {
    const { attempt, tookBack } = this.#phase
    this.#phase = { attempt, ...(tookBack !== undefined && { tookBack }), ...phase }
    // The answer of a conversation that was left goes without a word.
    if (announcement && this.element.isConnected) announce(announcement)
    this.tick()
  }

  /** @param {import('../../src/index.ts').Opened} opened */
  #open({ attempt, status }) {
    this.log(`Attempt ${attempt}: connected, status ${status}`)
    const resuming = this.#isResuming
    this.#enter({ state: 'waiting', attempt, comparing: this.#shown > 0, resuming })
  }

  /** @param {string} text */
  #write(text) {
    const { state, quietSince } = this.#phase
    if (this.#shown === 0) this.log(this.#isResuming ? 'The text so far' : 'The first token')
    else if (state === 'waiting') this.log('Goes on where the text ended')
    else if (quietSince !== undefined) this.log('Tokens again')
    this.#shown += text.length
    if (state === 'writing' && quietSince === undefined) return
    this.#enter({ state: 'writing' }, 'Answering')
  }

  #alive() {
    this.#aliveAt = now()
  }

  /** @param {import('../../src/index.ts').Stall} stall */
  #stall({ phase, silentMs }) {
    if (this.#phase.quietSince !== undefined) return
    const missing = { connect: 'No response', first: 'No token' }[String(phase)] ?? 'Nothing new'
    this.log(
      phase === 'offline'
        ? 'No network; a retry waits for one'
        : `${missing} for ${seconds(silentMs)}; patience`,
    )
    this.#enter({ ...this.#phase, quietSince: now() - silentMs }, 'Still waiting')
  }

  /** @param {import('../../src/index.ts').Retry} retry */
  #retry({ attempt, action, delayMs, reason, error }) {
    this.#isResuming = action === 'resume'
    this.log(`Attempt ${attempt - 1} failed: ${error.message}`)
    const way = this.#isResuming
      ? 'Reads on where the answer is kept, after the last event,'
      : `Attempt ${attempt} follows`
    this.log(`${way} in ${seconds(delayMs)}${this.#isResuming ? '' : ` (at most ${retries} in a row)`}`)
    const words = `Retrying because ${reason}, attempt ${attempt}`
    this.#enter({ state: 'retrying', attempt, dueAt: now() + delayMs, reason }, words)
  }

  /** @param {import('../../src/index.ts').RewindDelta} rewind */
  #rewind({ text }) {
    const count = countOf(this.#shown - text, 'character')
    const tookBack = `took back ${count}: the ${nth(this.#phase.attempt)} answer differs`
    this.#shown = text
    this.log(capital(tookBack))
    this.record.note('rewind', `Took back ${count}`)
    this.#enter({ state: 'writing', tookBack }, tookBack)
  }

  /** @param {Answer} answer */
  complete(answer) {
    this.log(`Whole (finish reason: ${answer.finishReason})`)
    this.record.end(answer, 'whole')
    this.#end({ state: 'done' }, answer)
  }

  /** @param {StreamFailure} error */
  stop(error) {
    const { answer } = error
    // Whoever stops an answer ends it for all who read it.
    const who = error.code === 'aborted' ? 'by you' : 'in another tab'
    this.log(`Stopped ${who}`)
    this.record.end(answer, 'stopped', who)
    this.#end({ state: 'stopped' }, answer)
  }

  /** @param {StreamFailure} error */
  fail(error) {
    this.log(`Gave up: ${error.message}`)
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

  /** @param {string} words */
  #showError(words) {
    this.#part('.error').hidden = false
    // An alert that is filled after it has become visible is read out; one that appears filled may not be.
    this.#part('.error').textContent = words
    this.#part('.again').hidden = false
  }

  /**
   * @param {Partial<Phase> & Pick<Phase, 'state'>} phase
   * @param {Answer | undefined} answer
   */
  #end(phase, answer) {
    this.#enter(phase)
    // Where nothing was sent there is nothing to count.
    if (answer && answer.stats.attempts.length > 0) this.#showStats(answer)
  }

  /** @param {Answer} answer */
  #showStats({ text, usage, stats }) {
    const { firstDeltaMs, totalMs, attempts, bytes } = stats
    const facts = [
      ['first token', firstDeltaMs === undefined ? 'none' : seconds(firstDeltaMs)],
      ['total', seconds(totalMs ?? now() - this.#startedAt)],
      ['attempts', number(attempts.length)],
      ['characters', number(text.length)],
      ...(usage?.outputTokens === undefined ? [] : [['tokens', number(usage.outputTokens)]]),
      ['received', bytes < 1000 ? `${bytes} bytes` : `${(bytes / 1000).toFixed(1)} kB`],
    ]
    const rows = facts.map(([name = '', value = '']) => {
      const row = document.createElement('div')
      row.append(textElement('dt', name), textElement('dd', value))
      return row
    })
    this.#part('.stats').replaceChildren(...rows)
    this.#part('.stats').hidden = false
  }
}
