/** A server below HTTP: it says what a fault says, byte for byte, on the socket of the request. */
import { readFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import { DONE, finish, role, text } from '../support/chat.ts'

/** What the whole answer says, and what has been said when a fault happens. */
export const BEGUN = 'Hold'
export const WHOLE = 'Hold fast.'

const begun = role + text(BEGUN)
const whole = begun + text(' fast.') + finish() + DONE
const zipped = gzipSync(whole)

const head = (...lines: readonly string[]) =>
  `${['HTTP/1.1 200 OK', 'content-type: text/event-stream', ...lines].join('\r\n')}\r\n\r\n`
const CHUNKED = head('transfer-encoding: chunked')
const CLOSED = head('connection: close')
const chunk = (data: string) => `${data.length.toString(16)}\r\n${data}\r\n`

/** Bytes to be written, a wait in ms, or an end of the socket: polite (`FIN`) or rude (`RST`). */
type Step = string | Uint8Array | number | 'FIN' | 'RST'

// A reset overtakes what is on its way; this long it has to arrive first. No verdict depends on it.
const ARRIVE_MS = 60

/** What happens to a request, by the name in its path. */
export const faults: Readonly<Record<string, readonly Step[]>> = {
  'reset before headers': ['RST'],
  'end before headers': ['FIN'],
  'bytes that are not HTTP': ['SSH-2.0-OpenSSH_9.2\r\n\r\n', ARRIVE_MS, 'FIN'],
  'reset in a chunk': [CHUNKED, chunk(begun), ARRIVE_MS, 'ff\r\ndata:', ARRIVE_MS, 'RST'],
  'end in a chunk': [CHUNKED, chunk(begun), 'ff\r\ndata:', 'FIN'],
  'end between chunks': [CHUNKED, chunk(begun), 'FIN'],
  'end short of content-length': [head('content-length: 5000'), begun, 'FIN'],
  'end of a body without length': [CLOSED, begun, 'FIN'],
  'reset of a body without length': [CLOSED, begun, ARRIVE_MS, 'RST'],
  'broken chunk size': [CHUNKED, chunk(begun), 'zz\r\ndata: x\r\n', ARRIVE_MS, 'FIN'],
  'cut gzip': [
    head('connection: close', 'content-encoding: gzip'),
    zipped.subarray(0, zipped.length - 30),
    'FIN',
  ],
  'corrupt gzip': [
    head('connection: close', 'content-encoding: gzip'),
    Uint8Array.from(zipped, (byte, at) => (at > 60 && at < 90 ? byte ^ 0xa5 : byte)),
    'FIN',
  ],
  'page of a proxy': [
    head('connection: close').replace('event-stream', 'html'),
    '<!doctype html><title>Sign in</title>',
    'FIN',
  ],
  'silence after headers': [CHUNKED],
  'silence in the body': [CHUNKED, chunk(begun)],
  'a late first byte': [CHUNKED, 700, chunk(whole), '0\r\n\r\n'],
  'a comment, then a late first byte': [CHUNKED, chunk(': ok\n\n'), 700, chunk(whole), '0\r\n\r\n'],
  'a socket held open after the end': [CHUNKED, chunk(whole)],
  'no fault': [CHUNKED, chunk(whole), '0\r\n\r\n'],
}

export interface RawServer {
  /** The page's own origin. */
  readonly origin: string
  /** The same server under another name: to a page, a stranger that allows nothing. */
  readonly stranger: string
  /** The `Idempotency-Key` of each request of an ask. */
  keysOf(ask: string): readonly string[]
  /** How many sockets of an ask are open. */
  openSocketsOf(ask: string): number
  close(): Promise<void>
}

interface Ask {
  readonly keys: string[]
  readonly sockets: Set<Socket>
}

/** `POST /fault/<name>?ask=<id>`: each request of an ask meets the fault, or with `&times=n` the first n do. */
export async function startRawServer(): Promise<RawServer> {
  const asks = new Map<string, Ask>()
  const askOf = (id: string): Ask => {
    const ask = asks.get(id) ?? { keys: [], sockets: new Set() }
    asks.set(id, ask)
    return ask
  }
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://here')
    if (!pathname.startsWith('/fault/')) return sendFile(pathname, response)
    const ask = askOf(searchParams.get('ask') ?? '')
    ask.keys.push(String(request.headers['idempotency-key'] ?? ''))
    ask.sockets.add(request.socket)
    request.socket.once('close', () => ask.sockets.delete(request.socket))
    const isHit = ask.keys.length <= Number(searchParams.get('times') ?? Number.POSITIVE_INFINITY)
    void play(request, faults[isHit ? decodeURIComponent(pathname.slice(7)) : 'no fault'] ?? [])
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    origin: `http://127.0.0.1:${port}`,
    stranger: `http://localhost:${port}`,
    keysOf: (id) => askOf(id).keys,
    openSocketsOf: (id) => askOf(id).sockets.size,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
        for (const { sockets } of asks.values()) for (const socket of sockets) socket.destroy()
      }),
  }
}

async function play({ socket }: IncomingMessage, steps: readonly Step[]): Promise<void> {
  socket.on('error', () => {})
  socket.setNoDelay(true)
  for (const step of steps) {
    if (socket.destroyed) return
    if (step === 'FIN') socket.end()
    else if (step === 'RST') socket.resetAndDestroy()
    else if (typeof step === 'number') await setTimeout(step)
    else await new Promise((written) => socket.write(step, written))
  }
}

const root = new URL('../../', import.meta.url)

function sendFile(path: string, response: ServerResponse): void {
  const isScript = path === '/holdfast.js'
  const type = isScript ? 'text/javascript' : 'text/html; charset=utf-8'
  response.writeHead(path === '/' || isScript ? 200 : 404, { 'content-type': type })
  response.end(
    isScript ? readFileSync(new URL('dist/holdfast.min.js', root)) : '<!doctype html><title>test</title>',
  )
}
