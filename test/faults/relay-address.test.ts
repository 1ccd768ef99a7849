/** A POST whose answer a relay keeps at an address of its own goes on there, on real sockets: nothing taken back, nothing asked anew. */
import { describe, expect, test } from 'vitest'
import * as core from '../../src/core.ts'
import { createClient, openaiChat, type StreamOptions } from '../../src/index.ts'
import { role } from '../support/chat.ts'
import { ADDRESS } from '../support/relay-server.ts'
import { events, POST, quick, shown, startOf, useRelay, WHOLE } from '../support/use-relay.ts'

const relay = useRelay()
const ask = (options: StreamOptions = {}, url = relay().url) => shown(url, options)

describe('a POST whose answer has an address', () => {
  test.each(['RST', 'FIN', 'END', 'HANG'] as const)(
    'that ends with %s is gone on with there',
    async (end) => {
      relay().play({ events, cuts: [startOf(4) + 9], end })
      const timeouts = { idleMs: 80 }
      const { text: seen, outcome, retries } = await ask({ timeouts, headers: { 'x-user': '7' } })
      expect([seen, relay().asked]).toEqual([WHOLE, [POST, 'GET 3']])
      expect(outcome).toMatchObject({ text: WHOLE, finishReason: 'stop' })
      expect(retries).toMatchObject([{ action: 'resume', attempt: 2 }])
      const [, { path, body, headers } = expect.unreachable()] = relay().requests
      expect([path, body, headers['content-type'], headers['x-user']]).toEqual([ADDRESS, '', undefined, '7'])
    },
  )

  test('sends no content type that the caller gave with the body', async () => {
    relay().play({ events, cuts: [startOf(3)] })
    const headers = {
      'content-type': 'application/json',
      'last-event-id': 'mine',
      authorization: 'Bearer sk-1234567',
    }
    expect((await ask({ json: undefined, body: '{}', headers })).text).toBe(WHOLE)
    expect(relay().requests[1]?.headers).toMatchObject({
      authorization: 'Bearer sk-1234567',
      'last-event-id': '2',
    })
    expect(relay().requests[1]?.headers).not.toHaveProperty('content-type')
  })

  test('is told of by every event, so that the limit counts what brings none', async () => {
    const many = [...Array.from({ length: 9 }, () => ': x\n\n').map(() => role), ...events]
    const cuts = many.slice(0, 9).map(
      (_, n) =>
        many
          .slice(0, n + 1)
          .map((e, at) => `id: ${at + 1}\n${e}`)
          .join('').length,
    )
    relay().play({ events: many, cuts })
    expect((await ask()).text).toBe(WHOLE)
    expect(relay().asked).toHaveLength(10)
  })

  test('fails at the limit when nothing more comes', async () => {
    relay().play({ events, cuts: Array.from({ length: 9 }, () => startOf(3)) })
    expect((await ask()).outcome).toMatchObject({ code: 'network', answer: { text: 'The ' } })
    expect(relay().asked).toEqual([POST, 'GET 2', 'GET 2'])
  })

  test('does not open the circuit of a relay that ends each response after a while', async () => {
    const states: string[] = []
    relay().play({ events, cuts: [2, 3, 4, 5, 6].map(startOf), end: 'END' })
    const ai = createClient({ breaker: { failures: 2, onStateChange: ({ to }) => void states.push(to) } })
    expect(await ai.stream(relay().url, quick).text()).toBe(WHOLE)
    expect([states, relay().asked.length]).toEqual([[], 6])
  })

  test('waits as long as `retry:` says, and a little more', async () => {
    relay().play({ events, cuts: [startOf(3)], head: 'retry: 120\n\n' })
    const { retries } = await ask()
    expect(retries[0]?.delayMs).toBeGreaterThanOrEqual(120)
    expect(retries[0]?.delayMs).toBeLessThan(122)
  })

  test.each(['replay', 'fail'] as const)("is not gone on with where recovery is '%s'", async (recovery) => {
    relay().play({ events, cuts: [startOf(4)] })
    await ask({ recovery, onRewind: () => {} })
    expect(relay().asked.filter((each) => each.startsWith('GET'))).toEqual([])
  })

  test('is not gone on with where nothing is tried again', async () => {
    relay().play({ events, cuts: [startOf(4)] })
    expect((await ask({ retry: false })).outcome).toMatchObject({ code: 'network', attempts: 1 })
  })

  test('is left to the caller’s own resume', async () => {
    relay().play({ events, cuts: [startOf(4)] })
    const { text: seen } = await ask({
      resume: () => ({ url: `${ADDRESS}?mine`, headers: { 'last-event-id': '3' } }),
    })
    expect([seen, relay().requests[1]?.path]).toEqual([WHOLE, `${ADDRESS}?mine`])
  })

  test('is only failed by holdfast/core, which leaves resumption out', async () => {
    relay().play({ events, cuts: [startOf(4)] })
    const reply = core.stream(relay().url, {
      ...quick,
      dialect: openaiChat,
      recovery: undefined,
      onChunk: () => {},
    })
    expect(reply.checkpoint()).toBeUndefined()
    expect(await reply.answer().catch(({ code }) => code)).toBe('network')
    reply.stop()
    expect(relay().asked).toEqual([POST])
  })
})

describe('an address that is none', () => {
  test.each<[string, (path: string) => string | undefined]>([
    ['is of another origin', (path) => `http://localhost:1${path}`],
    ['is of another port', (path) => `//127.0.0.1:1${path}`],
    ['cannot be read', () => 'http://['],
    ['is empty', () => ''],
    ['is not given', () => undefined],
  ])('because it %s is not asked', async (_what, location) => {
    relay().play({ events, cuts: [startOf(4)], location })
    const { outcome, reply } = await ask()
    expect(outcome).toMatchObject({ code: 'network', answer: { text: 'The sea ' } })
    expect(reply.checkpoint()).toMatchObject({ version: 1, text: 'The sea ' })
    reply.stop()
    await new Promise((later) => setTimeout(later, 20))
    expect(relay().asked).toEqual([POST])
  })

  test('because no event has an id is not asked', async () => {
    relay().play({ events, cuts: [startOf(4)], hasIds: false })
    const { outcome, reply } = await ask()
    expect([outcome, relay().asked]).toMatchObject([{ code: 'network' }, [POST]])
    expect(reply.checkpoint()).toMatchObject({ version: 1 })
  })

  test('before any id has come is not asked: there may be no stream', async () => {
    relay().play({ events, cuts: [9] })
    expect((await ask()).text).toBe(WHOLE)
    expect(relay().asked).toEqual([POST, POST])
  })
})

describe('a request that was redirected', () => {
  test('is gone on with from where it was led to', async () => {
    relay().play({ events, cuts: [startOf(4)], location: (path) => path.slice('/v1/'.length) })
    const { text: seen } = await ask({}, relay().url.replace('/v1/', '/moved/v1/'))
    expect([seen, relay().asked]).toEqual([WHOLE, [POST, POST, 'GET 3']])
  })
})

describe('a log that says that', () => {
  test('nothing is left is whole if its end had come', async () => {
    const gemini = (part: string, more = '') =>
      `data: {"candidates":[{"content":{"parts":[{"text":"${part}"}]}${more}}]}\n\n`
    const spoken = [gemini('The '), gemini('sea', ',"finishReason":"STOP"')]
    const all = spoken.map((event, at) => `id: ${at + 1}\n${event}`).join('').length
    relay().play({ events: spoken, cuts: [all] })
    expect((await ask()).outcome).toMatchObject({ text: 'The sea', finishReason: 'stop' })
    expect(relay().asked).toEqual([POST, 'GET 2'])
  })

  test('nothing is left of half an answer is truncated, and asked once', async () => {
    relay().play({ events, cuts: [startOf(3)], instead: () => 204 })
    const { outcome } = await ask()
    expect(outcome).toMatchObject({ code: 'truncated', answer: { text: 'The ' } })
    expect(relay().asked).toEqual([POST, 'GET 2'])
  })

  test('nothing is left is asked once by a second tab, too', async () => {
    relay().play({ events, cuts: [startOf(3)], instead: (nth) => (nth > 0 ? 204 : undefined) })
    const { outcome } = await ask({ json: undefined }, `${new URL(relay().url).origin}${ADDRESS}`)
    expect(outcome).toMatchObject({ code: 'truncated', answer: { text: 'The ' } })
    expect(relay().asked).toEqual(['GET -', 'GET 2'])
  })

  test.each([204, 404, 410])(
    'it is gone (%s) is asked for anew with consent, and only then',
    async (status) => {
      relay().play({ events, cuts: [startOf(3)], instead: () => status })
      expect((await ask()).outcome).toMatchObject(
        status === 204 ? { code: 'truncated' } : { code: 'http', status },
      )
      expect(relay().asked).toEqual([POST, 'GET 2'])
      relay().play({ events, cuts: [startOf(3)], instead: () => status })
      expect((await ask({ onRewind: () => {} })).text).toBe(WHOLE)
      expect(relay().asked).toEqual([POST, 'GET 2', POST])
    },
  )

  test('it is busy is asked again', async () => {
    relay().play({ events, cuts: [startOf(3)], instead: (nth) => (nth === 0 ? 503 : undefined) })
    expect((await ask()).text).toBe(WHOLE)
    expect(relay().asked).toEqual([POST, 'GET 2', 'GET 2'])
  })
})
