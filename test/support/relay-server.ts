/** A server that speaks a relay's wire on a real socket: it keeps each answer as a log, and breaks its responses off as told. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'

interface Asked {
  readonly method: string
  readonly path: string
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

export interface RelayOptions {
  /** The events of the answer, without ids. */
  readonly events: readonly string[]
  /** How many bytes of the log have been sent when a response breaks off, in order; later ones are served to the end. */
  readonly cuts?: readonly number[]
  /** What breaks it off: a reset, a polite end of the socket, of the body, or silence. */
  readonly end?: 'RST' | 'FIN' | 'END' | 'HANG'
  /** What `Content-Location` says of an answer's path; `undefined`: nothing. */
  readonly location?: (path: string) => string | undefined
  readonly hasIds?: boolean
  /** What is written before the events. */
  readonly head?: string
  /** What reading the log is answered with instead, by the number of the GET. */
  readonly instead?: (nth: number) => number | undefined
  /** How much is written at a time. */
  readonly pieceBytes?: number
  /** Waited for before a response breaks off: a reset throws away what has not been read. */
  readonly seen?: () => Promise<unknown>
}

export interface RelayServer {
  readonly url: string
  readonly requests: readonly Asked[]
  readonly openSockets: number
  /** `method last-event-id`, one for each request. */
  readonly asked: readonly string[]
  play(options: RelayOptions): void
  close(): Promise<void>
}

/** The path of the answer. */
export const ADDRESS = '/v1/chat/a1B2c3D4e5F6g7H8i9J0k1'

export async function startRelayServer(): Promise<RelayServer> {
  const sockets = new Set<Socket>()
  const requests: Asked[] = []
  let options: RelayOptions = { events: [] }
  let broken = 0
  let reads = 0
  const server = createServer(async (request, response) => {
    const { socket, method = '', url: path = '', headers } = request
    if (!sockets.has(socket)) socket.on('error', () => {}).on('close', () => sockets.delete(socket))
    sockets.add(socket)
    requests.push({ method, path, headers, body: await bodyOf(request) })
    if (method === 'DELETE') response.writeHead(204).end()
    else if (path.startsWith('/moved'))
      response.writeHead(307, { location: path.replace('/moved', '') }).end()
    else if (method === 'GET' && path.split('?')[0] !== ADDRESS) response.writeHead(404).end('{}')
    else await answer(response, method, headers['last-event-id'])
  })
  async function answer(response: ServerResponse, method: string, lastEventId: unknown): Promise<void> {
    const { location = (path) => path, instead = () => undefined, head = '' } = options
    const status = method === 'GET' ? instead(reads++) : undefined
    if (status !== undefined) return void response.writeHead(status).end(status === 204 ? undefined : '{}')
    const from = method === 'GET' ? Number(lastEventId ?? 0) : 0
    const log = options.events.map((event, at) =>
      options.hasIds === false ? event : `id: ${at + 1}\n${event}`,
    )
    if (method === 'GET' && from >= log.length) return void response.writeHead(204).end()
    const named = method === 'GET' ? undefined : location(ADDRESS)
    response.writeHead(200, {
      'content-type': 'text/event-stream',
      ...(named !== undefined && { 'content-location': named }),
    })
    response.write(`: ${' '.repeat(64)}\n\n${head}`)
    const before = Buffer.concat(log.slice(0, from).map((event) => Buffer.from(event))).length
    const bytes = Buffer.from(log.slice(from).join(''))
    const cut = options.cuts?.[broken]
    broken++
    const sent = cut === undefined ? bytes : bytes.subarray(0, Math.max(0, cut - before))
    const size = options.pieceBytes ?? 4_096
    for (let at = 0; at < sent.length; at += size)
      await new Promise<void>((written) => response.write(sent.subarray(at, at + size), () => written()))
    if (cut !== undefined) await options.seen?.()
    await new Promise((later) => setTimeout(later, cut === undefined ? 0 : 3))
    if (cut === undefined) response.end()
    else breakOff(response, options.end ?? 'RST')
  }
  server.keepAliveTimeout = 100
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/chat`,
    requests,
    get openSockets() {
      return sockets.size
    },
    get asked() {
      return requests.map(({ method, headers }) => `${method} ${headers['last-event-id'] ?? '-'}`)
    },
    play(next) {
      options = next
      broken = reads = 0
      requests.length = 0
    },
    close: () =>
      new Promise((closed) => {
        server.close(() => closed())
        server.closeAllConnections()
      }),
  }
}

function breakOff(response: ServerResponse, end: RelayOptions['end']): void {
  if (end === 'END') response.end()
  else if (end === 'FIN') response.socket?.end()
  else if (end === 'RST') response.socket?.resetAndDestroy()
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString()
}
