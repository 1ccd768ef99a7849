// @ts-check
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { setImmediate, setTimeout } from 'node:timers/promises'

const HTML = 'text/html; charset=utf-8'
const JAVASCRIPT = 'text/javascript; charset=utf-8'

/** @typedef {{ url: string, close: () => Promise<unknown> }} Site */

/**
 * The page, the contenders as they were bundled, and a server that answers at once and as fast as it is read.
 *
 * @param {ReadonlyMap<string, string>} bundles - by the contender's name.
 * @param {number} count - events of an answer.
 * @returns {Promise<Site>}
 */
export async function startSite(bundles, count) {
  const events = answer(count)
  const server = createServer(async (request, response) => {
    const path = request.url ?? ''
    const [, name = ''] = /^\/contenders\/(.+)\.js$/.exec(path) ?? []
    if (path === '/v1/chat/completions') {
      request.resume()
      await once(request, 'end')
      response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' })
      for (const event of events) {
        response.write(event)
        // A packet each, as far as the network likes.
        await setImmediate()
      }
      response.end('data: [DONE]\n\n')
    } else if (path === '/v1/paced') await pace(response, count)
    else if (bundles.has(name)) send(response, JAVASCRIPT, bundles.get(name) ?? '')
    else if (path === '/') send(response, HTML, await readFile(new URL('page.html', import.meta.url), 'utf8'))
    else if (path === '/page.mjs')
      send(response, JAVASCRIPT, await readFile(new URL('page.mjs', import.meta.url), 'utf8'))
    else send(response.writeHead(404), HTML, '')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address())
  return {
    url: `http://127.0.0.1:${port}/`,
    close: () => {
      server.closeAllConnections()
      return new Promise((resolve) => server.close(resolve))
    },
  }
}

/**
 * Tokens that say when they were sent, at no rhythm a screen has.
 *
 * @param {import('node:http').ServerResponse} response
 * @param {number} count
 */
async function pace(response, count) {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' })
  for (let i = 0; i < count; i++) {
    await setTimeout(37 + ((i * 7) % 30))
    const at = (performance.timeOrigin + performance.now()).toFixed(2)
    response.write(chunk({ content: `${at} ` }, null))
  }
  response.end(`${chunk({}, 'stop')}data: [DONE]\n\n`)
}

/**
 * @param {import('node:http').ServerResponse} response
 * @param {string} type
 * @param {string} text
 */
function send(response, type, text) {
  if (!response.headersSent) response.writeHead(200, { 'content-type': type, 'cache-control': 'no-store' })
  response.end(text)
}

/**
 * The chunks of an answer as OpenAI's API sends them.
 * @param {number} count
 */
function answer(count) {
  const texts = Array.from({ length: count }, (_, i) => chunk({ content: ` w${i % 1000}` }, null))
  return [...texts, chunk({}, 'stop')]
}

/** @param {object} delta @param {string | null} reason */
function chunk(delta, reason) {
  return `data: ${JSON.stringify({
    ...{ id: 'chatcmpl-D', object: 'chat.completion.chunk', created: 1778031210, model: 'bench' },
    ...{ service_tier: 'default', system_fingerprint: 'fp_5' },
    choices: [{ index: 0, delta, logprobs: null, finish_reason: reason }],
  })}\n\n`
}
