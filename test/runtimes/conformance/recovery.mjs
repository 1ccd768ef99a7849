/** How a stream goes on that broke after it had been shown. */
import { DONE, failureOf, numbered, quick, said, same, whole } from './wire.mjs'

/**
 * @typedef {import('./wire.mjs').Script} Script
 * @typedef {AsyncIterable<import('../../../src/index.ts').Delta>} Deltas
 */

/** What breaks once the page has said that it shows so much. @type {Script} */
const BROKEN = { steps: [said('The sea '), said('holds'), 'SEEN', 'RST'] }
const BEGUN = 'The sea holds'
/** @type {Script} */
const KEPT = { steps: [...numbered(1, said('The '), said('sea '), said('holds')), 'SEEN', 'RST'] }
/** @type {Script} */
const REST = { steps: [...numbered(4, said(' fast.'), DONE), 'END'] }
const SHOWN = { text: 'The sea holds fast.', rewinds: 0 }
const LOCATION = { 'content-location': 'log' }

/** @type {import('./wire.mjs').Checks} */
export const RECOVERY = {
  async 'a GET whose events have ids goes on after the last one'({ library, play }) {
    const { url, told, seen } = await play(KEPT, REST)
    same(await shown(library.stream(url, { retry: { baseMs: 1 } }), seen), SHOWN)
    const ids = (await told()).map(({ method, headers }) => `${method} ${headers['last-event-id'] ?? ''}`)
    same(ids, ['GET ', 'GET 3'])
  },

  async 'a POST goes on at the address that its answer was given'({ library, play }) {
    const { url, told, seen } = await play({ ...KEPT, headers: LOCATION }, REST)
    const reply = library.stream(`${url}/chat`, { ...quick, headers: { 'x-user': '7' } })
    same(await shown(reply, seen), SHOWN)
    const headers = { 'last-event-id': '3', 'x-user': '7' }
    same((await told())[1], { method: 'GET', path: new URL(`${url}/log`).pathname, headers, body: '' })
  },

  async 'a replay shows nothing twice, and takes back what differs'({ library, play }) {
    for (const [again, wanted] of /** @type {const} */ ([
      [['The ', 'sea holds', ' fast.'], SHOWN],
      [['The sea', ' heaves'], { text: 'The sea heaves', rewinds: 1 }],
    ])) {
      const { url, seen } = await play(BROKEN, whole(...again))
      same(await shown(library.stream(url, { ...quick, recovery: 'replay' }), seen), wanted)
    }
    // Where nobody has agreed to it, nothing is asked again.
    const { url, seen, told } = await play(BROKEN, whole('no'))
    const error = await failureOf(shown(library.stream(url, quick), seen))
    same([error, (await told()).length], [{ code: 'network', answer: { text: BEGUN } }, 1])
  },

  async 'a checkpoint takes an answer through a reload: as text and place, or as an address'({
    library,
    play,
  }) {
    /** @type {Script} */
    const hanging = { steps: [...numbered(1, said('The '), said('sea ')), 'HANG'] }
    const rest = { steps: [...numbered(3, said('holds'), said(' fast.'), DONE), 'END'] }
    const numberedOnly = await play(hanging, /** @type {Script} */ (rest))
    const from = await checkpointOf(library.stream(numberedOnly.url))
    const reply = library.stream(numberedOnly.url, { from })
    same([await shown(reply), reply.checkpoint() ?? 'none left'], [SHOWN, 'none left'])
    same((await numberedOnly.told())[1], { method: 'GET', headers: { 'last-event-id': '2' } })
    const addressed = await play({ ...hanging, headers: LOCATION }, whole('The sea ', 'holds fast.'))
    const url = `${addressed.url}/chat`
    const place = await checkpointOf(library.stream(url, quick))
    same(await shown(library.stream(url, { ...quick, from: place })), SHOWN)
    const { pathname } = new URL(`${addressed.url}/log`)
    same((await addressed.told())[1], { method: 'GET', path: pathname })
  },
}

/**
 * What a page shows; `onBegun` is called when that is what comes before the break.
 *
 * @param {Deltas} reply
 * @param {() => void} onBegun
 */
async function shown(reply, onBegun = () => {}) {
  const screen = { text: '', rewinds: 0 }
  for await (const delta of reply) {
    if (delta.type === 'text') screen.text += delta.text
    if (delta.type === 'rewind') {
      screen.text = screen.text.slice(0, delta.text)
      screen.rewinds++
    }
    if (screen.text === BEGUN) onBegun()
  }
  return screen
}

/** What a page keeps when it goes, as storage gives it back. */
async function checkpointOf(/** @type {import('../../../src/index.ts').Reply} */ reply) {
  let text = ''
  const reader = reply[Symbol.asyncIterator]()
  while (text !== 'The sea ') {
    const { value, done } = await reader.next()
    if (done) throw new Error(`ended with ${text}`)
    if (value.type === 'text') text += value.text
  }
  const kept = JSON.stringify(reply.checkpoint())
  reply.cancel()
  await failureOf(reply.answer())
  return JSON.parse(kept)
}
