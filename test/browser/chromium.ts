/** A real Chromium, if there is one: from Debian's package, or wherever `CHROMIUM` says. */
import { existsSync } from 'node:fs'
import { type Browser, chromium } from 'playwright-core'

const path = [
  process.env.CHROMIUM,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
]
  .filter((each) => each !== undefined)
  .find((each) => existsSync(each))

const missing = 'No Chromium found, so the browser test is left out (install it, or set CHROMIUM to its path)'

/** Whether the browser tests can run here. Where they must (in CI), a missing browser is an error. */
export const hasChromium: boolean = path !== undefined

if (!hasChromium) {
  if (process.env.HOLDFAST_BROWSERS === 'required') throw new Error(missing)
  console.warn(missing)
}

export function launch(): Promise<Browser> {
  // The last six keep the browser from looking for its maker's servers.
  const quiet = ['--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-sync']
  return chromium.launch({
    ...(path && { executablePath: path }),
    args: ['--no-sandbox', '--disable-gpu', '--disable-component-update', ...quiet],
  })
}
