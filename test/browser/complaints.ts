import type { Driver } from './engines.ts'

/** From now on the page keeps what it complains of: errors that nobody caught, what the console was told, alerts. */
export async function keepComplaints(driver: Driver): Promise<void> {
  await driver.evaluate(`(() => {
    globalThis.complaints = []
    addEventListener('error', (event) => complaints.push(event.message))
    addEventListener('unhandledrejection', (event) => complaints.push(String(event.reason)))
    console.error = console.warn = globalThis.alert = (...told) => complaints.push(told.join(' '))
  })()`)
}

/** What it has complained of. */
export function complaintsOf(driver: Driver): Promise<readonly string[]> {
  return driver.evaluate('complaints')
}
