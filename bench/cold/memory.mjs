// @ts-check
/**
 * What a reply holds, in Node, beside a bare loop: each open one, each further reader of one, each whole answer of 1 MB, and
 * how far a reply reads ahead of a reader that has stopped.
 *
 *     node --expose-gc bench/cold/memory.mjs        (npm run bench:cold runs it, too)
 */
import { stream as coreStream } from '../../dist/core.js'
import { openaiChat } from '../../dist/dialects.js'
import { stream } from '../../dist/index.js'

const MANY = 400
const ANSWERS = 20
const encoder = new TextEncoder()

/** @param {string} text */
const event = (text) =>
  encoder.encode(
    `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', model: 'bench', choices: [{ index: 0, delta: { content: text } }] })}\n\n`,
  )
const END = encoder.encode(
  'data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n',
)

/** @typedef {{ next: () => Uint8Array | undefined, taken: number }} Source - `undefined`: it stays open. */

/** As a socket would, this keeps alive whoever waits. @type {unknown[]} */
const pending = []

/** A network that is none: it hands out what it is asked for. @param {Source} source */
const network = (source) => async () => {
  const body = new ReadableStream(
    {
      pull(controller) {
        const bytes = source.next()
        if (!bytes) return new Promise((resolve) => pending.push(resolve))
        source.taken += bytes.length
        controller.enqueue(bytes)
        if (bytes === END) controller.close()
      },
    },
    { highWaterMark: 0 },
  )
  return new Response(body, { headers: { 'content-type': 'text/event-stream' } })
}

/** Ten words, then silence. @returns {Source} */
function open() {
  let left = 10
  return { taken: 0, next: () => (left-- > 0 ? event(' word') : undefined) }
}

/** 1 MB of text in small pieces. @returns {Source} */
function megabyte() {
  let left = 10_000
  return { taken: 0, next: () => (left-- > 0 ? event('x'.repeat(100)) : END) }
}

/** Without end. @returns {Source} */
function endless() {
  return { taken: 0, next: () => event('x'.repeat(100)) }
}

/** @typedef {(fetch: typeof globalThis.fetch) => { text: () => Promise<string>, [Symbol.asyncIterator](): AsyncIterator<unknown> }} Contender */

/** @type {Record<string, Contender>} */
const contenders = {
  'bare loop': bare,
  'holdfast/core': (fetch) => coreStream('http://bench.invalid/', { json: {}, fetch, dialect: openaiChat }),
  holdfast: (fetch) => stream('http://bench.invalid/', { json: {}, fetch }),
}

/** @type {Contender} */
function bare(fetch) {
  async function* texts() {
    const reader = /** @type {ReadableStream<Uint8Array>} */ ((await fetch('')).body).getReader()
    const decoder = new TextDecoder()
    let buffer = ''
    for (;;) {
      const { value, done } = await reader.read()
      if (done) return
      buffer += decoder.decode(value, { stream: true })
      const blocks = buffer.split('\n\n')
      buffer = blocks.pop() ?? ''
      for (const block of blocks)
        if (block !== 'data: [DONE]') yield JSON.parse(block.slice(6)).choices[0].delta.content ?? ''
    }
  }
  return {
    [Symbol.asyncIterator]: texts,
    async text() {
      let text = ''
      for await (const piece of texts()) text += piece
      return text
    },
  }
}

/** Some turns of the loop, so that what is on its way arrives. */
async function settled() {
  for (let i = 0; i < 20; i++) await new Promise((resolve) => setTimeout(resolve, 5))
}

async function heap() {
  await settled()
  globalThis.gc?.()
  globalThis.gc?.()
  return process.memoryUsage().heapUsed
}

/** Bytes that each of `count` things holds, once some have been made. @param {number} count @param {(count: number) => unknown | Promise<unknown>} make */
async function held(count, make) {
  const warm = await make(5)
  const before = await heap()
  const kept = [warm, await make(count)]
  const bytes = ((await heap()) - before) / count
  return kept.length && bytes
}

/** @param {Contender} ask */
async function measure(ask) {
  /** @param {number} count */
  const times = (count) => Array.from({ length: count })
  const openReply = await held(MANY, (count) =>
    times(count).map(() => {
      const reply = ask(network(open()))
      void reply.text().catch(() => {})
      return reply
    }),
  )
  const shared = ask(network(open()))
  const reader = await held(MANY, (count) =>
    times(count).map(() => {
      const iterator = shared[Symbol.asyncIterator]()
      // It has read all there is, and waits for more.
      void (async () => {
        for (;;) if ((await iterator.next()).done) return
      })()
      return iterator
    }),
  )
  const answer = await held(ANSWERS, async (count) => {
    const texts = []
    for (const _ of times(count)) texts.push(await ask(network(megabyte())).text())
    return texts
  })
  const source = endless()
  const stopped = ask(network(source))[Symbol.asyncIterator]()
  await stopped.next()
  await settled()
  const ahead = source.taken
  return { openReply, reader, answer, ahead }
}

const kB = (/** @type {number} */ bytes) => (bytes / 1000).toFixed(1)
/** @type {Record<string, object>} */
const rows = {}
for (const [name, ask] of Object.entries(contenders)) {
  const { openReply, reader, answer, ahead } = await measure(ask)
  rows[name] = {
    'kB an open reply': kB(openReply),
    // A bare loop can be read once.
    'kB a further reader': ask === bare ? '–' : kB(reader),
    'kB an answer of 1 MB': kB(answer),
    'bytes read ahead': ahead,
  }
}
console.table(rows)
process.exit()
