// @ts-check
// Which browsers are on this machine. Plain JavaScript, because the benchmarks need one, too.
import { existsSync } from 'node:fs'

/**
 * The first of these files that exists: an installed program.
 * @param {readonly (string | undefined)[]} paths
 */
export function installed(...paths) {
  return paths.find((path) => path !== undefined && existsSync(path))
}

/**
 * One line for whoever has to do without.
 * @param {string} what
 * @param {string} packages
 * @param {string} variable
 */
export function missing(what, packages, variable) {
  return `No ${what} found, so its tests are left out (Debian: apt-get install ${packages}; or set ${variable} to its path)`
}

export const chromiumPath = installed(
  process.env.CHROMIUM,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
)

/** What Chromium is told: no sandbox and no graphics card, as in a container, and to leave its maker's servers alone. */
export const chromiumArgs = [
  '--no-sandbox',
  '--disable-gpu',
  '--no-first-run',
  '--disable-quic',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]
