import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { afterEach, beforeEach } from 'vitest'

interface Asked {
  readonly url: string
  /** The place to go on from, where the client named one. */
  readonly lastEventId: string | undefined
  /** How the response ended: written to its end, or the client was gone before. */
  end: 'open' | 'whole' | 'abandoned'
}

const START = 'http.server.request.start'

/**
 * What a demo server in this process is asked in each test, and how each answer ends: seen on the sockets, not told by
 * a page.
 */
export function useRequests(): { readonly list: readonly Asked[] } {
  let list: Asked[] = []
  const onStart = (message: unknown): void => {
    const { request, response } = message as { request: IncomingMessage; response: ServerResponse }
    const { url = '', headers } = request
    if (!url.startsWith('/v1/')) return
    const asked: Asked = { url, lastEventId: headers['last-event-id']?.toString(), end: 'open' }
    list.push(asked)
    response.once('close', () => {
      asked.end = response.writableFinished ? 'whole' : 'abandoned'
    })
  }
  beforeEach(() => {
    list = []
    subscribe(START, onStart)
  })
  afterEach(() => {
    unsubscribe(START, onStart)
  })
  return {
    get list() {
      return list
    },
  }
}
