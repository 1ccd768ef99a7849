/** Whatever of the caller's never settles, a reply with `totalMs` ends, and its error names what it waited for. */
import { beforeAll, describe, expect, test } from 'vitest'
import {
  createClient,
  type Reply,
  type Stall,
  type StreamFailure,
  type StreamOptions,
  stream,
} from '../../src/index.ts'
import { begun, json, text, whole } from '../support/chat.ts'
import type { Script } from '../support/fault-server.ts'
import { useServer } from '../support/use-server.ts'

const server = useServer()
const never = () => new Promise<never>(() => {})
const totalMs = 300
const soon: StreamOptions = { json: {}, timeouts: { totalMs }, stallMs: 60, retry: { baseMs: 1 } }

// The first request compiles what the others find ready.
beforeAll(async () => {
  server.play(whole('a'))
  await stream(server.url, { json: {} }).answer()
})

async function failureOf(reply: Reply): Promise<StreamFailure> {
  const late = new Promise<string>((resolve) => setTimeout(resolve, 5_000, 'not settled'))
  const settled = reply.answer().then(
    () => 'whole',
    (error: StreamFailure) => error,
  )
  return (await Promise.race([settled, late])) as StreamFailure
}

const broken = begun(['a'], 'RST')
const numbered: Script = { steps: [`id: 1\n${text('a')}`, 'RST'] }

describe('a function of the caller’s that never settles', () => {
  test.each<[string, readonly Script[], StreamOptions?]>([
    ['onOpen', [whole('a')]],
    ['onEvent', [whole('a')]],
    ['onDelta', [whole('a')]],
    ['onChunk', [whole('a')]],
    ['onKeepAlive', [{ steps: [': hi\n\n', text('a'), 'END'] }]],
    ['onWarning', [{ steps: ['data: {nonsense\n\n', text('a'), 'END'] }]],
    ['onRetry', [json(503, {}), whole('a')]],
    ['onRewind', [broken, whole('b')], { onChunk: () => {} }],
    ['headers', [whole('a')]],
    ['resume', [numbered, whole('b')], { onChunk: () => {} }],
  ])('%s', async (name, scripts, more) => {
    server.play(...scripts)
    const stalls: Stall[] = []
    // A request before the one that waits takes a while on a busy machine.
    const timeouts = { totalMs: scripts.length > 1 ? 5 * totalMs : totalMs }
    const reply = stream(server.url, {
      ...soon,
      ...more,
      timeouts,
      [name]: never,
      onStall: (stall) => void stalls.push(stall),
    })
    const error = await failureOf(reply)
    expect(error).toMatchObject({
      code: 'timeout',
      phase: 'total',
      timeoutMs: timeouts.totalMs,
      retryable: false,
    })
    expect(error.message).toBe(
      `Not finished after ${timeouts.totalMs} ms (timeouts.totalMs): waiting for ${name}`,
    )
    const isAsked = name === 'headers' || name === 'resume'
    expect(stalls.length).toBeGreaterThan(1)
    expect(stalls).toContainEqual(
      expect.objectContaining(isAsked ? { phase: name } : { phase: 'reader', by: name }),
    )
    await expect.poll(() => server.openSockets).toBe(0)
  })

  test('and is called when the answer is from a checkpoint', async () => {
    const from = { version: 1, url: server.url, text: 'a', reasoning: '', toolCalls: [] } as const
    const error = await failureOf(stream(server.url, { ...soon, from, recovery: 'replay', onChunk: never }))
    expect(error.message).toMatch(/waiting for onChunk$/)
  })
})

describe('a reader that does not read on', () => {
  test('ends by totalMs, and is told of', async () => {
    server.play({ steps: [text('a'), { wait: 50 }, text('b'), { wait: 50 }, text('c'), 'HANG'] })
    const stalls: Stall[] = []
    const errors: StreamFailure[] = []
    const reply = stream(server.url, {
      ...soon,
      // The headers come within it on any machine.
      timeouts: { totalMs: 1500 },
      onStall: (stall) => void stalls.push(stall),
      onError: (error) => void errors.push(error),
    })
    await reply[Symbol.asyncIterator]().next()
    await expect.poll(() => errors.length, { timeout: 5000 }).toBe(1)
    expect(errors[0]?.message).toMatch(/: waiting for a reader$/)
    expect(stalls.at(-1)).toMatchObject({ phase: 'reader', by: 'a reader' })
    await expect.poll(() => server.openSockets).toBe(0)
  })
})

describe('under maxConcurrent: 1', () => {
  test('a reply that is asked for inside of another one’s callback ends, and so does the other', async () => {
    server.play(whole('a'))
    const { timeouts, stallMs } = soon
    const ai = createClient({ timeouts, stallMs, baseUrl: server.url, maxConcurrent: 1 })
    const inner: string[] = []
    const outer = ai.stream('', {
      json: {},
      onChunk: async () => {
        inner.push(await ai.stream('', { json: {}, timeouts: { totalMs: 0 } }).text())
      },
    })
    expect((await failureOf(outer)).message).toMatch(/waiting for onChunk$/)
    await expect.poll(() => inner).toEqual(['a'])
  })

  test('a reply that never gets its turn ends', async () => {
    server.play(begun(['a'], 'HANG'))
    const ai = createClient({ baseUrl: server.url, maxConcurrent: 1 })
    const first = ai.stream('', { json: {}, onAbort: () => {} })
    const error = await failureOf(ai.stream('', soon))
    expect(error.message).toMatch(/waiting for a slot \(maxConcurrent\)$/)
    first.cancel()
  })
})

describe('a body that trickles', () => {
  const slowly = (status: number, type: string, begin: string): Script => ({
    status,
    headers: { 'content-type': type },
    steps: [begin, ...Array.from({ length: 200 }, () => [{ wait: 20 }, 'x']).flat()],
  })
  test.each([
    ['of a 503', slowly(503, 'text/plain', 'busy'), { code: 'http', status: 503 }],
    ['of a 400', slowly(400, 'text/plain', 'bad'), { code: 'http', status: 400 }],
    ['of a page', slowly(200, 'text/html', '<html>'), { code: 'timeout', phase: 'total' }],
    ['of a JSON document', slowly(200, 'application/json', '{"a":"'), { code: 'timeout', phase: 'total' }],
  ])('%s ends by totalMs, and a status is told', async (_what, script, error) => {
    server.play(script)
    // The status has to be there by then, also on a machine that is busy.
    const later = { ...soon, timeouts: { totalMs: 1_500 } }
    expect(await failureOf(stream(server.url, later))).toMatchObject(error)
    expect(server.requests).toHaveLength(1)
    await expect.poll(() => server.openSockets).toBe(0)
  })

  test('ends at once when the caller calls it off', async () => {
    server.play(slowly(503, 'text/plain', 'busy'))
    const reply = stream(server.url, { json: {} })
    const failure = failureOf(reply)
    await expect.poll(() => server.openSockets).toBe(1)
    setTimeout(() => reply.cancel(), 30)
    expect(await failure).toMatchObject({ code: 'aborted' })
  })
})
