// @ts-check
import { setTimeout } from 'node:timers/promises'

// The mark by which a trace shows which of all threads is the page's.
const BEGIN = 'bench:dom'

/**
 * @typedef {object} Measured
 * @property {number[]} busyMs main-thread time from the beginning to each mark that was reached
 * @property {number} longestMs the longest task
 */

/**
 * One run of one contender, in a page of its own.
 * @param {import('puppeteer-core').Browser} browser
 * @param {import('./source.mjs').Source} source
 * @param {string} contender
 * @param {{ lengths: readonly number[], limitMs: number }} bounds how long the text is at each mark, and after how
 *   much main-thread time the run goes no further
 * @returns {Promise<Measured>}
 */
export async function measure(browser, source, contender, { lengths, limitMs }) {
  const page = await browser.newPage()
  try {
    await page.setViewport({ width: 1000, height: 700 })
    await page.goto(source.url)
    const cdp = await page.createCDPSession()
    const tasks = await watchTasks(cdp)
    await settled(page)
    const idle = await busy(page)
    /** @type {number[]} */
    const busyMs = []
    await page.evaluate(`begin(${JSON.stringify(contender)})`)
    for (const length of lengths) {
      await arrived(page, length)
      busyMs.push((await busy(page)) - idle)
      if ((busyMs.at(-1) ?? 0) > limitMs) break
      source.go()
    }
    return { busyMs, longestMs: await tasks.longest() }
  } finally {
    await page.close()
  }
}

/**
 * @param {import('puppeteer-core').Page} page
 * @param {number} length
 */
async function arrived(page, length) {
  // Seldom, because asking is a task too.
  while (Number(await page.evaluate("document.querySelector('#answer').textContent.length")) < length)
    await setTimeout(200)
  await settled(page)
}

/** @param {import('puppeteer-core').Page} page */
function settled(page) {
  return page.evaluate(
    'new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done))))',
  )
}

/** @param {import('puppeteer-core').Page} page */
async function busy(page) {
  const { TaskDuration = Number.NaN } = await page.metrics()
  return TaskDuration * 1000
}

/**
 * The tasks of the page's main thread, from a trace: the page's own observer tells only of those over 50 ms.
 * @param {import('puppeteer-core').CDPSession} cdp
 */
async function watchTasks(cdp) {
  /** @type {{ name: string, pid: number, tid: number, dur?: number }[]} */
  const events = []
  cdp.on('Tracing.dataCollected', ({ value }) => {
    for (const each of /** @type {any[]} */ (value))
      if (each.name === 'RunTask' || each.name === BEGIN) events.push(each)
  })
  const includedCategories = ['disabled-by-default-devtools.timeline', 'blink.user_timing']
  await cdp.send('Tracing.start', {
    transferMode: 'ReportEvents',
    traceConfig: { includedCategories, excludedCategories: ['*'] },
  })
  return {
    async longest() {
      const complete = new Promise((resolve) => cdp.once('Tracing.tracingComplete', resolve))
      await cdp.send('Tracing.end')
      await complete
      const begin = events.find(({ name }) => name === BEGIN)
      const own = events.filter(({ pid, tid }) => pid === begin?.pid && tid === begin.tid)
      return Math.max(...own.map(({ dur = 0 }) => dur / 1000))
    },
  }
}
