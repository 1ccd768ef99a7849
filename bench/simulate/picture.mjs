// @ts-check
/** The load over time as an SVG, with a background of its own, so that it can be read wherever it is shown. */

/**
 * @typedef {object} Curve
 * @property {string} name
 * @property {readonly number[]} load - multiples of the normal load, one for each second.
 *
 * @typedef {{ readonly fromS: number, readonly untilS: number }} Span
 */

const WIDTH = 960
const HEIGHT = 440
const BOX = { left: 64, top: 78, right: 936, bottom: 384 }
const LEGEND_COLUMNS = 3

// Colours that people with any kind of sight tell apart (Okabe and Ito), lightened for the dark.
const STYLE = `
  .back { fill: #fff } text { fill: #333; font: 13px system-ui, sans-serif } .grid { stroke: #ddd }
  .outage { fill: #d55e00; opacity: .1 } polyline { fill: none; stroke-width: 1.5; stroke-linejoin: round }
  .line2 { stroke: #0072b2; stroke-width: 3 } .line3 { stroke: #f0c000; stroke-dasharray: 4 8; stroke-width: 2 }
  .line4 { stroke: #009e73 } .line0 { stroke: #d55e00 } .line1 { stroke: #cc79a7 }
  .title { font-size: 16px; font-weight: 600 } .middle { text-anchor: middle } .end { text-anchor: end }
  @media (prefers-color-scheme: dark) {
    .back { fill: #0d1117 } text { fill: #ddd } .grid { stroke: #333 } .outage { opacity: .2 }
    .line2 { stroke: #56b4e9 } .line0 { stroke: #ff8533 }
  }`

/**
 * @param {string} title
 * @param {readonly Curve[]} curves - the first at the bottom.
 * @param {Span} shown
 * @param {Span} outage
 */
export function picture(title, curves, shown, outage) {
  const top =
    Math.ceil(Math.max(...curves.flatMap(({ load }) => load.slice(shown.fromS, shown.untilS))) / 2) * 2
  /** @param {number} s */
  const x = (s) => scale(s, shown.fromS, shown.untilS, BOX.left, BOX.right)
  /** @param {number} load */
  const y = (load) => scale(load, 0, top, BOX.bottom, BOX.top)
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img">`,
    `<title>${title}</title>`,
    `<style>${STYLE}\n</style>`,
    `<rect class="back" width="${WIDTH}" height="${HEIGHT}"/>`,
    `<text class="title" x="${BOX.left}" y="26">${title}</text>`,
    ...legend(curves),
    shade(x(outage.fromS), x(outage.untilS)),
    ...axes(x, y, shown, outage, top),
    ...curves.map(({ load }, at) => line(`line${at}`, load, x, y, shown)),
    '</svg>',
  ].join('\n')}\n`
}

/**
 * @param {number} value
 * @param {number} from
 * @param {number} to
 * @param {number} start
 * @param {number} end
 */
function scale(value, from, to, start, end) {
  return Number((start + ((value - from) / (to - from)) * (end - start)).toFixed(1))
}

/** @param {readonly Curve[]} curves */
function legend(curves) {
  const step = (BOX.right - BOX.left) / LEGEND_COLUMNS
  return curves.flatMap(({ name }, at) => {
    const x = Math.round(BOX.left + (at % LEGEND_COLUMNS) * step)
    const y = 46 + Math.floor(at / LEGEND_COLUMNS) * 19
    return [
      `<polyline class="line${at}" points="${x},${y} ${x + 28},${y}"/>`,
      `<text x="${x + 36}" y="${y + 4}">${name}</text>`,
    ]
  })
}

/**
 * @param {number} left
 * @param {number} right
 */
function shade(left, right) {
  const width = (right - left).toFixed(1)
  const { top, bottom } = BOX
  return `<rect class="outage" x="${left}" y="${top}" width="${width}" height="${bottom - top}"/>
<text class="middle" x="${(left + right) / 2}" y="${top + 16}">the server is out</text>`
}

/**
 * @param {(s: number) => number} x
 * @param {(load: number) => number} y
 * @param {Span} shown
 * @param {Span} outage
 * @param {number} top
 */
function axes(x, y, shown, outage, top) {
  const { left, right, bottom } = BOX
  const loads = Array.from({ length: top / 2 + 1 }, (_, step) => step * 2)
  const minutes = Array.from({ length: 100 }, (_, step) => step - 10)
    .map((minute) => ({ minute, s: outage.fromS + minute * 60 }))
    .filter(({ s }) => s >= shown.fromS && s <= shown.untilS)
  return [
    ...loads.flatMap((load) => [
      `<line class="grid" x1="${left}" x2="${right}" y1="${y(load)}" y2="${y(load)}"/>`,
      `<text class="end" x="${left - 8}" y="${y(load) + 4}">${load} ×</text>`,
    ]),
    ...minutes.map(({ minute, s }) => `<text class="middle" x="${x(s)}" y="${bottom + 20}">${minute}</text>`),
    `<text class="middle" x="${(left + right) / 2}" y="${bottom + 42}">minutes since the outage began</text>`,
    `<text class="middle" transform="translate(18 ${(BOX.top + bottom) / 2}) rotate(-90)">requests, × normal load</text>`,
  ]
}

/**
 * @param {string} style
 * @param {readonly number[]} load
 * @param {(s: number) => number} x
 * @param {(load: number) => number} y
 * @param {Span} shown
 */
function line(style, load, x, y, { fromS, untilS }) {
  // In the middle of its second.
  const points = load.slice(fromS, untilS).map((each, step) => `${x(fromS + step + 0.5)},${y(each)}`)
  return `<polyline class="${style}" points="${points.join(' ')}"/>`
}
