import { afterAll, afterEach, beforeAll, expect } from 'vitest'
import {
  type Answer,
  type Reply,
  type Retry,
  type StreamFailure,
  type StreamOptions,
  stream,
} from '../../src/index.ts'
import { DONE, finish, role, text } from './chat.ts'
import { type RelayServer, startRelayServer } from './relay-server.ts'

export const quick: StreamOptions = { json: { model: 'm' }, retry: { baseMs: 1 } }
export const events: readonly string[] = [
  ...[role, text('The '), text('sea '), text('holds '), text('fast.'), finish(), DONE],
]
export const WHOLE = 'The sea holds fast.'
/** How it is listed that it was asked for. */
export const POST = 'POST -'

/** How many bytes of the log there are before event number `n`, counted from 1. */
export function startOf(n: number): number {
  return events.slice(0, n - 1).reduce((sum, event, at) => sum + `id: ${at + 1}\n${event}`.length, 0)
}

/** What a page shows that takes nothing back. */
export async function shown(
  url: string,
  options: StreamOptions,
): Promise<{ text: string; retries: Retry[]; outcome: Answer | StreamFailure; reply: Reply }> {
  const chunks: string[] = []
  const retries: Retry[] = []
  const reply = stream(url, {
    ...quick,
    onChunk: (piece) => void chunks.push(piece),
    onRetry: (retry) => void retries.push(retry),
    ...options,
  })
  const outcome = await reply.answer().catch((error: StreamFailure) => error)
  return { text: chunks.join(''), retries, outcome, reply }
}

/** One relay for a test file; no test leaves a socket. */
export function useRelay(): () => RelayServer {
  let relay: RelayServer
  beforeAll(async () => {
    relay = await startRelayServer()
  })
  afterEach(() => expect.poll(() => relay.openSockets).toBe(0))
  afterAll(() => relay.close())
  return () => relay
}
