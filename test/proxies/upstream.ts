/** The server behind the proxies, which meets each request with the fault in its path. */
import { readFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { perform, type Script } from '../support/fault-server.ts'
import { AT_ONCE, type FaultName, faults } from './faults.ts'

export interface Upstream {
  readonly port: number
  /** How often an ask has been sent, by whoever sends. */
  requestsOf(ask: string): number
  /** Settles when the last request of an ask is over, or its proxy has gone. */
  closed(ask: string): Promise<void>
  /** The client's word that it has read some text. */
  see(ask: string): void
  close(): Promise<void>
}

class Ask {
  requests = 0
  closed: Promise<void> = Promise.resolve()
  readonly seen: Promise<void>
  see: () => void = () => {}

  constructor() {
    this.seen = new Promise((resolve) => {
      this.see = resolve
    })
  }
}

/**
 * `POST /fault/<name>?ask=<id>`: each request of an ask meets the fault, or with `&times=n` the first n do. `/seen?ask=<id>`
 * is a page's word that it has read some text; `/` is a page, and `/holdfast.js` and `/ask.mjs` are what it loads.
 */
export async function startUpstream(): Promise<Upstream> {
  const asks = new Map<string, Ask>()
  const askOf = (id: string): Ask => {
    const ask = asks.get(id) ?? new Ask()
    asks.set(id, ask)
    return ask
  }
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://here')
    const ask = askOf(searchParams.get('ask') ?? '')
    if (!pathname.startsWith('/fault/')) {
      if (pathname === '/seen') ask.see()
      return page(pathname, response)
    }
    ask.requests++
    ask.closed = new Promise((resolve) => response.on('close', resolve))
    const isHit = ask.requests <= Number(searchParams.get('times') ?? Number.POSITIVE_INFINITY)
    const name = decodeURIComponent(pathname.slice('/fault/'.length)) as FaultName
    void meet(request, response, isHit ? faults[name].script(ask.seen) : AT_ONCE)
  })
  // Whoever keeps a connection must not send into one that is just being closed: that would be another fault.
  server.keepAliveTimeout = 60_000
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    requestsOf: (id) => askOf(id).requests,
    closed: (id) => askOf(id).closed,
    see: (id) => askOf(id).see(),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

async function meet(
  request: IncomingMessage,
  response: ServerResponse,
  script: Script | 'RST',
): Promise<void> {
  for await (const _ of request) {
    // A proxy may not listen before it has sent everything.
  }
  if (script === 'RST') request.socket.resetAndDestroy()
  else await perform(script, response)
}

const file = (path: string) => readFileSync(new URL(path, import.meta.url))

function page(path: string, response: ServerResponse): void {
  const isScript = path in SCRIPTS
  response.setHeader('content-type', `text/${isScript ? 'javascript' : 'html'}; charset=utf-8`)
  response.end(SCRIPTS[path]?.() ?? '<!doctype html><p>')
}

const SCRIPTS: Readonly<Record<string, () => Buffer>> = {
  '/holdfast.js': () => file('../../dist/holdfast.min.js'),
  '/ask.mjs': () => file('./ask.mjs'),
}
