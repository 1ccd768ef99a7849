/** A server that does what a script says, on a real socket: one script a request, the last one for all that follow. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'

/** A string is written as it is; `wait` is in ms. */
export type Step =
  | string
  | Uint8Array
  | { readonly wait: number }
  /** A promise a test resolves when it is ready. */
  | Promise<unknown>
  /** End the response as HTTP wants it. */
  | 'END'
  /** Close the socket politely in the middle of the body. */
  | 'FIN'
  /** Close it rudely. */
  | 'RST'
  /** Begin a chunk of 255 bytes and leave it at that; where there are no chunks, begin an event. */
  | 'HALF'
  /** Keep the socket open and say nothing more. */
  | 'HANG'

export interface Script {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  /** Without steps no header is sent either. */
  readonly steps?: readonly Step[]
}

interface SeenRequest {
  readonly method: string
  readonly url: string
  readonly headers: IncomingMessage['headers']
  readonly body: string
  /** Settles when the client has gone or the response is over. */
  readonly closed: Promise<void>
}

export interface FaultServer {
  readonly url: string
  readonly requests: readonly SeenRequest[]
  /**
   * Open sockets that have carried a request. (After an abort, Node's own fetch opens a spare connection to the
   * server that nobody asked for; it carries nothing and goes away by itself.)
   */
  readonly openSockets: number
  play(...scripts: readonly Script[]): void
  close(): Promise<void>
}

export async function startFaultServer(...scripts: readonly Script[]): Promise<FaultServer> {
  const sockets = new Set<Socket>()
  const requests: SeenRequest[] = []
  const watch = (socket: Socket) => {
    if (sockets.has(socket)) return
    sockets.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => sockets.delete(socket))
  }
  let playlist = scripts
  let played = 0
  const server = createServer(async (request, response) => {
    const script = playlist[Math.min(played++, playlist.length - 1)] ?? {}
    let gone = () => {}
    const closed = new Promise<void>((resolve) => {
      gone = resolve
    })
    response.on('close', gone)
    watch(request.socket)
    requests.push({
      method: request.method ?? '',
      url: request.url ?? '',
      headers: request.headers,
      body: await bodyOf(request),
      closed,
    })
    await perform(script, response)
  })
  server.keepAliveTimeout = 100
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/chat/completions`,
    requests,
    get openSockets() {
      return sockets.size
    },
    play(...next) {
      playlist = next
      played = 0
      requests.length = 0
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

/** Does what the script says. */
export async function perform(script: Script, response: ServerResponse): Promise<void> {
  if (!script.steps) return
  response.writeHead(script.status ?? 200, { 'content-type': 'text/event-stream', ...script.headers })
  response.flushHeaders()
  for (const step of script.steps) {
    if (response.destroyed) return
    if (step === 'HANG') return
    if (step === 'END') response.end()
    else if (step === 'FIN') response.socket?.end()
    else if (step === 'RST') response.socket?.resetAndDestroy()
    else if (step === 'HALF')
      await new Promise((written) =>
        response.socket?.write(`${response.chunkedEncoding ? 'ff\r\n' : ''}data: {"cho`, written),
      )
    else if (step instanceof Promise) await step
    else if (typeof step === 'object' && 'wait' in step)
      await new Promise((next) => setTimeout(next, step.wait))
    else await new Promise<void>((written) => response.write(step, () => written()))
  }
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString()
}
