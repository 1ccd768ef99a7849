/** A server that plays what a check has told it to: one script a request, the last one for all that follow. */
import { createServer } from 'node:http'
import { setTimeout } from 'node:timers/promises'
import { closed, listening } from '../listening.mjs'

/**
 * What a response does: a text is written, a number is a wait in ms. `SEEN` waits until the check says that it has read some
 * text: what has not been read is lost with a reset, wherever it waits. The rest ends the response: as HTTP wants it, by
 * closing the socket, by a reset; `HANG` does not.
 *
 * @typedef {string | number | 'SEEN' | 'END' | 'FIN' | 'RST' | 'HANG'} Step
 *
 * Without steps no header is sent either.
 * @typedef {{ status?: number, headers?: Record<string, string>, steps?: readonly Step[], pieceBytes?: number }} Script
 *
 * @typedef {{ method: string, path: string, headers: Record<string, string>, body: string, isOpen: boolean }} Told - a
 * request that has come; `isOpen` until its response is over or the other side has gone.
 *
 * @typedef {{ origin: string, other: string, dead: string }} Addresses - of the server, of the same one as another origin,
 * and of one that is not there.
 *
 * @typedef {import('node:http').IncomingMessage} Request
 * @typedef {import('node:http').ServerResponse} Response
 * @typedef {Addresses & { close(): Promise<unknown> }} Server
 */

/** One play: its scripts, and all that was asked. */
class Play {
  /** @type {Told[]} */
  told = []
  /** @type {() => void} */
  see = () => {}
  /** @type {Promise<void>} */
  seen = new Promise((resolve) => {
    this.see = resolve
  })

  /** @param {readonly Script[]} scripts */
  constructor(scripts) {
    this.scripts = scripts
  }

  /** @type {(request: Request, response: Response) => Promise<unknown>} */
  async answer(request, response) {
    const script = this.scripts[Math.min(this.told.length, this.scripts.length - 1)] ?? {}
    const headers = /** @type {Record<string, string>} */ ({ ...request.headers })
    const told = { method: request.method ?? '', path: request.url ?? '', headers, body: '', isOpen: true }
    this.told.push(told)
    response.on('close', () => {
      told.isOpen = false
    })
    told.body = await bodyOf(request)
    return perform(script, response, this.seen)
  }
}

/**
 * `POST /play` takes scripts and gives the play's number. Under `/ask/<number>` it is played, `/told/<number>` is what was
 * asked there, `/seen/<number>` is the check's word that it has read some text.
 *
 * @param {Record<string, string>} files - what it serves besides, by path: for a page. All but `/` are scripts.
 * @returns {Promise<Server>}
 */
export async function startConformanceServer(files = {}) {
  /** @type {Play[]} */
  const plays = []
  /** @type {(request: Request, response: Response) => Promise<unknown>} */
  const listen = async (request, response) => {
    const [, kind = '', number = ''] = /^\/(\w*)(?:\/(\d+))?/.exec(request.url ?? '') ?? []
    const { method, url = '' } = request
    request.socket.setNoDelay(true)
    allow(request, response)
    if (method === 'OPTIONS') return response.writeHead(204).end()
    if (files[url] !== undefined) return sendFile(response, url, files[url])
    if (kind === 'play')
      return response.end(String(plays.push(new Play(JSON.parse(await bodyOf(request)))) - 1))
    const play = plays[Number(number || 'none')]
    if (kind === 'seen') play?.see()
    if (kind === 'told') return response.end(JSON.stringify(play?.told))
    if (kind === 'ask' && play) return play.answer(request, response)
    return response.writeHead(kind === 'seen' ? 204 : 404).end()
  }
  const servers = [createServer(listen), createServer(listen), createServer()]
  for (const server of servers) server.on('connection', (socket) => socket.on('error', () => {}))
  const [origin = '', other = '', dead = ''] = await Promise.all(servers.map(listening))
  await closed(servers[2])
  return { origin, other, dead, close: () => Promise.all(servers.slice(0, 2).map(closed)) }
}

/** A page of the one origin may ask the other one, and read all that it says. */
function allow(/** @type {Request} */ { headers }, /** @type {Response} */ response) {
  response.setHeader('cache-control', 'no-store')
  response.setHeader('access-control-allow-origin', '*')
  response.setHeader('access-control-expose-headers', '*')
  response.setHeader('access-control-allow-methods', 'GET, POST, DELETE')
  response.setHeader('access-control-allow-headers', headers['access-control-request-headers'] ?? '*')
}

function sendFile(/** @type {Response} */ response, /** @type {string} */ path, /** @type {string} */ text) {
  const type = path === '/' ? 'text/html' : 'text/javascript'
  response.writeHead(200, { 'content-type': `${type}; charset=utf-8` }).end(text)
}

/** @type {(script: Script, response: Response, seen: Promise<void>) => Promise<void>} */
async function perform({ status = 200, headers, steps, pieceBytes = 65_536 }, response, seen) {
  if (!steps) return
  response.writeHead(status, { 'content-type': 'text/event-stream', ...headers })
  response.flushHeaders()
  for (const step of steps) {
    if (response.destroyed || step === 'HANG') return
    if (step === 'END') response.end()
    else if (step === 'FIN') response.socket?.end()
    else if (step === 'RST') response.socket?.resetAndDestroy()
    else if (step === 'SEEN') await seen
    else if (typeof step === 'number') await setTimeout(step)
    else await write(response, Buffer.from(step), pieceBytes)
  }
}

async function write(
  /** @type {Response} */ response,
  /** @type {Buffer} */ bytes,
  /** @type {number} */ size,
) {
  for (let at = 0; at < bytes.length; at += size)
    await new Promise((written) => response.write(bytes.subarray(at, at + size), written))
}

async function bodyOf(/** @type {Request} */ request) {
  let body = ''
  for await (const part of request.setEncoding('utf8')) body += part
  return body
}
