/** A server below HTTP: it says what a fault says, byte for byte, on the socket of the request. */
import { readFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type RequestListener } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import { selfSigned } from '../support/certificate.ts'
import { faults, type Step, saying } from './faults.ts'

export interface RawServer {
  /** The page's own origin. */
  readonly origin: string
  /** The same server under another name: to a page, a stranger that allows nothing. */
  readonly stranger: string
  /** The path of each request, but for those of the page itself and of what the tests ask. */
  readonly strayRequests: readonly string[]
  /** The `Idempotency-Key` of each request of an ask. */
  keysOf(ask: string): readonly string[]
  /** How many sockets of an ask are open. */
  openSocketsOf(ask: string): number
  /** How many have carried its requests. */
  socketsOf(ask: string): number
  close(): Promise<void>
}

/** What a test asked for under one name, however often it was sent. */
class Ask {
  readonly keys: string[] = []
  readonly sockets = new Set<Socket>()
  readonly carried = new Set<Socket>()
  readonly seen: Promise<void>
  see: () => void = () => {}

  constructor() {
    this.seen = new Promise((resolve) => {
      this.see = resolve
    })
  }
}

/**
 * `POST /fault/<name>?ask=<id>`: each request of an ask meets the fault, or with `&times=n` the first n do.
 * `POST /say` says the pieces in its `json`. `/seen?ask=<id>` is the page's word that it has read some text. `/next` is
 * a page that takes its time, `/download` is none.
 *
 * @param isSecure - by TLS, with a certificate that nobody trusts; HTTP/1.1 there, too.
 */
export async function startRawServer(isSecure = false): Promise<RawServer> {
  const asks = new Map<string, Ask>()
  const strayRequests: string[] = []
  const askOf = (id: string): Ask => {
    const ask = asks.get(id) ?? new Ask()
    asks.set(id, ask)
    return ask
  }
  const listener: RequestListener = async (request) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://here')
    const ask = askOf(searchParams.get('ask') ?? '')
    if (pathname === '/say') return play(request, saying(await piecesIn(request)), ask.seen)
    if (pathname.startsWith('/fault/')) {
      ask.keys.push(String(request.headers['idempotency-key'] ?? ''))
      const { socket } = request
      if (!ask.carried.has(socket)) socket.once('close', () => ask.sockets.delete(socket))
      ask.carried.add(socket)
      ask.sockets.add(socket)
      const isHit = ask.keys.length <= Number(searchParams.get('times') ?? Number.POSITIVE_INFINITY)
      return play(request, faults[isHit ? decodeURIComponent(pathname.slice(7)) : 'no fault'] ?? [], ask.seen)
    }
    if (pathname === '/next') return play(request, [700, file('/')], ask.seen)
    if (pathname === '/download') return play(request, [DOWNLOAD], ask.seen)
    if (pathname === '/seen') ask.see()
    else if (!FILES.has(pathname)) strayRequests.push(pathname)
    return play(request, [file(pathname)], ask.seen)
  }
  const tls = () => ({ ...selfSigned(), ALPNProtocols: ['http/1.1'] })
  const server = isSecure ? createSecureServer(tls(), listener) : createServer(listener)
  server.on(isSecure ? 'secureConnection' : 'connection', (socket: Socket) => {
    // A reset by the browser is no failure of ours.
    socket.setNoDelay(true).on('error', () => {})
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const scheme = isSecure ? 'https' : 'http'
  return {
    origin: `${scheme}://127.0.0.1:${port}`,
    stranger: `${scheme}://localhost:${port}`,
    strayRequests,
    keysOf: (id) => askOf(id).keys,
    openSocketsOf: (id) => askOf(id).sockets.size,
    socketsOf: (id) => askOf(id).carried.size,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
        for (const { sockets } of asks.values()) for (const socket of sockets) socket.destroy()
      }),
  }
}

async function play(request: IncomingMessage, steps: readonly Step[], seen: Promise<void>): Promise<void> {
  const { socket } = request
  request.resume()
  for (const step of steps) {
    if (socket.destroyed) return
    if (step === 'FIN') socket.end()
    else if (step === 'RST') socket.resetAndDestroy()
    else if (step === 'SEEN') await seen
    else if (typeof step === 'number') await setTimeout(step)
    else await new Promise((written) => socket.write(step, written))
  }
}

async function piecesIn(request: IncomingMessage): Promise<string[]> {
  let body = ''
  for await (const part of request.setEncoding('utf8')) body += part
  return JSON.parse(body)
}

const SCRIPT = '/holdfast.js'
const FILES: ReadonlySet<string> = new Set(['/', SCRIPT, '/favicon.ico'])
const DOWNLOAD = [
  'HTTP/1.1 200 OK',
  'content-type: application/octet-stream',
  'content-disposition: attachment; filename=a',
  'content-length: 1',
  '\r\na',
].join('\r\n')
const root = new URL('../../', import.meta.url)

/**
 * By hand, like everything here: what goes through a `ServerResponse` would wait for the end of the ones before it on
 * the same connection, and those never end.
 */
function file(path: string): string {
  const isScript = path === SCRIPT
  const body = isScript ? readFileSync(new URL('dist/holdfast.min.js', root), 'utf8') : '<!doctype html><p>'
  const lines = [
    isScript || path === '/' ? 'HTTP/1.1 200 OK' : 'HTTP/1.1 404 Not Found',
    `content-type: ${isScript ? 'text/javascript' : 'text/html'}; charset=utf-8`,
    `content-length: ${Buffer.byteLength(body)}`,
  ]
  return `${lines.join('\r\n')}\r\n\r\n${body}`
}
