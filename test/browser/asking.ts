/** What a page asks, and what it hears on every surface at once. */
import type { Driver } from './engines.ts'

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

/** Asks; `options` is the source of an object, made in the page. */
export function asked(driver: Driver, url: string, options = '{}'): Promise<Heard> {
  return driver.evaluate(`ask(${JSON.stringify(url)}, ${options})`)
}

// The page's own code, so it is text here: nothing that compiles the test may touch it.
const ask = `async function (url, options) {
  const callbacks = { code: '', text: '' }
  const reply = stream(url, {
    json: { question: 'How?' },
    retry: false,
    onChunk: (text) => { callbacks.text += text },
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
