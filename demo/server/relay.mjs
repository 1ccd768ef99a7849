// @ts-check
import { Refusal } from './refusal.mjs'

/** @typedef {import('./exchange.mjs').Exchange} Exchange */
/** @typedef {{ url: string, key?: string | undefined, model?: string | undefined }} UpstreamOptions */
/** @typedef {{ url: URL, key: string | undefined, model: string | undefined }} Upstream */

const passedBack = ['content-type', 'retry-after', 'retry-after-ms', 'x-request-id']
const maxErrorChars = 65_536
const eventsBeforeFault = 6

/**
 * Checks where to relay to.
 * @param {UpstreamOptions} options `url` is the provider's base, such as `https://host/v1`, or all of it
 * @returns {Upstream}
 * @throws {Error} with a sentence for whoever set it; the key is never part of it
 */
export function resolveUpstream({ url, key, model }) {
  const address = URL.canParse(url) ? new URL(url) : undefined
  if (address?.username || address?.password) {
    throw new Error('UPSTREAM_URL must not contain a user name or a password; put the key into UPSTREAM_KEY.')
  }
  if (!address || !/^https?:$/.test(address.protocol)) {
    throw new Error(`UPSTREAM_URL must be an http or https address such as https://host/v1, not "${url}".`)
  }
  if (key && !/^[\x21-\x7e]+$/.test(key)) {
    throw new Error('UPSTREAM_KEY contains a character that cannot be part of a key, such as a space.')
  }
  const path = address.pathname.replace(/\/+$/, '')
  address.pathname = path.endsWith('/chat/completions') ? path : `${path}/chat/completions`
  return { url: address, key: key || undefined, model: model || undefined }
}

/**
 * Sends the request to the provider and its answer back, byte for byte, unless the fault has other plans.
 * @param {Exchange} exchange
 * @param {import('./body.mjs').ChatRequest} request
 * @param {import('./faults.mjs').Fault} fault
 * @param {Upstream} upstream
 */
export async function relay(exchange, request, fault, upstream) {
  const answer = await ask(exchange, request, upstream)
  if (!answer.ok) {
    await passError(exchange, answer, upstream)
    return
  }
  const streaming = answer.headers.get('content-type')?.startsWith('text/event-stream')
  exchange.response.writeHead(answer.status, headersFrom(answer))
  exchange.response.flushHeaders()
  if (streaming) await fault.beforeFirst?.(exchange)
  if (streaming && fault.midway) {
    await passUntilFault(exchange, answer)
    await fault.midway(exchange)
    return
  }
  for await (const bytes of bodyOf(answer)) await exchange.write(bytes)
  exchange.end()
}

/**
 * @param {Exchange} exchange
 * @param {import('./body.mjs').ChatRequest} request
 * @param {Upstream} upstream
 */
async function ask({ signal }, request, { url, key, model }) {
  try {
    return await fetch(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'text/event-stream, application/json',
        // A compressed stream may be held back until there is enough to compress.
        'accept-encoding': 'identity',
        ...(key && { authorization: `Bearer ${key}` }),
      },
      body: JSON.stringify({ ...request, ...(model && { model }) }),
      redirect: 'error',
      signal,
    })
  } catch (error) {
    signal.throwIfAborted()
    // The cause's code says enough; messages of other people's code might quote the request.
    const cause = error instanceof Error && /** @type {{ code?: string } | undefined} */ (error.cause)?.code
    const message = `The upstream provider at ${url.host} cannot be reached${cause ? ` (${cause})` : ''}.`
    throw new Refusal(502, message, { type: 'upstream_error', code: 'upstream_unreachable' })
  }
}

/**
 * An error is read before it is passed on: providers have been seen to quote the key that they refuse.
 * @param {Exchange} exchange
 * @param {Response} answer
 * @param {Upstream} upstream
 */
async function passError({ response }, answer, { key }) {
  const decoder = new TextDecoder()
  let text = ''
  for await (const bytes of bodyOf(answer)) {
    text += decoder.decode(bytes, { stream: true })
    if (text.length > maxErrorChars) break
  }
  response.writeHead(answer.status, headersFrom(answer))
  response.end(key ? text.replaceAll(key, '[key]') : text)
}

/**
 * Passes some whole events, so that the fault happens between two of them and before the answer is complete.
 * @param {Exchange} exchange
 * @param {Response} answer
 */
async function passUntilFault(exchange, answer) {
  let rest = Buffer.alloc(0)
  let passed = 0
  for await (const bytes of bodyOf(answer)) {
    rest = Buffer.concat([rest, bytes])
    for (let end = endOfEvent(rest); end > 0; end = endOfEvent(rest)) {
      const event = rest.subarray(0, end)
      if (passed === eventsBeforeFault || isLast(event)) return
      await exchange.write(event)
      rest = rest.subarray(end)
      passed++
    }
  }
}

/** @param {Buffer} bytes @returns {number} 0 when the event is not complete */
function endOfEvent(bytes) {
  // One character a byte in latin1, so an index in the text is an index in the bytes.
  const found = /\r\n\r\n|\n\n|\r\r/.exec(bytes.toString('latin1'))
  return found ? found.index + found[0].length : 0
}

/** @param {Buffer} event */
const isLast = (event) => /"finish_reason":\s*"|\[DONE\]/.test(event.toString('latin1'))

/** @param {Response} answer @returns {AsyncIterable<Uint8Array>} */
const bodyOf = (answer) => answer.body ?? new ReadableStream({ start: (controller) => controller.close() })

/** @param {Response} answer */
function headersFrom({ headers }) {
  /** @type {Record<string, string>} */
  const passed = { 'cache-control': 'no-cache, no-transform', 'x-accel-buffering': 'no' }
  for (const name of passedBack) {
    const value = headers.get(name)
    if (value !== null) passed[name] = value
  }
  return passed
}
