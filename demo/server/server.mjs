// @ts-check
import { createServer } from 'node:http'
import { createRelay } from '../../dist/relay.js'
import { answers, isAnswers } from './answers.mjs'
import { Asks } from './asks.mjs'
import { readChatRequest } from './body.mjs'
import { complete } from './completion.mjs'
import { Exchange } from './exchange.mjs'
import { faults } from './faults.mjs'
import { fileFor, sendFile } from './files.mjs'
import { Live } from './live.mjs'
import { Refusal, sendRefusal } from './refusal.mjs'
import { clientOf, resolveUpstream } from './upstream.mjs'

/**
 * @typedef {object} ServerOptions
 * @property {number} port 0 takes any free one
 * @property {string} [host] 127.0.0.1: this machine only
 * @property {import('./upstream.mjs').UpstreamOptions | undefined} [upstream] a provider that answers instead of
 *   the simulated model
 * @property {number} [pace] multiplies every simulated delay; 1, and 0 for none
 * @property {number} [keepAliveMs] the longest silence of a healthy stream; 1000
 * @property {string | undefined} [redisUrl] where answers are kept; in memory without it
 * @property {(() => void) | undefined} [onKill] kills this process; where something starts it again
 */

/**
 * @typedef {object} RunningServer
 * @property {string} url
 * @property {number} port
 * @property {() => Promise<void>} close at once
 * @property {(graceMs: number) => Promise<void>} drain closes when the answers under way have ended, or in so long
 */

// What the last bytes may take to be read.
const LAST_BYTES_MS = 1000

/**
 * Starts the demo's server; resolves when it really listens.
 * @param {ServerOptions} options
 * @returns {Promise<RunningServer>}
 */
export async function startServer(options) {
  const { port, host = '127.0.0.1', upstream, pace = 1, keepAliveMs = 1000 } = options
  const provider = upstream && resolveUpstream(upstream)
  const server = createServer()
  await new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => resolve(undefined))
  })
  const address = /** @type {import('node:net').AddressInfo} */ (server.address())
  const relay = await relayFor(provider ?? modelAt(address), options)
  const about = { store: options.redisUrl ? 'redis' : 'memory', isSupervised: options.onKill !== undefined }
  const context = { provider, relay, asks: new Asks(), live: new Live(), about, onKill: options.onKill }
  server.on('request', (request, response) => {
    const exchange = new Exchange(request, response, { pace, keepAliveMs })
    void answer(exchange, context)
  })
  return {
    url: urlOf(host, address.port),
    port: address.port,
    async close() {
      await Promise.all([relay.drain({ graceMs: 0 }), close(server, 0)])
    },
    async drain(graceMs) {
      await relay.drain({ graceMs })
      await close(server, LAST_BYTES_MS)
    },
  }
}

/**
 * The relay: all that a page needs to read on after a break, a reload, or in a second tab.
 * @param {import('./upstream.mjs').Upstream} upstream
 * @param {ServerOptions} options
 */
async function relayFor(upstream, { keepAliveMs = 1000, redisUrl }) {
  // Only who uses Redis needs its client.
  const store = redisUrl && (await import('../../dist/relay/redis.js')).redisStore({ url: redisUrl })
  const { model } = upstream
  return createRelay({
    ai: clientOf(upstream),
    ...(model && { ask: (body) => ({ ...body, model }) }),
    ...(store && { store }),
    heartbeatMs: keepAliveMs,
  })
}

/**
 * The simulated model is a provider like any other, at this server's own address.
 * @param {import('node:net').AddressInfo} address
 * @returns {import('./upstream.mjs').Upstream}
 */
function modelAt({ address, family, port }) {
  const host = { '0.0.0.0': '127.0.0.1', '::': '::1' }[address] ?? address
  const baseUrl = `http://${family === 'IPv6' ? `[${host}]` : host}:${port}/v1`
  return { baseUrl, search: '', key: undefined, model: undefined }
}

/**
 * @typedef {object} Context
 * @property {import('./upstream.mjs').Upstream | undefined} provider
 * @property {import('../../dist/relay.js').Relay} relay
 * @property {Asks} asks
 * @property {Live} live
 * @property {{ store: string, isSupervised: boolean }} about
 * @property {(() => void) | undefined} onKill
 */

/**
 * @param {Exchange} exchange
 * @param {Context} context
 */
async function answer(exchange, context) {
  const { response } = exchange
  try {
    await route(exchange, context)
  } catch (error) {
    // The client is gone, which is what ended the work; there is nobody to tell.
    if (exchange.signal.aborted) return
    // Under way, a failure can only be shown by breaking off: a clean end would look like a whole answer.
    if (response.headersSent) response.destroy()
    else if (error instanceof Refusal) sendRefusal(response, error)
    else {
      console.error(error)
      sendRefusal(response, new Refusal(500, 'The demo server has failed.', { type: 'server_error' }))
    }
  }
}

/**
 * @param {Exchange} exchange
 * @param {Context} context
 */
async function route(exchange, context) {
  const { path, response } = exchange
  if (path === '/v1/chat/completions') {
    allow(exchange, 'POST')
    refuseOtherSites(exchange)
    await complete(exchange, await readChatRequest(exchange.request))
    return
  }
  if (isAnswers(path)) {
    refuseOtherSites(exchange)
    await answers(exchange, context)
    return
  }
  if (path === '/faults/now') {
    allow(exchange, 'POST')
    refuseOtherSites(exchange)
    const { name } = context.live.strike(exchange.query, context.asks)
    sendJson(exchange, { fault: name })
    return
  }
  if (path === '/process/kill' && context.onKill) {
    allow(exchange, 'POST')
    refuseOtherSites(exchange)
    sendJson(exchange, {})
    response.once('close', context.onKill)
    return
  }
  if (path === '/about.json') {
    allow(exchange, 'GET', 'HEAD')
    sendJson(exchange, context.about)
    return
  }
  const file = fileFor(path)
  if (!file && path !== '/faults.json') throw new Refusal(404, `There is nothing at ${path}.`)
  allow(exchange, 'GET', 'HEAD')
  if (file) {
    await sendFile(response, file)
    return
  }
  const possible = faults.filter(({ slow }) => !(slow && context.provider))
  sendJson(
    exchange,
    possible.map(({ name, label, description }) => ({ name, label, description })),
  )
}

/**
 * @param {Exchange} exchange
 * @param {unknown} value
 */
function sendJson({ response }, value) {
  const type = 'application/json; charset=utf-8'
  response.writeHead(200, { 'content-type': type, 'cache-control': 'no-cache' })
  response.end(JSON.stringify(value))
}

/**
 * Any page on the web can send a simple POST to this machine; it must not spend the owner's key.
 * @param {Exchange} exchange
 */
function refuseOtherSites({ request }) {
  const site = request.headers['sec-fetch-site']
  if (site === undefined || site === 'same-origin' || site === 'none') return
  throw new Refusal(403, 'Only the demo’s own page may ask.', { type: 'permission_error' })
}

/**
 * @param {Exchange} exchange
 * @param {...string} methods
 */
function allow({ path, request }, ...methods) {
  if (methods.includes(request.method ?? '')) return
  const headers = { allow: methods.join(', ') }
  throw new Refusal(405, `${path} takes ${methods.join(' or ')}, not ${request.method}.`, { headers })
}

/**
 * @param {import('node:http').Server} server
 * @param {number} lastBytesMs
 */
function close(server, lastBytesMs) {
  return new Promise((/** @type {(nothing: void) => void} */ resolve) => {
    server.close(() => resolve())
    // Streams in progress, among them those that are silent for ever, would keep the server open.
    setTimeout(() => server.closeAllConnections(), lastBytesMs).unref()
  })
}

/**
 * @param {string} host
 * @param {number} port
 */
function urlOf(host, port) {
  if (['127.0.0.1', '0.0.0.0', '::', 'localhost'].includes(host)) return `http://localhost:${port}`
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`
}
