/** What the caller's functions may do: throw, wait, and be the only ones who look. */
import { afterEach, describe, expect, test, vi } from 'vitest'
import { type Delta, type Reply, type StreamFailure, type StreamOptions, stream } from '../../src/index.ts'
import { begun, DONE, finish, json, text, whole } from '../support/chat.ts'
import { useServer } from '../support/use-server.ts'

const server = useServer()
const turn = (ms = 0) => new Promise((resolve) => setTimeout(resolve, ms))

afterEach(() => expect.poll(() => server.openSockets).toBe(0))

describe('a callback that throws ends the reply and is not retried', () => {
  const boom = () => {
    throw new Error('boom')
  }
  const cut = begun(['a'], 'RST')
  test.each([
    ['onOpen', whole('a')],
    ['onEvent', whole('a')],
    ['onDelta', begun(['a'], 'HANG')],
    ['onChunk', begun(['a'], 'HANG')],
    ['onKeepAlive', { steps: [': hi\n\n', 'HANG' as const] }],
    ['onWarning', { steps: ['data: {nonsense\n\n', 'HANG' as const] }],
    ['onRetry', json(503, {})],
    ['onRewind', cut],
    ['onStall', begun([], 'HANG')],
    ['headers', whole('a')],
    ['dialect', whole('a')],
    ['shouldRetry', json(503, {})],
  ] as const)('%s', async (name, script) => {
    for (const [round, thrower] of [boom, async () => boom()].entries()) {
      // These two are asked for an answer, not told something: they are no place to wait.
      const isAsked = name === 'dialect' || name === 'shouldRetry'
      if (isAsked && thrower !== boom) continue
      server.play(script, ...(name === 'onRewind' ? [whole('b')] : []))
      const body = { name, round }
      const options: StreamOptions = { json: body, stallMs: 20, retry: { baseMs: 1 }, onChunk: () => {} }
      const errors: StreamFailure[] = []
      const shown = name === 'shouldRetry' ? 'retry.shouldRetry' : name
      const given = name === 'shouldRetry' ? { retry: { shouldRetry: boom } } : { [name]: thrower }
      const reply = stream(server.url, { ...options, ...given, onError: (error) => void errors.push(error) })
      const error = await reply.answer().catch((reason: StreamFailure) => reason)
      expect(error).toMatchObject({
        code: 'callback',
        callback: shown,
        retryable: false,
      })
      expect((error as StreamFailure).message).toBe(`The caller's ${shown} threw`)
      expect((error as StreamFailure).answer).toBeDefined()
      expect((error as StreamFailure).cause).toMatchObject({ message: 'boom' })
      expect(errors).toEqual([error])
      // On a busy machine the request of an earlier reply may be heard of only now.
      const asked = server.requests.filter((request) => request.body === JSON.stringify(body))
      expect(asked.length).toBeLessThanOrEqual(name === 'onRewind' ? 2 : 1)
    }
  })
})

describe('an async callback is waited for', () => {
  test('before the next delta of the same read', async () => {
    server.play({ steps: [text('a') + text('b') + text('c'), ...(whole().steps ?? [])] })
    const log: string[] = []
    await stream(server.url, {
      json: {},
      onChunk: async (piece) => {
        log.push(`${piece}(`)
        await turn()
        log.push(')')
      },
    }).answer()
    expect(log.join('')).toBe('a()b()c()')
  })

  test('and no clock runs meanwhile', async () => {
    // The network is waited for 100 ms only, of the 400 until the next piece.
    server.play(begun(['a'], { wait: 400 }, ...(whole('b').steps ?? [])))
    const answer = await stream(server.url, {
      json: {},
      timeouts: { idleMs: 250, silenceMs: 250 },
      onChunk: (piece) => (piece === 'a' ? (turn(300) as Promise<void>) : undefined),
    }).answer()
    expect(answer.text).toBe('ab')
  })

  test('and so is a slow reader, while the network waits', async () => {
    let sent = 0
    const piece = text('x'.repeat(50))
    const body = new ReadableStream<Uint8Array>(
      {
        pull(controller) {
          sent++
          controller.enqueue(new TextEncoder().encode(piece))
        },
      },
      { highWaterMark: 0 },
    )
    const reply = stream('http://127.0.0.1/', { fetch: async () => new Response(body) })
    const reader = reply[Symbol.asyncIterator]()
    await reader.next()
    await turn(20)
    // One handed over, one waiting for the reader, none asked for beyond that.
    expect(sent).toBe(2)
    await reader.return?.()
  })
})

describe('a failure', () => {
  test('is told once, to onError', async () => {
    const report = vi.spyOn(console, 'error').mockImplementation(() => {})
    server.play(json(400, {}))
    const errors: string[] = []
    stream(server.url, { json: {}, onError: ({ code }) => void errors.push(code) })
    await expect.poll(() => errors).toEqual(['http'])
    await turn(20)
    expect(errors).toEqual(['http'])
    expect(report).not.toHaveBeenCalled()
  })

  test('is reported once when nobody looks, and never as an unhandled rejection', async () => {
    const report = vi.spyOn(console, 'error').mockImplementation(() => {})
    const unhandled = vi.fn()
    process.on('unhandledRejection', unhandled)
    server.play(json(400, {}))
    stream(server.url, { json: {} })
    await expect.poll(() => report.mock.calls.length).toBe(1)
    await turn(20)
    expect(report).toHaveBeenCalledOnce()
    expect(report.mock.calls[0]?.[0]).toMatchObject({ code: 'http', status: 400 })
    expect(unhandled).not.toHaveBeenCalled()
    process.off('unhandledRejection', unhandled)
  })

  test.each([
    ['answer()', (reply: Reply) => reply.answer()],
    ['text()', (reply: Reply) => reply.text()],
  ])('that %s is asked for and nobody waits for is reported once, by us', async (_name, ask) => {
    const report = vi.spyOn(console, 'error').mockImplementation(() => {})
    const unhandled = vi.fn()
    process.on('unhandledRejection', unhandled)
    server.play(json(400, {}))
    void ask(stream(server.url, { json: {} }))
    await expect.poll(() => report.mock.calls.length).toBe(1)
    await turn(20)
    expect(report).toHaveBeenCalledOnce()
    expect(unhandled).not.toHaveBeenCalled()
    process.off('unhandledRejection', unhandled)
  })

  test.each<[string, (reply: Reply) => Promise<unknown>]>([
    ['answer()', (reply) => reply.answer()],
    ['text()', (reply) => reply.text()],
  ])('that %s brings a moment later is told to whoever waits, and to nobody else', async (_name, ask) => {
    const report = vi.spyOn(console, 'error').mockImplementation(() => {})
    const unhandled = vi.fn()
    process.on('unhandledRejection', unhandled)
    server.play(json(400, {}))
    const failed = vi.fn()
    const reply = stream(server.url, { json: {}, onRetry: failed })
    const [asked, other] = [ask(reply), reply.answer()]
    other.catch(failed)
    await expect.poll(() => failed.mock.calls.length).toBe(1)
    await turn()
    await expect(asked).rejects.toMatchObject({ code: 'http', status: 400 })
    await turn(100)
    expect(report).not.toHaveBeenCalled()
    expect(unhandled).not.toHaveBeenCalled()
    process.off('unhandledRejection', unhandled)
  })

  test('that the caller caused by cancelling is not reported', async () => {
    const report = vi.spyOn(console, 'error').mockImplementation(() => {})
    server.play(begun(['a'], 'HANG'))
    const reply = stream(server.url, { json: {} })
    await turn(20)
    reply.cancel()
    await turn(20)
    expect(report).not.toHaveBeenCalled()
  })

  test('of the last callback does not change the verdict', async () => {
    const report = vi.spyOn(console, 'error').mockImplementation(() => {})
    server.play(whole('a'))
    const onComplete = () => {
      throw new Error('mine')
    }
    expect(await stream(server.url, { json: {}, onComplete }).text()).toBe('a')
    expect(report.mock.calls[0]?.[0]).toMatchObject({ message: 'mine' })
  })
})

describe('whoever waits for the answer', () => {
  test('is not held up by an iterator that looked once', async () => {
    server.play(whole('a', 'b', 'c'))
    const reply = stream(server.url, { json: {} })
    const reader = reply[Symbol.asyncIterator]()
    await reader.next()
    await turn(20)
    expect((await reply.answer()).text).toBe('abc')
    const rest: Delta[] = []
    for await (const delta of reader) rest.push(delta)
    expect(rest.map(({ type }) => type)).toEqual(['text', 'text', 'finish', 'usage'])
  })

  test('is not held up by one that looks after that', async () => {
    const pieces = Array.from({ length: 2_000 }, (_, at) => `${at} `)
    server.play(whole(...pieces))
    const reply = stream(server.url, { json: {} })
    const answer = reply.answer()
    const [reader, text] = [reply[Symbol.asyncIterator](), answer.then((whole) => whole.text)]
    await reader.next()
    expect(await text).toBe(pieces.join(''))
    let rest = '0 '
    for await (const delta of reader) if (delta.type === 'text') rest += delta.text
    expect(rest).toBe(pieces.join(''))
  })
})

describe('leaving the loop', () => {
  test('at the finish delta is a whole answer, with the usage that follows', async () => {
    const usage = `data: ${JSON.stringify({ choices: [], usage: { total_tokens: 3 } })}\n\n`
    server.play({ steps: [text('a'), finish(), { wait: 20 }, usage, DONE, 'END'] })
    const calls: string[] = []
    const reply = stream(server.url, {
      json: {},
      onComplete: () => void calls.push('complete'),
      onAbort: () => void calls.push('abort'),
    })
    for await (const delta of reply) if (delta.type === 'finish') break
    expect(await reply.answer()).toMatchObject({ text: 'a', finishReason: 'stop', usage: { totalTokens: 3 } })
    expect(reply.checkpoint()).toBeUndefined()
    expect(calls).toEqual(['complete'])
  })
})

test('a reader that comes late gets what has arrived and then the rest', async () => {
  let goOn = () => {}
  const gate = new Promise<void>((resolve) => {
    goOn = resolve
  })
  server.play(begun(['Hel', 'lo'], gate, ...(whole(' you').steps ?? [])))
  const chunks: string[] = []
  const reply = stream(server.url, { json: {}, onChunk: (piece) => void chunks.push(piece) })
  await expect.poll(() => chunks.length).toBe(2)
  goOn()
  const deltas: Delta[] = []
  for await (const delta of reply) deltas.push(delta)
  expect(deltas.flatMap((delta) => (delta.type === 'text' ? [delta.text] : []))).toEqual(['Hello', ' you'])
  const again: Delta[] = []
  for await (const delta of reply) again.push(delta)
  expect(again[0]).toEqual({ type: 'text', text: 'Hello you' })
})
