/** A provider that says what a test wants, when it wants it, on a real socket. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** One request, and what is answered to it. */
export class Turn {
  readonly request: IncomingMessage
  readonly body: Record<string, unknown>
  /** Settles when the other side has gone, or the response is over. */
  readonly closed: Promise<void>
  readonly #response: ServerResponse
  #isOpen = false

  constructor(request: IncomingMessage, response: ServerResponse, body: Record<string, unknown>) {
    this.request = request
    this.body = body
    this.#response = response
    this.closed = new Promise((resolve) => response.on('close', () => resolve()))
  }

  /** As it stands on the wire. */
  write(text: string): this {
    if (!this.#isOpen) this.#response.writeHead(200, { 'content-type': 'text/event-stream' })
    this.#isOpen = true
    this.#response.write(text)
    return this
  }

  say(...words: string[]): this {
    for (const content of words) this.write(chunk({ content }))
    return this
  }

  finish(): void {
    this.write(`${chunk({}, 'stop')}data: [DONE]\n\n`)
    this.#response.end()
  }

  /** Politely, wherever it is. */
  end(): void {
    this.#response.end()
  }

  refuse(status: number, body: unknown): void {
    this.#response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  }

  cut(): void {
    this.#response.destroy()
  }
}

export function chunk(delta: object, finish: string | null = null): string {
  return `data: ${JSON.stringify({ choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`
}

export interface Model {
  /** As a client takes it. */
  readonly baseUrl: string
  readonly turns: readonly Turn[]
  /** The request of this number, from 0, when it has come. */
  turn(at: number): Promise<Turn>
  close(): Promise<void>
}

/** @param script - answers by itself; without it the test does. */
export async function startModel(script?: (turn: Turn) => unknown): Promise<Model> {
  const turns: Turn[] = []
  const waiting = new Set<() => void>()
  const server = createServer(async (request, response) => {
    response.on('error', () => {})
    let text = ''
    for await (const bytes of request) text += bytes
    const turn = new Turn(request, response, JSON.parse(text || '{}'))
    turns.push(turn)
    for (const wake of waiting) wake()
    script?.(turn)
  })
  server.keepAliveTimeout = 100
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    turns,
    async turn(at) {
      while (turns.length <= at)
        await new Promise<void>((resolve) => {
          waiting.add(resolve)
        })
      return turns[at] as Turn
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
