import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { afterEach, beforeEach } from 'vitest'

interface Asked {
  readonly method: string
  readonly url: string
  /** The place to go on from, where the client named one. */
  readonly lastEventId: string | undefined
  /** How the response ended: written to its end, or the client was gone before. */
  end: 'open' | 'whole' | 'abandoned'
}

const START = 'http.server.request.start'

/** What a demo server in this process is asked in each test, and how each answer ends: seen on the sockets, not told by a page. */
interface Requests {
  /** For answers, by pages. */
  readonly list: readonly Asked[]
  /** To stop one. */
  readonly stops: readonly Asked[]
  /** To the simulated model, by the relay. */
  readonly model: readonly Asked[]
}

export function useRequests(): Requests {
  let list: Asked[] = []
  const onStart = (message: unknown): void => {
    const { request, response } = message as { request: IncomingMessage; response: ServerResponse }
    const { method = '', url = '', headers } = request
    if (!/^\/(answers|v1)\b/.test(url)) return
    const asked: Asked = { method, url, lastEventId: headers['last-event-id']?.toString(), end: 'open' }
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
  const isStop = ({ method }: Asked): boolean => method === 'DELETE'
  const isModel = ({ url }: Asked): boolean => url.startsWith('/v1/')
  return {
    get list() {
      return list.filter((asked) => !isModel(asked) && !isStop(asked))
    },
    get stops() {
      return list.filter(isStop)
    },
    get model() {
      return list.filter(isModel)
    },
  }
}
