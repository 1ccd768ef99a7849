// @ts-check
/**
 * The time to a token as a person sees it: from the moment the server writes it to the moment it stands in the page, and to
 * the frame that shows it. In a hidden tab there are no frames.
 *
 * @typedef {{ text: number[], frame: number[] }} Seen - ms for each token.
 */
import puppeteer from 'puppeteer-core'
import { chromiumArgs, chromiumPath } from '../../test/browser/installed.mjs'
import { bundle } from './bundle.mjs'
import { startSite } from './serve.mjs'

const WRITERS = ['bare loop', 'onChunk', 'render()']
const TOKENS = 40
const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 5)

const { code } = await bundle('render')
const site = await startSite(new Map([['render', code]]), TOKENS)
const browser = await puppeteer.launch({
  ...{ executablePath: chromiumPath ?? '', args: chromiumArgs, headless: true },
})
try {
  for (const isHidden of [false, true]) {
    /** @type {Record<string, Seen>} */
    const seen = Object.fromEntries(WRITERS.map((name) => [name, { text: [], frame: [] }]))
    for (let round = 0; round < ROUNDS; round++)
      for (const name of WRITERS) {
        const { text, frame } = await watch(name, isHidden)
        seen[name]?.text.push(...text)
        seen[name]?.frame.push(...frame)
      }
    report(isHidden, seen)
  }
} finally {
  await browser.close()
  await site.close()
}

/** @param {string} name @param {boolean} isHidden @returns {Promise<Seen>} */
async function watch(name, isHidden) {
  const page = await browser.newPage()
  try {
    await page.goto(site.url)
    const other = isHidden ? await browser.newPage() : undefined
    // The tab that is brought to the front hides the one before it.
    await other?.bringToFront()
    const seen = /** @type {Seen} */ (await page.evaluate(`watchTokens(${JSON.stringify(name)})`))
    await other?.close()
    return seen
  } finally {
    await page.close()
  }
}

/** @param {boolean} isHidden @param {Record<string, Seen>} seen */
function report(isHidden, seen) {
  console.log(isHidden ? '\nIn a hidden tab' : 'In a visible tab')
  console.table(
    Object.fromEntries(
      Object.entries(seen).map(([name, { text, frame }]) => [
        name,
        {
          'ms until it is in the page': quantiles(text),
          ...(!isHidden && { 'ms until its frame': quantiles(frame) }),
        },
      ]),
    ),
  )
}

/** @param {number[]} values */
function quantiles(values) {
  const sorted = values.toSorted((a, b) => a - b)
  const at = (/** @type {number} */ share) =>
    (sorted[Math.floor(sorted.length * share)] ?? Number.NaN).toFixed(1)
  return `${at(0.5)} (p95 ${at(0.95)})`
}
