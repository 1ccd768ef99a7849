import { expect } from 'vitest'
import type { Driver } from './engines.ts'

export const QUESTION = 'How does a holdfast cling to the rock?'

/** What tests do on the demo page, and see there: most of it of the last answer. */
export function talkTo(driver: Driver) {
  /** In the page `last` finds a part of the last answer; its timeline may be docked below it. */
  const evaluate = <T>(expression: string) =>
    driver.evaluate<T>(`(() => {
      const last = (part) =>
        [...document.querySelectorAll('article.answer')].at(-1)?.querySelector(part) ??
        document.querySelector('#dock ' + part)
      return ${expression}
    })()`)
  const until = (expression: string) =>
    expect.poll(() => evaluate(expression), { timeout: 20_000, interval: 20 })
  const click = (selector: string) => evaluate(`document.querySelector(${JSON.stringify(selector)}).click()`)
  const isUnderWay = () => until("last('.text')?.textContent.length").toBeGreaterThan(60)
  return {
    ...{ evaluate, until, click, isUnderWay },
    read: (part: string) => evaluate<string>(`last(${JSON.stringify(part)})?.textContent ?? ''`),
    isVisible: (selector: string) =>
      evaluate(`document.querySelector(${JSON.stringify(selector)}).checkVisibility()`),
    becomes: (state: string) => until(`last('.text')?.closest('article').dataset.state`).toBe(state),
    /** Asks and waits for the first words. @param boxes - what is ticked before. */
    async ask(boxes: readonly string[] = []): Promise<void> {
      for (const box of boxes) await click(`#${box}`)
      await evaluate(`(() => {
        const field = document.querySelector('#question')
        field.value = ${JSON.stringify(QUESTION)}
        field.dispatchEvent(new Event('input', { bubbles: true }))
      })()`)
      await click('#send')
      await isUnderWay()
    },
  }
}
