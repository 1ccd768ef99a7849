/** The checkpoint of an answer that has an address is that address, on real sockets. */
import { describe, expect, test } from 'vitest'
import { type Checkpoint, type Reply, type StreamOptions, stream } from '../../src/index.ts'
import { ADDRESS } from '../support/relay-server.ts'
import { events, POST, quick, shown, startOf, useRelay, WHOLE } from '../support/use-relay.ts'

const relay = useRelay()
const ask = (options: StreamOptions = {}, url = relay().url) => shown(url, options)
const address = () => `${new URL(relay().url).origin}${ADDRESS}`

describe('a checkpoint', () => {
  /** Leaves the page when so much has been shown; with what it kept at the headers, on the way and then. */
  async function left(options: StreamOptions = {}) {
    const kept: (Checkpoint | undefined)[] = []
    const reply: Reply = stream(relay().url, {
      ...quick,
      ...options,
      onOpen: () => void kept.push(reply.checkpoint()),
      onChunk(piece) {
        kept.push(reply.checkpoint())
        if (piece === 'holds ') reply.cancel()
      },
    })
    await reply.answer().catch(() => {})
    return [...kept, reply.checkpoint()]
  }

  test('is the address, the same from the headers on, and short', async () => {
    relay().play({ events })
    const kept = await left({ headers: { authorization: 'Bearer sk-1234567' } })
    expect(new Set(kept.map((each) => JSON.stringify(each)))).toEqual(
      new Set([JSON.stringify({ version: 2, url: address() })]),
    )
    expect(JSON.stringify(kept[0]).length).toBeLessThan(110)
  })

  test('lets another page read all of it from its start, and go on there when that breaks', async () => {
    relay().play({ events })
    const [kept] = await left()
    relay().play({ events, cuts: [startOf(3), startOf(5) + 7] })
    const { text: seen, reply } = await ask({ from: JSON.parse(JSON.stringify(kept)) })
    expect([seen, relay().asked]).toEqual([WHOLE, ['GET -', 'GET 2', 'GET 4']])
    expect(reply.checkpoint()).toBeUndefined()
  })

  test('is the same in the page that went on from it, before anything has come', async () => {
    relay().play({ events })
    const [from] = await left()
    const reply = stream(relay().url, { ...quick, from })
    expect(reply.checkpoint()).toEqual(from)
    expect(await reply.text()).toBe(WHOLE)
  })

  test('is asked again, and nothing else is, when the log does not answer before its first id', async () => {
    relay().play({ events })
    const [from] = await left()
    relay().play({ events, cuts: [3], instead: (nth) => (nth === 1 ? 503 : undefined) })
    expect((await ask({ from })).text).toBe(WHOLE)
    expect(relay().asked).toEqual(['GET -', 'GET -', 'GET -'])
  })

  test.each(['auto', 'resume', 'replay', 'fail'] as const)(
    "is read whatever is to be done after it (recovery: '%s')",
    async (recovery) => {
      relay().play({ events })
      expect((await ask({ from: { version: 2, url: address() }, recovery })).text).toBe(WHOLE)
      expect(relay().asked).toEqual(['GET -'])
    },
  )

  test('with a place is read from there', async () => {
    relay().play({ events })
    const from: Checkpoint = { version: 2, url: address(), position: { lastEventId: '3' } }
    expect((await ask({ from })).text).toBe('holds fast.')
  })

  test('whose log is gone is asked for anew: nothing of it has been shown', async () => {
    relay().play({ events, instead: () => 404 })
    expect((await ask({ from: { version: 2, url: address() } })).text).toBe(WHOLE)
    expect(relay().asked).toEqual(['GET -', POST])
  })

  test('leads to no other server, whoever has written it', async () => {
    relay().play({ events })
    expect((await ask({ from: { version: 2, url: 'http://127.0.0.1:1/v1/a' } })).text).toBe(WHOLE)
    expect(relay().asked).toEqual([POST])
  })

  test('is the text where the address holds a key', async () => {
    relay().play({ events, location: (path) => `${path}?key=sk-1234567` })
    const [kept] = await left({ headers: { authorization: 'Bearer sk-1234567' } })
    expect(kept).toMatchObject({ version: 1 })
  })

  test('of a second tab is not needed: its address is all there is to ask for', async () => {
    relay().play({ events, cuts: [startOf(4)] })
    expect((await ask({ json: undefined }, address())).text).toBe(WHOLE)
    expect(relay().asked).toEqual(['GET -', 'GET 3'])
  })
})
