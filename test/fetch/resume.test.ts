/** A stream that broke goes on where the server keeps it: the bytes have no seam. */
import { afterEach, describe, expect, test } from 'vitest'
import { createFetch, type FetchOptions } from '../../src/fetch/index.ts'
import { text as chunk } from '../support/chat.ts'
import { CHAT, readAll } from '../support/fetched.ts'
import { ADDRESS } from '../support/relay-server.ts'
import { events, POST, startOf, useRelay } from '../support/use-relay.ts'
import { useServer } from '../support/use-server.ts'

const relay = useRelay()
afterEach(() => expect.poll(() => relay().openSockets).toBe(0))

const quick: FetchOptions = { retry: { baseMs: 1 }, timeouts: { idleMs: 80, firstMs: 80 } }
const log = events.map((event, at) => `id: ${at + 1}\n${event}`).join('')

/** What was read, without the comments that each response begins with. */
async function ask(options: FetchOptions = {}, init: RequestInit = CHAT, url = relay().url) {
  const { text, error } = await readAll(await createFetch({ ...quick, ...options })(url, init))
  return { text: text.replace(/^: +\n\n/gm, ''), error, code: error?.code }
}

describe('with an address', () => {
  test.each(['RST', 'FIN', 'END', 'HANG'] as const)('after %s', async (end) => {
    relay().play({ events, end, cuts: [startOf(4) + 20, startOf(6) - 1] })
    const { text, error } = await ask()
    expect({ text, error }).toEqual({ text: log, error: undefined })
    // An event that lacks its blank line counts if the file has ended.
    expect(relay().asked).toEqual([POST, 'GET 3', end === 'END' ? 'GET 5' : 'GET 4'])
  })

  test('wherever it breaks off', { timeout: 60_000 }, async () => {
    for (let cut = 0; cut < log.length; cut += 7) {
      relay().play({ events, end: 'END', cuts: [cut] })
      const { text, error } = await ask()
      // With its reason to end the answer is whole: nobody asks for the marker after it.
      const all = cut < startOf(7) - 1 ? log : log.slice(0, cut)
      expect({ cut, text, error }).toEqual({ cut, text: all, error: undefined })
    }
  })

  test('that knows nothing of it any more, and is not asked anew', async () => {
    relay().play({ events, end: 'END', cuts: [startOf(4)], instead: () => 404 })
    const { text, code } = await ask()
    expect(log.startsWith(text)).toBe(true)
    expect(text).toContain('sea')
    expect(['http', 'truncated']).toContain(code)
    expect(relay().requests.filter(({ method }) => method === 'POST')).toHaveLength(1)
  })

  test('that was read at', async () => {
    relay().play({ events, end: 'END', cuts: [startOf(4)] })
    const url = new URL(ADDRESS, relay().url).href
    const { text, error } = await ask({}, {}, url)
    expect({ text, error }).toEqual({ text: log, error: undefined })
    expect(relay().asked).toEqual(['GET -', 'GET 3'])
  })
})

describe('from a server that does not begin where it was asked to', () => {
  const server = useServer()
  const numbered = events.map((event, at) => `id: ${at + 1}\n${event}`)
  const headers = { 'content-location': '/v1/answers/1' }

  test.each([
    ['a little before', 2],
    ['at the start', 0],
  ])('%s: nothing comes twice', async (_where, from) => {
    server.play(
      { headers, steps: [...numbered.slice(0, 4), { wait: 15 }, 'RST'] },
      { steps: [...numbered.slice(from), 'END'] },
    )
    const { text, error } = await ask({}, CHAT, server.url)
    expect({ text, error }).toEqual({ text: log, error: undefined })
  })

  test('in the middle of an event: it ends with an error', async () => {
    const other = `id: 3\n${chunk('sea holds')}`
    server.play(
      { headers, steps: [...numbered.slice(0, 3), { wait: 15 }, 'RST'] },
      { steps: [other, ...numbered.slice(4), 'END'] },
    )
    const { text, code } = await ask({}, CHAT, server.url)
    expect({ text, code }).toEqual({ text: numbered.slice(0, 3).join(''), code: 'protocol' })
  })
})

test('without an address and ids it ends with an error', async () => {
  relay().play({ events, end: 'END', cuts: [startOf(4)], location: () => undefined })
  const { text, code } = await ask()
  expect({ isBeginning: log.startsWith(text), code }).toEqual({ isBeginning: true, code: 'truncated' })
  expect(relay().asked).toEqual([POST])
})

test('an abort while it is asked for the rest ends it', async () => {
  relay().play({ events, end: 'END', cuts: [startOf(4)] })
  const stop = new AbortController()
  const fetch = createFetch({
    ...quick,
    onRetry: () => new Promise((resolve) => setTimeout(resolve, 20, stop.abort('enough'))),
  })
  const response = await fetch(relay().url, { ...CHAT, signal: stop.signal })
  expect((await readAll(response)).error).toBe('enough')
  expect(relay().asked).toEqual([POST])
})
