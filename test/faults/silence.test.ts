/** A connection to a server with heartbeats that goes silent is noticed by itself, with the clocks of the whole library. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { anthropic, type StreamFailure, stream } from '../../src/index.ts'
import { text } from '../support/chat.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

/** A response that is written piece by piece, so many ms apart, and then says nothing. */
function speaking(pieces: readonly string[], everyMs: number): typeof fetch {
  return async (_input, init) => {
    const body = new ReadableStream({
      start(controller) {
        init?.signal?.addEventListener('abort', () => controller.error(init.signal?.reason))
        for (const [n, piece] of pieces.entries())
          setTimeout(() => controller.enqueue(new TextEncoder().encode(piece)), n * everyMs)
      },
    })
    return new Response(body, { headers: { 'content-type': 'text/event-stream' } })
  }
}

const BLOCK =
  'event: content_block_delta\ndata: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"The "}}\n\n'
const PING = 'event: ping\ndata: {"type":"ping"}\n\n'

test.each([
  ['comments', [': hb\n\n', ': hb\n\n', text('The ')], {}, 15_000],
  ['pings', [PING, PING, BLOCK], { dialect: anthropic }, 15_000],
  ['nothing else', [text('The '), text('sea '), text('holds')], { timeouts: { idleMs: 90_000 } }, 90_000],
  [
    'comments, and a number is given',
    [': hb\n\n', ': hb\n\n', text('The ')],
    { timeouts: { silenceMs: 2_000, connectMs: 0 } },
    2_000,
  ],
] as const)('after %s', async (_what, pieces, options, ms) => {
  const everyMs = ms === 2_000 ? 1_000 : 5_000
  const call = { fetch: speaking(pieces, everyMs), json: {}, retry: false as const, stallMs: 0, ...options }
  const outcome = stream('http://model.invalid/', call)
    .answer()
    .catch((failure: StreamFailure) => failure)
  let error: unknown
  void outcome.then((end) => {
    error = end
  })
  await vi.advanceTimersByTimeAsync(2 * everyMs + ms - 100)
  expect(error).toBeUndefined()
  await vi.advanceTimersByTimeAsync(200)
  expect(error).toMatchObject({ code: 'timeout', phase: ms === 90_000 ? 'idle' : 'silence', timeoutMs: ms })
})
