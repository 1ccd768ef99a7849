// @ts-check
// What the page asks: a relay, and between the two a network that fails as it is told to.
import { readChatRequest } from './body.mjs'
import { faultFor } from './faults.mjs'

/** @typedef {import('./exchange.mjs').Exchange} Exchange */
/** @typedef {import('./server.mjs').Context} Context */

export const MOUNT = '/answers'

/** Events that pass before a fault in the middle: from the start of an answer, and of what is left of one. */
const EVENTS_BEFORE_FAULT = { whole: 70, rest: 40 }
// No cookie and no credential: the relay needs none, and what it is not given it cannot pass on.
const PASSED_ON = ['last-event-id', 'idempotency-key', 'origin', 'sec-fetch-site', 'x-request-id']

/** @param {string} path */
export const isAnswers = (path) => path === MOUNT || path.startsWith(`${MOUNT}/`)

/**
 * Answers a request for answers, unless the fault has other plans. What is asked of an answer but to read it, no fault
 * hits.
 * @param {Exchange} exchange
 * @param {Context} context
 */
export async function answers(exchange, context) {
  const { request, query, path } = exchange
  const isAsked = request.method === 'POST' && path === MOUNT
  const chat = isAsked ? await readChatRequest(request) : undefined
  if (!isAsked && request.method !== 'GET') {
    await pass(exchange, await context.relay.fetch(requestOf(exchange)))
    return
  }
  const { fault, manner } = faultFor(query, context.asks)
  context.live.add(query.get('ask'), exchange)
  const model = context.provider || manner === 'plain' ? {} : { model: `simulated-${manner}` }
  const body = chat && JSON.stringify({ ...chat, ...model })
  await exchange.run(() => fault.instead?.(exchange) ?? answer(exchange, body, fault, context))
}

/**
 * @param {Exchange} exchange
 * @param {string | undefined} body
 * @param {import('./faults.mjs').Fault} fault
 * @param {Context} context
 */
async function answer(exchange, body, fault, { relay }) {
  const { signal } = exchange
  const response = await relay.fetch(requestOf(exchange, { body }))
  if (signal.aborted) await response.body?.cancel()
  signal.throwIfAborted()
  const isStream = response.headers.get('content-type')?.startsWith('text/event-stream')
  const { midway } = fault
  if (!midway || !isStream) {
    await pass(exchange, response)
    return
  }
  const isRest = exchange.request.headers['last-event-id'] !== undefined
  if (!(await passUntilFault(exchange, response, isRest ? 'rest' : 'whole'))) return
  if (fault.forgets) {
    const path = `${response.headers.get('content-location') ?? exchange.path}?forget`
    await relay.fetch(requestOf(exchange, { method: 'DELETE', path }))
  }
  await midway(exchange)
}

/**
 * @param {Exchange} exchange
 * @param {{ method?: string, path?: string, body?: string | undefined }} [other] than it came with
 */
function requestOf({ request, path: asked, query }, { method = request.method, path, body } = {}) {
  const headers = new Headers()
  for (const name of PASSED_ON) {
    const value = request.headers[name]
    if (value !== undefined) headers.set(name, String(value))
  }
  const forget = query.has('forget') ? '?forget' : ''
  return new Request(new URL(path ?? asked + forget, 'http://localhost'), {
    ...(method && { method }),
    ...(body !== undefined && { body }),
    headers,
  })
}

/**
 * Passes a response on as it comes, no faster than the page reads it.
 * @param {Exchange} exchange
 * @param {Response} response
 */
async function pass(exchange, response) {
  writeHead(exchange, response)
  for await (const bytes of piecesOf(exchange, response)) await exchange.send(bytes)
  exchange.end()
}

/**
 * Passes some events, so that the fault happens between two of them and before the answer is complete; what is left of
 * one may come to its end.
 * @param {Exchange} exchange
 * @param {Response} response
 * @param {keyof typeof EVENTS_BEFORE_FAULT} part
 * @returns {Promise<boolean>} whether the fault is due
 */
async function passUntilFault(exchange, response, part) {
  writeHead(exchange, response)
  let passed = 0
  for await (const bytes of piecesOf(exchange, response)) {
    for (const block of blocksOf(bytes)) {
      const isDue = passed === EVENTS_BEFORE_FAULT[part] || (part === 'whole' && isLast(block))
      if (isDue) return true
      await exchange.send(block)
      if (block.includes('data: ')) passed++
    }
  }
  exchange.end()
  return false
}

/** @param {Exchange} exchange @param {Response} response */
function writeHead({ response }, { status, headers }) {
  response.writeHead(status, Object.fromEntries(headers))
  response.flushHeaders()
}

/**
 * The bytes of a response, until the exchange has ended or has something else to do.
 * @param {Exchange} exchange
 * @param {Response} response
 */
async function* piecesOf({ signal }, { body }) {
  const reader = body?.getReader()
  const leave = () => void reader?.cancel()
  signal.addEventListener('abort', leave)
  try {
    for (let part = await reader?.read(); part && !part.done; part = await reader?.read()) {
      signal.throwIfAborted()
      yield part.value
    }
    signal.throwIfAborted()
  } finally {
    signal.removeEventListener('abort', leave)
    leave()
  }
}

/** A relay's piece is whole events and comments. @param {Uint8Array} bytes */
function blocksOf(bytes) {
  // One character a byte in latin1, so that the bytes stay what they are.
  const blocks =
    Buffer.from(bytes)
      .toString('latin1')
      .match(/.+?\n\n/gs) ?? []
  return blocks.map((block) => Buffer.from(block, 'latin1'))
}

/** @param {Buffer} block */
const isLast = (block) => /"finish_reason":\s*"|\[DONE\]/.test(block.toString('latin1'))
