// @ts-check
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { setTimeout } from 'node:timers/promises'
import { event, tokens } from './tokens.mjs'

/** @typedef {{ url: string, marks: readonly number[], go: () => void, close: () => Promise<unknown> }} Source */

const root = new URL('../../', import.meta.url)
const types = { html: 'text/html; charset=utf-8', js: 'text/javascript; charset=utf-8' }

/** @type {Map<string | undefined, string>} */
const files = new Map([
  ['/bench/dom/page.html', types.html],
  ['/bench/dom/contenders.mjs', types.js],
  ['/dist/holdfast.min.js', types.js],
])

/**
 * A server of one long answer. It writes a few tokens every few milliseconds, as a network delivers them, and no
 * faster than the page reads; at each mark it waits until it may go on, so that the page can be measured at rest.
 * @param {{ marks: readonly number[], perSecond: number }} options
 * @returns {Promise<Source>}
 */
export async function startSource({ marks, perSecond }) {
  const events = tokens(marks.at(-1) ?? 0).map(event)
  /** @type {() => void} */
  let go = () => {}

  /** @param {import('node:http').ServerResponse} response */
  async function answer(response) {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' })
    let sent = 0
    for (const mark of marks) {
      while (sent < mark) {
        const before = performance.now()
        await setTimeout(4)
        const due = Math.ceil(((performance.now() - before) / 1000) * perSecond)
        const next = Math.min(mark, sent + due)
        const hasRoom = response.write(events.slice(sent, next).join(''))
        sent = next
        // Whoever could not keep up gets no flood afterwards, but goes on at the same pace.
        if (!hasRoom) await Promise.race([once(response, 'drain'), once(response, 'close')])
        if (response.destroyed) return
      }
      await new Promise((resolve) => {
        go = () => resolve(undefined)
      })
    }
    response.end('data: [DONE]\n\n')
  }

  const server = createServer((request, response) => {
    void (request.url === '/stream' ? answer(response) : send(response, request.url))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address())
  return {
    url: `http://127.0.0.1:${port}/bench/dom/page.html`,
    marks,
    go: () => go(),
    close: () => {
      server.closeAllConnections()
      return new Promise((resolve) => server.close(resolve))
    },
  }
}

/**
 * @param {import('node:http').ServerResponse} response
 * @param {string | undefined} path
 */
async function send(response, path) {
  const type = files.get(path)
  response.writeHead(type ? 200 : 404, { 'content-type': type ?? 'text/plain' })
  response.end(type && (await readFile(new URL(`.${path}`, root))))
}
