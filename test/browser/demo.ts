import { expect } from 'vitest'
import { keepComplaints } from './complaints.ts'
import type { Driver } from './engines.ts'

/** Opens the demo page, or loads it again: to the page that is the same. Returns when it is at work. */
export async function openDemo(driver: Driver, url: string): Promise<void> {
  await driver.goto(url)
  await keepComplaints(driver)
  // The fault that was picked before is there at once, without its description: the list of all is loaded.
  const isReady = 'document.querySelector("#fault option[value=cut][data-description]") !== null'
  await expect.poll(() => driver.evaluate(isReady)).toBe(true)
}

/** The same, without a conversation. */
export async function openNewDemo(driver: Driver, url: string): Promise<void> {
  // What an earlier test has left must not come back with the page, which saves it when it is left.
  await driver.goto(`${url}/faults.json`)
  await driver.evaluate('sessionStorage.clear()')
  await openDemo(driver, url)
}
