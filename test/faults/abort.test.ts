/** The caller ends a reply, in every state it can be in; each time the socket is closed and nothing more is sent. */
import { getEventListeners } from 'node:events'
import { afterEach, describe, expect, test } from 'vitest'
import { type Delta, type Reply, type StreamFailure, type StreamOptions, stream } from '../../src/index.ts'
import { begun, finish, json, whole } from '../support/chat.ts'
import { useServer } from '../support/use-server.ts'

const server = useServer()
const never = new Promise<never>(() => {})

afterEach(() => expect.poll(() => server.openSockets).toBe(0))

/** Starts a reply with a signal and a record of how it ends. */
function begin(options: StreamOptions = {}) {
  const controller = new AbortController()
  const told: string[] = []
  const reply = stream(server.url, {
    json: {},
    signal: controller.signal,
    onAbort: ({ answer }) => void told.push(`abort ${JSON.stringify(answer?.text)}`),
    onError: ({ code }) => void told.push(`error ${code}`),
    onComplete: () => void told.push('complete'),
    ...options,
  })
  return { controller, told, reply }
}

async function aborted(reply: Reply): Promise<StreamFailure> {
  const error = await reply.answer().catch((reason: StreamFailure) => reason)
  expect(error).toMatchObject({ code: 'aborted', name: 'AbortError', retryable: false })
  return error as StreamFailure
}

describe('an abort', () => {
  test('before the call sends nothing', async () => {
    server.play(whole('x'))
    const { reply, told } = begin({ signal: AbortSignal.abort('changed my mind') })
    expect(told).toEqual([])
    const error = await aborted(reply)
    expect(error.cause).toBe('changed my mind')
    expect(told).toEqual(['abort ""'])
    expect(server.requests).toHaveLength(0)
  })

  test('while the headers function is at work sends nothing', async () => {
    const { reply, controller } = begin({ headers: () => never })
    await Promise.resolve()
    controller.abort()
    await aborted(reply)
    expect(server.requests).toHaveLength(0)
  })

  test('while the server has not answered closes the connection', async () => {
    server.play({})
    const { reply, controller } = begin()
    await expect.poll(() => server.requests.length).toBe(1)
    controller.abort()
    await aborted(reply)
    await server.requests[0]?.closed
  })

  test('in the middle of the answer keeps what has arrived', async () => {
    server.play(begun(['Hel'], 'HANG'))
    const { reply, controller, told } = begin({ onChunk: () => controller.abort(new Error('Stop button')) })
    const error = await aborted(reply)
    expect(error.answer?.text).toBe('Hel')
    expect(error.cause).toMatchObject({ message: 'Stop button' })
    expect(told).toEqual(['abort "Hel"'])
    await server.requests[0]?.closed
  })

  test('in a callback keeps the rest of the batch back', async () => {
    server.play({ steps: [whole('a', 'b', 'c').steps?.join('') ?? '', 'END'] })
    const chunks: string[] = []
    const { reply } = begin({
      onChunk: (text) => {
        chunks.push(text)
        reply.cancel()
      },
    })
    await aborted(reply)
    expect(chunks).toEqual(['a'])
  })

  test('does not wait for an async callback that never returns', async () => {
    server.play(begun(['Hel'], 'HANG'))
    const { reply, controller } = begin({
      onChunk: () => {
        queueMicrotask(() => controller.abort())
        return never
      },
    })
    await aborted(reply)
  })

  test('does not wait for onWarning about a connection that failed after the answer was whole', async () => {
    server.play(begun(['Hello'], finish(), { wait: 15 }, 'RST'))
    const { reply, controller } = begin({
      onWarning: ({ code }) => {
        expect(code).toBe('after-finish')
        queueMicrotask(() => controller.abort())
        return never
      },
    })
    await aborted(reply)
  })

  test('during the backoff ends the wait at once, and no further request is made', async () => {
    server.play(json(503, {}, { 'retry-after': '50' }))
    const { reply, controller } = begin({ onRetry: () => void setTimeout(() => controller.abort(), 5) })
    await aborted(reply)
    expect(server.requests).toHaveLength(1)
  })

  test('while an error body is slow to come ends at once', async () => {
    server.play({ status: 500, steps: ['{"err', 'HANG'] })
    const { reply, controller } = begin()
    await expect.poll(() => server.requests.length).toBe(1)
    setTimeout(() => controller.abort(), 20)
    await aborted(reply)
  })

  test('after the end changes nothing', async () => {
    server.play(whole('Hello'))
    const { reply, controller, told } = begin()
    expect((await reply.answer()).text).toBe('Hello')
    controller.abort()
    reply.cancel()
    expect((await reply.answer()).text).toBe('Hello')
    expect(told).toEqual(['complete'])
    expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0)
  })

  test('of a fetch that ignores its signal is still at once, and its late body is released', async () => {
    let cancelled = () => {}
    const released = new Promise<void>((resolve) => {
      cancelled = resolve
    })
    let answer = (_response: Response) => {}
    const late = new Promise<Response>((resolve) => {
      answer = resolve
    })
    const { reply, controller } = begin({ fetch: () => late })
    setTimeout(() => controller.abort(), 5)
    await aborted(reply)
    answer(new Response(new ReadableStream({ cancel: () => cancelled() })))
    await released
  })
})

describe('leaving a loop', () => {
  test('with break closes the connection', async () => {
    server.play(begun(['Hel'], 'HANG'))
    const { reply, told } = begin()
    for await (const _delta of reply) break
    await server.requests[0]?.closed
    await aborted(reply)
    expect(told).toEqual(['abort "Hel"'])
  })

  test('with an exception closes the connection and passes the exception on', async () => {
    server.play(begun(['Hel'], 'HANG'))
    const { reply } = begin()
    const loop = async () => {
      for await (const _delta of reply) throw new Error('mine')
    }
    await expect(loop()).rejects.toThrow('mine')
    await server.requests[0]?.closed
  })

  test('after the last delta aborts nothing', async () => {
    server.play(whole('Hello'))
    const { reply, told } = begin()
    const seen: Delta[] = []
    for await (const delta of reply) seen.push(delta)
    expect(seen.map(({ type }) => type)).toEqual(['text', 'finish', 'usage'])
    expect(told).toEqual(['complete'])
  })
})

test('reply.cancel() ends every reader with the same error', async () => {
  server.play(begun(['Hel'], 'HANG'))
  const { reply } = begin({ onChunk: () => void setTimeout(() => reply.cancel('enough'), 5) })
  const loop = async () => {
    for await (const _delta of reply);
  }
  const [first, second] = await Promise.all([
    loop().catch((error) => error),
    reply.text().catch((error) => error),
  ])
  expect(first).toBe(second)
  expect(first).toMatchObject({ code: 'aborted', cause: 'enough' })
})
