// @ts-check
/**
 * @typedef {{ sent: number, first: number, total: number, chars: number }} Answered - ms from the call on.
 * @typedef {{ load: number, answers: Answered[] }} Measured
 */

/**
 * One contender in a fresh page, whose browser has compiled nothing of it yet.
 *
 * @param {import('puppeteer-core').Browser} browser
 * @param {string} url
 * @param {string} contender
 * @param {{ slowed: number, answers: number }} options
 * @returns {Promise<Measured>}
 */
export function measureAnswers(browser, url, contender, { slowed, answers: count }) {
  return inFreshPage(browser, url, async (page) => {
    await page.emulateCPUThrottling(slowed)
    const load = Number(await page.evaluate(`load(${JSON.stringify(contender)})`))
    const answers = /** @type {Answered[]} */ (await page.evaluate(`measure(${count})`))
    const lengths = new Set(answers.map(({ chars }) => chars))
    if (lengths.size !== 1) throw new Error(`${contender} read ${[...lengths]} characters`)
    return { load, answers }
  })
}

const OPEN = 100

/**
 * Bytes of heap that an open reply holds, some text in it.
 *
 * @param {import('puppeteer-core').Browser} browser
 * @param {string} url
 * @param {string} contender
 */
export function measureMemory(browser, url, contender) {
  return inFreshPage(browser, url, async (page) => {
    await page.evaluate(`load(${JSON.stringify(contender)})`)
    // The first ones bring what is made once.
    await page.evaluate(`openMany(5)`)
    const before = await heap(page)
    await page.evaluate(`openMany(${OPEN})`)
    return ((await heap(page)) - before) / (OPEN - 5)
  })
}

/** @param {import('puppeteer-core').Page} page */
async function heap(page) {
  await page.evaluate('new Promise((done) => setTimeout(done, 300))')
  const cdp = await page.createCDPSession()
  await cdp.send('HeapProfiler.collectGarbage')
  await cdp.send('HeapProfiler.collectGarbage')
  const { usedSize } = await cdp.send('Runtime.getHeapUsage')
  return usedSize
}

/**
 * @template T
 * @param {import('puppeteer-core').Browser} browser
 * @param {string} url
 * @param {(page: import('puppeteer-core').Page) => Promise<T>} use
 */
async function inFreshPage(browser, url, use) {
  const context = await browser.createBrowserContext()
  try {
    const page = await context.newPage()
    await page.goto(url)
    return await use(page)
  } finally {
    await context.close()
  }
}
