/** What a check has at hand: plays at the server, the words of one language, and how it says what it did not find. */

/**
 * @typedef {import('./server.mjs').Script} Script
 * @typedef {import('./server.mjs').Step} Step
 * @typedef {import('./server.mjs').Told} Told
 * @typedef {import('./server.mjs').Addresses} Addresses
 * @typedef {typeof import('../../../src/index.ts')} Main
 * @typedef {typeof import('../../../src/relay/index.ts')} Relay
 * @typedef {typeof import('../../../src/store/index.ts')} Store
 * @typedef {typeof import('../../../src/testing/index.ts')} Testing
 * @typedef {Main & Relay & Store & Testing} Library - all entries but those of frameworks and of pages.
 * @typedef {import('../../../src/index.ts').StreamOptions} Options
 * @typedef {import('../../../src/index.ts').StreamFailure} Failure
 * @typedef {import('../../../src/index.ts').Answer} Answer
 *
 * @typedef {object} Played - an address at which scripts are played.
 * @property {string} url
 * @property {string} elsewhere - the same at another origin.
 * @property {() => Promise<Told[]>} told - what was asked there.
 * @property {() => Promise<Told[]>} left - the same, once no request is open any more.
 * @property {() => void} seen - tells the server that some text was read.
 *
 * @typedef {object} Tools
 * @property {Library} library
 * @property {Addresses} addresses
 * @property {(...scripts: readonly Script[]) => Promise<Played>} play
 *
 * @typedef {Readonly<Record<string, (tools: Tools) => Promise<void>>>} Checks
 */

/** @type {(value: object) => string} */
export const data = (value) => `data: ${JSON.stringify(value)}\n\n`
/** @type {(delta: object, end?: string | null) => string} */
export const chunk = (delta, end = null) => data({ choices: [{ index: 0, delta, finish_reason: end }] })
/** @type {(content: string) => string} */
export const said = (content) => chunk({ content })
export const DONE = `${chunk({}, 'stop')}data: [DONE]\n\n`
/** With ids that count up. @type {(first: number, ...events: readonly string[]) => string[]} */
export const numbered = (first, ...events) => events.map((event, at) => `id: ${first + at}\n${event}`)
/** @type {(...words: readonly string[]) => Script} */
export const whole = (...words) => ({ steps: [...words.map(said), DONE, 'END'] })
/** @type {(status: number, body: object, headers?: Record<string, string>) => Script} */
export const refusal = (status, body, headers) => ({
  ...{ status, headers: { 'content-type': 'application/json', ...headers } },
  steps: [JSON.stringify(body), 'END'],
})

/** A call that waits for nothing where it is not told to. */
export const quick = { json: { stream: true }, retry: { baseMs: 1 } }
/** The same, with one request. */
export const once = { json: { stream: true }, retry: /** @type {const} */ (false) }

/** @type {(addresses: Addresses) => Tools['play']} */
export const playsAt =
  ({ origin, other }) =>
  async (...scripts) => {
    const text = (/** @type {string} */ path, /** @type {RequestInit} */ init = {}) =>
      fetch(origin + path, init).then((response) => response.text())
    const number = await text('/play', { method: 'POST', body: JSON.stringify(scripts) })
    /** @type {() => Promise<Told[]>} */
    const told = async () => JSON.parse(await text(`/told/${number}`))
    return {
      ...{ url: `${origin}/ask/${number}`, elsewhere: `${other}/ask/${number}`, told },
      left: () => until(told, (requests) => requests.length > 0 && requests.every(({ isOpen }) => !isOpen)),
      seen: () => void text(`/seen/${number}`, { method: 'POST' }),
    }
  }

/** @type {(ms: number) => Promise<void>} */
export const after = (ms) => new Promise((resolve) => setTimeout(resolve, ms))

// Chromium lets go of a socket up to five seconds late, if it is told to while bytes are coming.
const PATIENCE_MS = 8_000

/**
 * @template T
 * @param {() => T | Promise<T>} look
 * @param {(value: T) => boolean} isSo
 */
export async function until(look, isSo) {
  for (const start = Date.now(); ; ) {
    const value = await look()
    if (isSo(value)) return value
    if (Date.now() - start > PATIENCE_MS) throw new Error(`never came true of ${JSON.stringify(value)}`)
    await after(20)
  }
}

/** @type {(reply: PromiseLike<unknown>) => Promise<Failure>} */
export async function failureOf(reply) {
  const outcome = await reply.then(
    (answer) => ({ failed: false, value: answer }),
    (error) => ({ failed: true, value: error }),
  )
  if (!outcome.failed) throw new Error(`was to fail, and gave ${JSON.stringify(outcome.value)}`)
  return /** @type {Failure} */ (outcome.value)
}

/**
 * Compares as JSON what `found` has under the names that `wanted` has.
 * @type {(found: unknown, wanted: unknown, what?: string) => void}
 */
export function same(found, wanted, what = '') {
  const [is, was] = [JSON.stringify(alike(found, wanted)), JSON.stringify(wanted)]
  if (is !== was) throw new Error(`${what && `${what}: `}found ${is} instead of ${was}`)
}

/** @type {(found: unknown, wanted: unknown) => unknown} */
function alike(found, wanted) {
  if (typeof wanted !== 'object' || wanted === null || typeof found !== 'object' || found === null)
    return found
  if (Array.isArray(wanted))
    return Array.isArray(found) ? found.map((each, at) => alike(each, wanted[at])) : found
  return Object.fromEntries(
    Object.entries(wanted).map(([name, value]) => [name, alike(Reflect.get(found, name), value)]),
  )
}

/** @type {(isSo: boolean, what: string) => void} */
export function sure(isSo, what) {
  if (!isSo) throw new Error(what)
}
