// @ts-check
// The timeline of one answer, drawn while it happens: one row for each attempt, one path for each kind of sign in it,
// one update a frame at most.
import { partOf } from './element.js'
import { words } from './language.js'
import { Legend } from './legend.js'
import { summaryOf } from './marks.js'
import { axisStep, geometry, hasBreaker, pathsOf, spanFor } from './paths.js'
import { Pointing } from './pointing.js'
import { setAttributes, svgElement } from './svg.js'
import { outcomeWords } from './words.js'

/** @typedef {import('./record.js').Record} Record */

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
  #pointing

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
    this.#breakerLabel.textContent = words.row.server
    this.#svg.append(this.#axis, this.#breaker, this.#breakerLabel, this.#rows, this.#cursor)
    this.#plot.append(this.#svg)
    new ResizeObserver(([entry]) => {
      const width = Math.floor(entry?.contentRect.width ?? 0)
      if (width === this.#width) return
      this.#width = width
      // Not at once: it would change the height of what is being observed.
      requestAnimationFrame(() => this.#draw())
    }).observe(this.#plot)
    this.#pointing = new Pointing(this.#plot, record, {
      timeAt: (clientX) => (clientX - this.#svg.getBoundingClientRect().left) * this.#msPerPixel,
      rowAt: (clientY) => geometry(record).rowAt(clientY - this.#svg.getBoundingClientRect().top),
      reachMs: () => 4 * this.#msPerPixel,
      onChange: () => this.#showMark(),
    })
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
    const { height, rowY, breakerY, axisY } = geometry(record)
    setAttributes(this.#svg, { width, height, viewBox: `0 0 ${width} ${height}` })
    while (this.#rows.childElementCount < record.rows.length) {
      this.#rows.append(rowElement())
      // Where it is docked there is room for the last attempt only.
      this.#plot.scrollTop = height
    }
    for (const [index, row] of record.rows.entries())
      this.#drawRow(/** @type {Element} */ (this.#rows.children[index]), row, rowY(index))
    this.#drawAxis(axisY)
    this.#drawBreaker(breakerY)
    this.#showMark()
  }

  get #msPerPixel() {
    return this.#spanMs / Math.max(1, this.#width)
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
    const told = labelFor(row, this.#record)
    if (label.textContent !== told) label.textContent = told
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
      line.setAttribute('d', `M${x} 0V${y}`)
      setAttributes(text, { x: at === 0 ? 1 : x, y: y + 18, 'text-anchor': at === 0 ? 'start' : 'middle' })
      text.textContent = at === 0 ? words.zero : `${(at * step) / 1000}`
    }
  }

  /** The breaker's line, from state to state. @param {number} y */
  #drawBreaker(y) {
    const { breaker, endMs } = this.#record
    const isShown = hasBreaker(this.#record)
    this.#breaker.toggleAttribute('hidden', !isShown)
    this.#breakerLabel.toggleAttribute('hidden', !isShown)
    if (!isShown) return
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

  #showMark() {
    const { mark } = this.#pointing
    const told = mark ? mark.words : summaryOf(this.#record)
    if (this.#readout.textContent !== told) this.#readout.textContent = told
    const { rowY, breakerY, axisY } = geometry(this.#record)
    const y = mark && mark.row >= 0 ? rowY(mark.row) : breakerY
    const x = mark ? this.#x(mark.ms) : 0
    setAttributes(this.#cursor, {
      d: mark ? `M${x} 0V${axisY}M${x - 4} ${y}a4 4 0 1 0 8 0a4 4 0 1 0 -8 0` : '',
    })
  }
}

function rowElement() {
  const group = svgElement('g')
  const label = svgElement('text', { x: 1, y: -16 })
  group.append(...KINDS.map((kind) => svgElement('path', { class: kind })), label)
  return group
}

/**
 * Which attempt it is, how it asks, and how it ended.
 * @param {import('./record.js').Row} row
 * @param {Record} record
 */
function labelFor({ attempt, mode, outcome, status }, { rows }) {
  const hasText = rows.slice(0, attempt - 1).some(({ ticks }) => ticks.length > 0)
  const anew = hasText ? words.row.replay : words.row.again
  const how = mode === 'anew' ? attempt > 1 && anew : words.row[mode]
  const end = outcome !== undefined && outcomeWords(outcome, status)
  return [words.row.attempt(attempt), how, end].filter(Boolean).join(' · ')
}
