// @ts-check
import { createServer } from 'node:http'
import { Asks } from './asks.mjs'
import { readChatRequest } from './body.mjs'
import { complete } from './completion.mjs'
import { Exchange } from './exchange.mjs'
import { faultFor, faults } from './faults.mjs'
import { fileFor, sendFile } from './files.mjs'
import { Live } from './live.mjs'
import { placeFor } from './place.mjs'
import { Refusal, sendRefusal } from './refusal.mjs'
import { relay, resolveUpstream } from './relay.mjs'

/**
 * @typedef {object} ServerOptions
 * @property {number} port 0 takes any free one
 * @property {string} [host] 127.0.0.1: this machine only
 * @property {import('./relay.mjs').UpstreamOptions | undefined} [upstream] a provider that answers instead of
 *   the simulated model
 * @property {number} [pace] multiplies every simulated delay; 1, and 0 for none
 * @property {number} [keepAliveMs] the longest silence of a healthy simulated stream; 1000
 */

/** @typedef {{ url: string, port: number, close: () => Promise<void> }} RunningServer */

/**
 * Starts the demo's server; resolves when it really listens.
 * @param {ServerOptions} options
 * @returns {Promise<RunningServer>}
 */
export async function startServer({ port, host = '127.0.0.1', upstream, pace = 1, keepAliveMs = 1000 }) {
  const provider = upstream && resolveUpstream(upstream)
  const context = { provider, asks: new Asks(), live: new Live() }
  const server = createServer((request, response) => {
    const exchange = new Exchange(request, response, { pace, keepAliveMs })
    void answer(exchange, context)
  })
  await new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => resolve(undefined))
  })
  const address = /** @type {import('node:net').AddressInfo} */ (server.address())
  return { url: urlOf(host, address.port), port: address.port, close: () => close(server) }
}

/**
 * @typedef {object} Context
 * @property {import('./relay.mjs').Upstream | undefined} provider
 * @property {Asks} asks
 * @property {Live} live
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
    await chat(exchange, context)
    return
  }
  if (path === '/faults/now') {
    allow(exchange, 'POST')
    refuseOtherSites(exchange)
    const { name } = context.live.strike(exchange.query, context.asks)
    sendJson(exchange, { fault: name })
    return
  }
  const file = fileFor(path)
  if (!file && path !== '/faults.json') throw new Refusal(404, `There is nothing at ${path}.`)
  allow(exchange, 'GET', 'HEAD')
  if (file) {
    await sendFile(response, file)
    return
  }
  // A provider that numbers its events and takes them up again has yet to be met.
  const headers = { 'x-can-resume': context.provider ? 'no' : 'yes' }
  const list = faults.map(({ name, label, description }) => ({ name, label, description }))
  sendJson(exchange, list, headers)
}

/**
 * @param {Exchange} exchange
 * @param {unknown} value
 * @param {Record<string, string>} [headers]
 */
function sendJson({ response }, value, headers) {
  const type = 'application/json; charset=utf-8'
  response.writeHead(200, { 'content-type': type, 'cache-control': 'no-cache', ...headers })
  response.end(JSON.stringify(value))
}

/**
 * @param {Exchange} exchange
 * @param {Context} context
 */
async function chat(exchange, { provider, asks, live }) {
  refuseOtherSites(exchange)
  const request = await readChatRequest(exchange.request)
  const { fault, telling } = faultFor(exchange.query, asks)
  live.add(exchange.query.get('ask'), exchange)
  await exchange.run(async () => {
    if (fault.instead) await fault.instead(exchange)
    else if (provider) await relay(exchange, request, fault, provider)
    else await complete(exchange, request, fault, placeFor(exchange, telling))
  })
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

/** @param {import('node:http').Server} server */
function close(server) {
  return new Promise((/** @type {(nothing: void) => void} */ resolve) => {
    server.close(() => resolve())
    // Streams in progress, among them those that are silent for ever, would keep the server open.
    server.closeAllConnections()
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
