/** Chromium and Firefox: both are spoken to by puppeteer, in the protocol that each knows best. */
import puppeteer, { type LaunchOptions, type Page } from 'puppeteer-core'
import type { Driver, Engine } from './engines.ts'
import { installed, missing } from './installed.ts'

const chromiumPath = installed(
  process.env.CHROMIUM,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
)
const firefoxPath = installed(process.env.FIREFOX, '/usr/bin/firefox-esr', '/usr/bin/firefox')

export const chromium: Engine = {
  name: 'chromium',
  missing: chromiumPath ? undefined : missing('Chromium', 'chromium', 'CHROMIUM'),
  launch: () =>
    launch({
      browser: 'chrome',
      ...(chromiumPath && { executablePath: chromiumPath }),
      args: [
        ...['--no-sandbox', '--disable-gpu', '--no-first-run'],
        // These keep it from looking for its maker's servers.
        ...[
          '--disable-quic',
          '--disable-background-networking',
          '--disable-component-update',
          '--disable-sync',
        ],
      ],
    }),
}

export const firefox: Engine = {
  name: 'firefox',
  missing: firefoxPath ? undefined : missing('Firefox', 'firefox-esr', 'FIREFOX'),
  launch: () => launch({ browser: 'firefox', ...(firefoxPath && { executablePath: firefoxPath }) }),
}

async function launch(options: LaunchOptions): Promise<Driver> {
  // Its own handlers would end the test runner with the browser.
  const handlers = { handleSIGINT: false, handleSIGTERM: false, handleSIGHUP: false }
  const browser = await puppeteer.launch({ headless: true, ...handlers, ...options })
  try {
    const page = await browser.newPage()
    await page.setViewport({ width: 1000, height: 800 })
    return drive(page, () => browser.close())
  } catch (error) {
    await browser.close()
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
    resize: (width, height) => page.setViewport({ width, height }),
    async screenshot(path) {
      await page.screenshot({ path: path as `${string}.png` })
    },
  }
}
