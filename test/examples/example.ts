/** The pages to copy, in a browser: all that these tests ask of a browser is here. */
import { afterEach, expect } from 'vitest'
import { startServer } from '../../demo/server/server.mjs'
import { complaintsOf, keepComplaints } from '../browser/complaints.ts'
import type { Driver, Engine, Key } from '../browser/engines.ts'
import { useRequests } from '../browser/requests.ts'
import { useBrowser } from '../browser/use-browser.ts'

/** A browser, the demo's server and what it is asked. Whatever the page of a test complains of fails that test. */
export function useExamples(engine: Engine) {
  const { driver, server } = useBrowser(engine, () => startServer({ port: 0, pace: 0.02 }))
  const requests = useRequests()
  let page: Example | undefined
  afterEach(async () => {
    const complaints = await page?.close()
    page = undefined
    expect(complaints ?? []).toEqual([])
  })
  return {
    requests,
    get url() {
      return server.url
    },
    async open(path: string): Promise<Example> {
      page = await Example.open(driver, `${server.url}/examples/${path}`)
      return page
    },
  }
}

/** One of them, open. */

export class Example {
  readonly #driver: Driver

  private constructor(driver: Driver) {
    this.#driver = driver
  }

  static async open(driver: Driver, url: string): Promise<Example> {
    await driver.goto(url)
    await keepComplaints(driver)
    return new Example(driver)
  }

  /** Leaves the page; returns what it has complained of. */
  async close(): Promise<readonly string[]> {
    const complaints = await complaintsOf(this.#driver)
    await this.#driver.goto('about:blank')
    return complaints
  }

  evaluate<T = unknown>(expression: string): Promise<T> {
    return this.#driver.evaluate<T>(expression)
  }

  async read(selector: string): Promise<string> {
    return String(
      await this.evaluate(`document.querySelector(${JSON.stringify(selector)})?.textContent ?? null`),
    )
  }

  /** Waits for a text to become what is expected. */
  until(selector: string) {
    return expect.poll(() => this.read(selector), { timeout: 15_000, interval: 20 })
  }

  async click(selector: string): Promise<void> {
    await this.evaluate(`document.querySelector(${JSON.stringify(selector)}).click()`)
  }

  /** Puts another question into the field, past the setter that React lays over it. */
  async ask(question: string): Promise<void> {
    await this.evaluate(`(() => {
      const field = document.querySelector('#question')
      Object.getOwnPropertyDescriptor(Object.getPrototypeOf(field), 'value').set.call(field, ${JSON.stringify(question)})
      field.dispatchEvent(new Event('input', { bubbles: true }))
    })()`)
  }

  async press(key: Key): Promise<void> {
    await this.evaluate("document.querySelector('#question').focus()")
    await this.#driver.press(key)
  }

  /** Collects what the status says from now on; some of its words stand for a moment only. */
  async listen(): Promise<() => Promise<string>> {
    await this.evaluate(`(() => {
      const status = document.querySelector('[role=status]')
      globalThis.said = []
      new MutationObserver(() => said.push(status.textContent))
        .observe(status, { childList: true, characterData: true, subtree: true })
    })()`)
    return () => this.evaluate<string>('said.join("\\n")')
  }
}
