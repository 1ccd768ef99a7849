// @ts-check
// The timeline of one answer, drawn while it happens: one row for each attempt, one path for each kind of sign in it,
// one update a frame at most.
import { announce, partOf } from './element.js'
import { Legend } from './legend.js'
import { markNear, marksOf, summaryOf, tokenMark } from './marks.js'
import { axisStep, geometry, pathsOf, spanFor } from './paths.js'
import { setAttributes, svgElement } from './svg.js'
import { outcomeWords } from './words.js'

/** @typedef {import('./record.js').Record} Record */
/** @typedef {import('./marks.js').Mark} Mark */

const calm = matchMedia('(prefers-reduced-motion: reduce)')
/** What is drawn in each row, from the back to the front. */
const KINDS = /** @type {const} */ ([
  'connect',
  'wait',
  'line',
  'gap',
  'stall',
  'repeats',
  'ticks',
  'alive',
  'rewind',
  'fault',
  'checkpoint',
  'whole',
  'stopped',
  'failed',
])

export class Timeline {
  #record
  #plot
  #svg = svgElement('svg')
  #rows = svgElement('g')
  #axis = svgElement('g')
  #breaker = svgElement('g')
  #breakerLabel = svgElement('text')
  #cursor = svgElement('path', { class: 'cursor' })
  #readout
  #legend
  #width = 0
  #drawnAt = Number.NEGATIVE_INFINITY
  #drawn = -1
  #spanMs = 0
  /** @type {Mark | undefined} */
  #mark
  /** Where Shift and an arrow stand, among the tokens of the mark's row. */
  #token = -1

  /**
   * @param {HTMLElement} element
   * @param {Record} record
   */
  constructor(element, record) {
    this.#record = record
    this.#plot = partOf(element, '.plot')
    this.#readout = partOf(element, '.readout')
    this.#legend = new Legend(partOf(element, '.legend'))
    this.#svg.setAttribute('aria-hidden', 'true')
    this.#breakerLabel.textContent = 'breaker'
    this.#svg.append(this.#axis, this.#breaker, this.#breakerLabel, this.#rows, this.#cursor)
    this.#plot.append(this.#svg)
    new ResizeObserver(([entry]) => {
      const width = Math.floor(entry?.contentRect.width ?? 0)
      if (width === this.#width) return
      this.#width = width
      // Not at once: it would change the height of what is being observed.
      requestAnimationFrame(() => this.#draw())
    }).observe(this.#plot)
    this.#listen()
    this.#frame()
  }

  /** Draws, as long as the answer is under way. */
  #frame() {
    const { isOver, version } = this.#record
    // Whoever asked for less motion gets four steps a second.
    const isDue = performance.now() - this.#drawnAt >= (calm.matches ? 250 : 0)
    if (isOver ? version !== this.#drawn : isDue) this.#draw()
    if (!isOver) requestAnimationFrame(() => this.#frame())
  }

  #draw() {
    const width = this.#width
    if (width === 0) return
    const record = this.#record
    this.#drawnAt = performance.now()
    this.#drawn = record.version
    this.#spanMs = spanFor(record)
    const { height, rowY, breakerY } = geometry(record)
    setAttributes(this.#svg, { width, height, viewBox: `0 0 ${width} ${height}` })
    while (this.#rows.childElementCount < record.rows.length) this.#rows.append(rowElement())
    for (const [index, row] of record.rows.entries())
      this.#drawRow(/** @type {Element} */ (this.#rows.children[index]), row, rowY(index))
    this.#drawAxis(breakerY)
    this.#drawBreaker(breakerY)
    this.#showMark()
  }

  /** @param {number} ms */
  #x(ms) {
    return Math.round((ms / this.#spanMs) * (this.#width - 1) * 2) / 2 + 0.5
  }

  /**
   * @param {Element} group
   * @param {import('./record.js').Row} row
   * @param {number} y
   */
  #drawRow(group, row, y) {
    setAttributes(group, { transform: `translate(0 ${y})` })
    const paths = pathsOf(row, this.#record, (ms) => this.#x(ms))
    for (const [at, kind] of KINDS.entries()) {
      const path = /** @type {Element} */ (group.children[at])
      const d = paths[kind]
      setAttributes(path, { d })
      if (d) this.#legend.show(kind)
    }
    const label = /** @type {Element} */ (group.lastElementChild)
    const words = labelFor(row)
    if (label.textContent !== words) label.textContent = words
    const from = row.wait?.fromMs ?? row.startMs
    const isRight = this.#x(from) > this.#width * 0.62
    setAttributes(label, {
      x: isRight ? this.#width - 1 : this.#x(from),
      'text-anchor': isRight ? 'end' : 'start',
    })
  }

  /** @param {number} y */
  #drawAxis(y) {
    const step = axisStep(this.#spanMs, this.#width)
    const count = Math.floor(this.#spanMs / step)
    while (this.#axis.childElementCount < count + 1) {
      const group = svgElement('g')
      group.append(svgElement('path', { class: 'grid' }), svgElement('text', { 'text-anchor': 'middle' }))
      this.#axis.append(group)
    }
    for (const [at, group] of [...this.#axis.children].entries()) {
      const x = this.#x(at * step)
      const isShown = at <= count && x < this.#width - 8
      group.toggleAttribute('hidden', !isShown)
      if (!isShown) continue
      const [line, text] = /** @type {[Element, Element]} */ (/** @type {unknown} */ (group.children))
      line.setAttribute('d', `M${x} 0V${y + 14}`)
      setAttributes(text, { x: at === 0 ? 1 : x, y: y + 26, 'text-anchor': at === 0 ? 'start' : 'middle' })
      text.textContent = `${(at * step) / 1000}${at === 0 ? ' s' : ''}`
    }
  }

  /** The breaker's line, from state to state. @param {number} y */
  #drawBreaker(y) {
    const { breaker, endMs } = this.#record
    while (this.#breaker.childElementCount < breaker.length) this.#breaker.append(svgElement('path'))
    setAttributes(this.#breakerLabel, { x: 1, y: y - 6 })
    for (const [at, { ms, state }] of breaker.entries()) {
      const to = breaker[at + 1]?.ms ?? endMs
      setAttributes(/** @type {Element} */ (this.#breaker.children[at]), {
        class: `breaker ${state}`,
        d: `M${this.#x(ms)} ${y}H${this.#x(to)}`,
      })
    }
  }

  #listen() {
    const plot = this.#plot
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
    const { left, top } = this.#svg.getBoundingClientRect()
    const { rowAt } = geometry(this.#record)
    const perPixel = this.#spanMs / Math.max(1, this.#width)
    const ms = Math.min(Math.max(0, (clientX - left) * perPixel), this.#record.endMs)
    this.#choose(markNear(this.#record, rowAt(clientY - top), ms, 4 * perPixel))
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
    const now = this.#mark
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
    const index = Math.max(0, this.#mark?.row ?? 0)
    const row = this.#record.rows[index]
    if (!row || row.ticks.length === 0) return undefined
    const here = this.#mark?.ms ?? 0
    if (this.#token < 0)
      this.#token =
        step > 0 ? row.ticks.findIndex((ms) => ms >= here) : row.ticks.findLastIndex((ms) => ms <= here)
    else this.#token += step
    this.#token = Math.min(Math.max(0, this.#token), row.ticks.length - 1)
    return tokenMark(row, index, this.#token)
  }

  /** @param {Mark | undefined} mark */
  #choose(mark) {
    this.#mark = mark
    if (!mark) this.#token = -1
    this.#showMark()
  }

  #showMark() {
    const mark = this.#mark
    const words = mark ? mark.words : summaryOf(this.#record)
    if (this.#readout.textContent !== words) this.#readout.textContent = words
    const { rowY, breakerY } = geometry(this.#record)
    const y = mark && mark.row >= 0 ? rowY(mark.row) : breakerY
    const x = mark ? this.#x(mark.ms) : 0
    setAttributes(this.#cursor, {
      d: mark ? `M${x} 0V${breakerY + 14}M${x - 4} ${y}a4 4 0 1 0 8 0a4 4 0 1 0 -8 0` : '',
    })
  }
}

function rowElement() {
  const group = svgElement('g')
  group.append(...KINDS.map((kind) => svgElement('path', { class: kind })), svgElement('text', { y: -14 }))
  return group
}

/** @param {import('./record.js').Row} row */
function labelFor({ attempt, mode, outcome }) {
  const how = { anew: attempt > 1 ? ' · anew' : '', resume: ' · resumed', failover: ' · elsewhere' }[mode]
  return `${attempt}${how}${outcome === undefined ? '' : ` · ${outcomeWords(outcome)}`}`
}
