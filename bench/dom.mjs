// @ts-check
/**
 * What an answer of 20,000 tokens costs a page's main thread: written into a scrolling box by hand, with a scroll for
 * each token or each frame, and by `render(…, { follow: true })`, in a real Chromium, over a real connection. The contenders take
 * turns. Each may use up a minute of main-thread time and then goes no further than the next mark, because what grows
 * with the square of the text would take all day.
 *
 *     npm run bench:dom        (BENCH_TOKENS, BENCH_ROUNDS, BENCH_RATE in tokens a second, BENCH_LIMIT_S, CHROMIUM)
 */
import puppeteer from 'puppeteer-core'
import { chromiumArgs, chromiumPath } from '../test/browser/installed.mjs'
import { measure } from './dom/measure.mjs'
import { startSource } from './dom/source.mjs'
import { tokens } from './dom/tokens.mjs'

const TOKENS = Number(process.env.BENCH_TOKENS ?? 20_000)
const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 3)
// As the fastest providers send. The slower the stream, the fewer tokens share a frame.
const RATE = Number(process.env.BENCH_RATE ?? 2_000)
const LIMIT_MS = Number(process.env.BENCH_LIMIT_S ?? 60) * 1000

/** @type {Record<string, string>} */
const contenders = {
  textContent: 'textContent += and a scroll per token',
  append: 'append() and a scroll per token',
  appendData: 'appendData() and a scroll per frame: the bound',
  render: 'render(reply, element, { follow: true })',
}
const marks = [TOKENS / 4, TOKENS / 2, TOKENS].map(Math.round)

/** @type {Record<string, import('./dom/measure.mjs').Measured[]>} */
const runs = Object.fromEntries(Object.keys(contenders).map((name) => [name, []]))
const lengths = marks.map((mark) => tokens(mark).join('').length)
const source = await startSource({ marks, perSecond: RATE })
const browser = await launch()
try {
  for (let round = 0; round < ROUNDS; round++)
    for (const [name, list] of Object.entries(runs)) {
      const spentMs = list.reduce((sum, { busyMs }) => sum + (busyMs.at(-1) ?? 0), 0)
      const limitMs =
        name === 'render' || name === 'appendData' ? Number.POSITIVE_INFINITY : LIMIT_MS - spentMs
      if (limitMs > 0) list.push(await measure(browser, source, name, { lengths, limitMs }))
    }
} finally {
  await browser.close()
  await source.close()
}
report()

function launch() {
  if (!chromiumPath) throw new Error('No Chromium found: install it, or set CHROMIUM to its path.')
  return puppeteer.launch({
    executablePath: chromiumPath,
    args: chromiumArgs,
    headless: true,
    protocolTimeout: 0,
  })
}

function report() {
  console.log(`${TOKENS} tokens, ${RATE} a second. Main-thread time per 1,000 tokens in ms; medians.`)
  console.table(Object.fromEntries(Object.entries(contenders).map(([name, label]) => [label, row(name)])))
  const byHand = total('textContent')
  const ours = total('render')
  const least = byHand.tokens < TOKENS ? 'at least ' : ''
  const bound = total('appendData')
  const [first = 0, ...later] = costs('render')
  console.log(
    [
      `render() took ${seconds(ours.ms)} for ${ours.tokens} tokens, textContent ${seconds(byHand.ms)} for ${byHand.tokens}:`,
      `${least}${(byHand.ms / ours.ms).toFixed(0)} times as much. Its last tokens cost ${((later.at(-1) ?? 0) / first).toFixed(2)} of its first.`,
      `It took ${(ours.ms / bound.ms).toFixed(2)} of what appendData() takes for the same frames; the target is at most 1.3.`,
    ].join('\n'),
  )
}

/** @param {string} name */
function row(name) {
  const list = runs[name] ?? []
  const cost = costs(name)
  return {
    ...Object.fromEntries(
      marks.map((mark, i) => [`${marks[i - 1] ?? 0}–${mark}`, i in cost ? Math.round(cost[i] ?? 0) : '–']),
    ),
    'in all': seconds(total(name).ms),
    'longest task': `${Math.round(median(list.map(({ longestMs }) => longestMs)))} ms`,
    runs: list.length,
  }
}

/**
 * What 1,000 tokens cost between one mark and the next, in ms, as far as the contender came.
 * @param {string} name
 */
function costs(name) {
  return marks.flatMap((mark, i) => {
    const reached = (runs[name] ?? []).filter(({ busyMs }) => busyMs.length > i)
    if (!reached.length) return []
    const spent = median(reached.map(({ busyMs }) => (busyMs[i] ?? 0) - (busyMs[i - 1] ?? 0)))
    return [spent / ((mark - (marks[i - 1] ?? 0)) / 1000)]
  })
}

/**
 * How far a contender came, and what that took.
 * @param {string} name
 */
function total(name) {
  const list = runs[name] ?? []
  const reached = Math.max(...list.map(({ busyMs }) => busyMs.length))
  const whole = list.filter(({ busyMs }) => busyMs.length === reached)
  return { tokens: marks[reached - 1] ?? 0, ms: median(whole.map(({ busyMs }) => busyMs.at(-1) ?? 0)) }
}

/** @param {readonly number[]} values */
function median(values) {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[sorted.length >> 1] ?? Number.NaN
}

/** @param {number} ms */
function seconds(ms) {
  return `${(ms / 1000).toFixed(1)} s`
}
