/** What a page asks, and what it hears on every surface at once. */
import { expect } from 'vitest'
import type { Driver } from './engines.ts'
import { faults, WHOLE } from './faults.ts'
import type { RawServer } from './raw-server.ts'

/** One verdict, as the promise, the iterator and the callbacks tell it. */
export interface Heard {
  readonly code: string
  readonly phase?: string
  readonly name?: string
  readonly text: string
  readonly attempts: number
  readonly iterator: { readonly code: string; readonly text: string }
  readonly callbacks: { readonly code: string; readonly text: string }
}

/** Opens the page of a server, with the library in it. */
export async function openPage(driver: Driver, origin: string): Promise<void> {
  await driver.goto(`${origin}/`)
  await driver.evaluate(
    `import('/holdfast.js').then((all) => { Object.assign(globalThis, all, { ask: ${ask} }) })`,
  )
}

let asks = 0

/** A name for one ask, and the address where it meets a fault: each time, or the first so many times. */
export function meeting(fault: string, server: RawServer, times?: number): { id: string; url: string } {
  expect(faults).toHaveProperty([fault])
  const id = `ask-${asks++}`
  const query = `ask=${id}${times === undefined ? '' : `&times=${times}`}`
  return { id, url: `${server.origin}/fault/${encodeURIComponent(fault)}?${query}` }
}

/**
 * Asks. `options` is the source of an object, made in the page; `onText` of a function of the reply and an
 * `AbortController`, called with the first text.
 */
export function asked(driver: Driver, url: string, options = '{}', onText = '() => {}'): Promise<Heard> {
  return driver.evaluate(`ask(${JSON.stringify(url)}, ${options}, ${onText})`)
}

/** The promise, the iterator and the callbacks tell the same, and the text is a true beginning. */
export function expectAgreement({ code, text, iterator, callbacks }: Heard): void {
  expect({ iterator, callbacks }).toEqual({ iterator: { code, text }, callbacks: { code, text } })
  expect(WHOLE.startsWith(text)).toBe(true)
}

// The page's own code, so it is text here: nothing that compiles the test may touch it.
const ask = `async function (url, options, onText) {
  const stop = new AbortController()
  const callbacks = { code: '', text: '' }
  const reply = stream(url, {
    json: { question: 'How?' },
    retry: false,
    signal: stop.signal,
    onChunk: (text) => {
      callbacks.text += text
      if (callbacks.text !== text) return
      void fetch('/seen' + new URL(url).search)
      // When all surfaces have it.
      setTimeout(onText, 0, reply, stop)
    },
    onError: ({ code }) => { callbacks.code += code },
    onAbort: ({ code }) => { callbacks.code += code },
    onComplete: () => { callbacks.code += 'whole' },
    ...options,
  })
  const iterator = { code: '', text: '' }
  const iterated = (async () => {
    for await (const delta of reply) if (delta.type === 'text') iterator.text += delta.text
    iterator.code = 'whole'
  })().catch(({ code }) => { iterator.code = code })
  const heard = await reply.answer().then(
    ({ text, stats }) => ({ code: 'whole', text, attempts: stats.attempts.length }),
    ({ code, phase, name, answer, attempts }) => ({ code, phase, name, text: answer.text, attempts }),
  )
  await iterated
  return { ...heard, iterator, callbacks }
}`
