/** What a demo server in this process is asked, and how each answer ends: seen on the sockets, not told by a page. */
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { IncomingMessage, ServerResponse } from 'node:http'

interface Asked {
  readonly question: string
  /** The place to go on from, where the client named one. */
  readonly lastEventId: string | undefined
  /** How the response ended: written to its end, or the client was gone before. */
  end: 'open' | 'whole' | 'abandoned'
}

export class Requests {
  readonly list: Asked[] = []

  constructor() {
    subscribe('http.server.request.start', this.#onStart)
  }

  close(): void {
    unsubscribe('http.server.request.start', this.#onStart)
  }

  readonly #onStart = (message: unknown): void => {
    const { request, response } = message as { request: IncomingMessage; response: ServerResponse }
    if (!request.url?.startsWith('/v1/')) return
    const lastEventId = request.headers['last-event-id']?.toString()
    const asked: Asked = { question: request.url, lastEventId, end: 'open' }
    this.list.push(asked)
    response.once('close', () => {
      asked.end = response.writableFinished ? 'whole' : 'abandoned'
    })
  }
}
