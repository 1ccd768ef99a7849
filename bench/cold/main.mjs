// @ts-check
/**
 * The cold page on a phone: a fresh page in Chromium with its processor slowed, the first answer of 500 events from
 * loopback, then nine more. Each contender is loaded as one minified file into a page of its own; they take turns, and
 * what is printed are medians and their ratios to a bare loop over `fetch`.
 *
 *     npm run bench:cold        with pixel.mjs and memory.mjs after it (BENCH_ROUNDS, BENCH_SLOWED, BENCH_ONLY: names with commas between; CHROMIUM)
 */
import puppeteer from 'puppeteer-core'
import { chromiumArgs, chromiumPath } from '../../test/browser/installed.mjs'
import { bundle, CDN_FILE, installPeers } from './bundle.mjs'
import { measureAnswers, measureMemory } from './measure.mjs'
import { startSite } from './serve.mjs'

const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 9)
const SLOWED = Number(process.env.BENCH_SLOWED ?? 4)
const EVENTS = 500
const ANSWERS = 10

/** @type {Record<string, string>} */
const CONTENDERS = {
  bare: 'bare loop',
  core: 'holdfast/core',
  holdfast: 'holdfast',
  cdn: 'holdfast.min.js',
  'fetch-event-source': 'fetch-event-source',
  'eventsource-client': 'eventsource-client',
  ky: 'ky and parse-sse',
  openai: 'openai',
  ai: 'AI SDK',
}
const names = process.env.BENCH_ONLY?.split(',') ?? Object.keys(CONTENDERS)

if (!chromiumPath) throw new Error('No Chromium found: install it, or set CHROMIUM to its path.')
installPeers()
const bundles = new Map()
for (const name of names) bundles.set(name, await bundle(name))
const files = new Map([...bundles].map(([name, { code }]) => [name, code]))
const site = await startSite(files.set('holdfast.min', CDN_FILE), EVENTS)
const browser = await puppeteer.launch({
  ...{ executablePath: chromiumPath, args: chromiumArgs, headless: true },
})
/** @type {Map<string, import('./measure.mjs').Measured[]>} */
const runs = new Map(names.map((name) => [name, []]))
/** @type {Map<string, number>} */
const memory = new Map()
try {
  for (let round = 0; round < ROUNDS; round++) {
    // Each round begins with another one, should it matter who comes after whom.
    const turn = round % names.length
    for (const name of [...names.slice(turn), ...names.slice(0, turn)])
      runs
        .get(name)
        ?.push(await measureAnswers(browser, site.url, name, { slowed: SLOWED, answers: ANSWERS }))
  }
  for (const name of names) memory.set(name, await measureMemory(browser, site.url, name))
} finally {
  await browser.close()
  await site.close()
}
report()

function report() {
  console.log(
    `${EVENTS} events from loopback, a processor ${SLOWED} times slower, ${ROUNDS} fresh pages each; medians in ms and ratios to the bare loop.`,
  )
  const bare = figures('bare')
  console.table(
    Object.fromEntries(
      names.map((name) => {
        const { gzip, brotli } = bundles.get(name)
        const own = figures(name)
        /** @param {keyof typeof own} what */
        const cell = (what) => `${own[what].toFixed(0)} (${(own[what] / bare[what]).toFixed(2)})`
        return [
          CONTENDERS[name] ?? name,
          {
            'kB gz': (gzip / 1000).toFixed(1),
            'kB br': (brotli / 1000).toFixed(1),
            load: own.load.toFixed(1),
            'before fetch': own.sent.toFixed(1),
            'first token': cell('first'),
            'first answer': cell('total'),
            spread: `${own.least.toFixed(0)}–${own.most.toFixed(0)}`,
            '2nd': cell('second'),
            '10th': cell('tenth'),
            'kB an open reply': ((memory.get(name) ?? Number.NaN) / 1000).toFixed(1),
          },
        ]
      }),
    ),
  )
}

/** @param {string} name */
function figures(name) {
  const list = runs.get(name) ?? []
  const of = (/** @type {(run: import('./measure.mjs').Measured) => number | undefined} */ pick) =>
    list.map((run) => pick(run) ?? Number.NaN).toSorted((a, b) => a - b)
  const totals = of(({ answers }) => answers[0]?.total)
  return {
    load: median(of(({ load }) => load)),
    sent: median(of(({ answers }) => answers[0]?.sent)),
    first: median(of(({ answers }) => answers[0]?.first)),
    total: median(totals),
    // The middle half.
    least: totals[totals.length >> 2] ?? Number.NaN,
    most: totals[(totals.length * 3) >> 2] ?? Number.NaN,
    second: median(of(({ answers }) => answers[1]?.total)),
    tenth: median(of(({ answers }) => answers.at(-1)?.total)),
  }
}

/** @param {readonly number[]} sorted */
function median(sorted) {
  return sorted[sorted.length >> 1] ?? Number.NaN
}
