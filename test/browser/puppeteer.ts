/** Chromium and Firefox: both are spoken to by puppeteer, in the protocol that each knows best. */
import puppeteer, { type LaunchOptions, type Page } from 'puppeteer-core'
import type { Driver, Engine } from './engines.ts'
import { Home } from './home.ts'
import { chromiumArgs, chromiumPath, installed, missing } from './installed.mjs'

const firefoxPath = installed(process.env.FIREFOX, '/usr/bin/firefox-esr', '/usr/bin/firefox')

export const chromium: Engine = {
  name: 'chromium',
  missing: chromiumPath ? undefined : missing('Chromium', 'chromium', 'CHROMIUM'),
  launch: () =>
    launch({
      browser: 'chrome',
      ...(chromiumPath && { executablePath: chromiumPath }),
      args: chromiumArgs,
    }),
}

export const firefox: Engine = {
  name: 'firefox',
  missing: firefoxPath ? undefined : missing('Firefox', 'firefox-esr', 'FIREFOX'),
  launch: () => launch({ browser: 'firefox', ...(firefoxPath && { executablePath: firefoxPath }) }),
}

async function launch(options: LaunchOptions & { readonly browser: 'chrome' | 'firefox' }): Promise<Driver> {
  const home = await Home.build(options.browser)
  try {
    const browser = await puppeteer.launch({
      headless: true,
      acceptInsecureCerts: true,
      userDataDir: home.folder,
      env: home.env,
      // Its own handlers would end the test runner with the browser.
      ...{ handleSIGINT: false, handleSIGTERM: false, handleSIGHUP: false },
      ...options,
    })
    home.shelter(browser.process() ?? {})
    // Its own way out takes a second, and there is nothing to be saved.
    const close = () => browser.disconnect().finally(() => home.clear())
    const page = await browser.newPage()
    await page.setViewport({ width: 1000, height: 800 })
    const driver = drive(page, close)
    return options.browser === 'chrome' ? { ...driver, ...(await lifecycleOf(page)) } : driver
  } catch (error) {
    await home.clear()
    throw error
  }
}

function drive(page: Page, close: () => Promise<void>): Driver {
  return {
    close,
    async goto(url) {
      await page.goto(url)
    },
    evaluate: <T>(expression: string) => page.evaluate(expression) as Promise<T>,
    press: (key) => page.keyboard.press(key),
    async mouse(action, x, y) {
      await page.mouse.move(x, y)
      if (action !== 'move') await page.mouse[action]()
    },
    resize: (width, height) => page.setViewport({ width, height }),
    async screenshot(path) {
      await page.screenshot({ path: path as `${string}.png` })
    },
  }
}

/** What only Chromium's own protocol can do to a page. */
async function lifecycleOf(page: Page): Promise<Pick<Driver, 'setOffline' | 'setFrozen' | 'setMedia'>> {
  const session = await page.createCDPSession()
  return {
    setOffline: (isOffline) => page.setOfflineMode(isOffline),
    setFrozen: async (isFrozen) => {
      await session.send('Page.setWebLifecycleState', { state: isFrozen ? 'frozen' : 'active' })
    },
    setMedia: (features) =>
      page.emulateMediaFeatures(Object.entries(features).map(([name, value]) => ({ name, value }))),
  }
}
