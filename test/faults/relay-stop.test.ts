/** Stop ends the answer here and at the server, on real sockets. */
import { describe, expect, test } from 'vitest'
import * as core from '../../src/core.ts'
import { openaiChat, type Reply, stream } from '../../src/index.ts'
import { ADDRESS } from '../support/relay-server.ts'
import { events, POST, quick, startOf, useRelay } from '../support/use-relay.ts'

const relay = useRelay()
const address = () => `${new URL(relay().url).origin}${ADDRESS}`

describe('stop', () => {
  const deletes = () => relay().requests.filter(({ method }) => method === 'DELETE')
  const hung = (n: number) => ({ events, cuts: [startOf(n)], end: 'HANG' as const })

  test('ends the reply, and the answer at the server, with the headers of the call', async () => {
    relay().play(hung(4))
    const headers = async () => ({ authorization: 'Bearer sk-1234567' })
    const reply = stream(relay().url, { ...quick, headers, searchParams: { v: 1 } })
    for await (const delta of reply) if (delta.type === 'text' && delta.text === 'sea ') break
    reply.stop()
    reply.stop()
    expect(await reply.answer().catch(({ code, answer }) => [code, answer.text])).toEqual([
      'aborted',
      'The sea ',
    ])
    await expect.poll(() => deletes().length).toBe(1)
    await new Promise((later) => setTimeout(later, 20))
    expect(deletes()).toMatchObject([
      { path: `${ADDRESS}?v=1`, body: '', headers: { authorization: 'Bearer sk-1234567' } },
    ])
    expect(deletes()[0]?.headers).not.toHaveProperty('content-type')
  })

  test('reaches the server before the first event, too', async () => {
    relay().play(hung(1))
    const reply: Reply = stream(relay().url, { ...quick, onOpen: () => reply.stop() })
    await reply.answer().catch(() => {})
    await expect.poll(() => deletes().length).toBe(1)
  })

  test('works between two attempts, and before the first one of a checkpoint', async () => {
    relay().play({ events, cuts: [startOf(4)] })
    const reply: Reply = stream(relay().url, { ...quick, onRetry: () => reply.stop() })
    await reply.answer().catch(() => {})
    await expect.poll(() => relay().asked).toEqual([POST, 'DELETE -'])
    relay().play({ events })
    const again = stream(relay().url, { ...quick, from: { version: 2, url: address() } })
    again.stop()
    await again.answer().catch(() => {})
    await expect.poll(() => relay().asked).toEqual(['DELETE -'])
  })

  test('is only cancel where there is no address, no headers yet, or a whole answer', async () => {
    relay().play({ ...hung(4), location: () => undefined })
    const early = stream(relay().url, quick)
    early.stop()
    await early.answer().catch(() => {})
    const without: Reply = stream(relay().url, { ...quick, onChunk: () => without.stop() })
    await without.answer().catch(() => {})
    relay().play({ events })
    const done = stream(relay().url, quick)
    await done.text()
    done.stop()
    await new Promise((later) => setTimeout(later, 20))
    expect(deletes()).toEqual([])
  })

  test('never throws, whatever becomes of it', async () => {
    let calls = 0
    const failing: typeof fetch = (input, init) => {
      if (calls++ > 0) return Promise.reject(new TypeError('offline'))
      return fetch(input, init)
    }
    relay().play(hung(4))
    const reply: Reply = stream(relay().url, { ...quick, fetch: failing, onChunk: () => reply.stop() })
    await reply.answer().catch(() => {})
    await expect.poll(() => calls).toBe(2)
    const angry = (context: { readonly attempt: number }) => {
      if (context.attempt > 0 && calls++ > 2) throw new Error('no')
      return {}
    }
    const other: Reply = stream(relay().url, { ...quick, headers: angry, onChunk: () => other.stop() })
    await other.answer().catch(() => {})
    await expect.poll(() => calls).toBe(4)
  })

  test('asks with keepalive, because the page may be on its way out', async () => {
    const asked: (RequestInit | undefined)[] = []
    const seen: typeof fetch = (input, init) => {
      asked.push(init)
      return fetch(input, init)
    }
    relay().play(hung(4))
    const reply: Reply = core.streamVia({ recovering: core.recovery })(relay().url, {
      ...{ ...quick, dialect: openaiChat, fetch: seen, onChunk: () => reply.stop() },
    })
    await reply.answer().catch(() => {})
    await expect.poll(() => asked).toMatchObject([{ method: 'POST' }, { method: 'DELETE', keepalive: true }])
  })
})
