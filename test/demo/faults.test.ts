import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Asks } from '../../demo/server/asks.mjs'
import { faults } from '../../demo/server/faults.mjs'
import { startServer } from '../../demo/server/server.mjs'
import { answerTo, ask, readUntil, staysSilent, understand } from './ask.ts'

let server: Awaited<ReturnType<typeof startServer>>
let url: string
beforeAll(async () => {
  server = await startServer({ port: 0, pace: 0 })
  url = server.url
})
afterAll(() => server.close())

test('the page learns of every fault from /faults.json', async () => {
  const list = (await (await fetch(`${url}/faults.json`)).json()) as {
    name: string
    label: string
    description: string
  }[]
  expect(list.map(({ name }) => name)).toEqual(faults.map(({ name }) => name))
  expect(list.map(({ name }) => name).sort()).toEqual(
    ['none', 'stall', 'silent-headers', 'reset', 'cut', 'rewind', '503', '429', 'html', 'error']
      .concat('heartbeats', 'slow-first')
      .sort(),
  )
  for (const fault of list) {
    expect(Object.keys(fault)).toEqual(['name', 'label', 'description'])
    expect(fault.description).toMatch(/^[A-Z].{20,110}\.$/)
  }
})

describe('a fault in the middle of the answer', () => {
  const partial = async (fault: string) => {
    const whole = await answerTo({ url })
    const { text, ...how } = await readUntil(await ask({ url, fault }), (so) =>
      fault === 'stall' ? so.split('"content"').length > 40 : false,
    )
    const part = understand(text)
    expect(whole.text.startsWith(part.text)).toBe(true)
    expect(part.text.length).toBeGreaterThan(100)
    expect(part.done).toBe(false)
    expect(part.chunks.every((chunk) => !chunk.choices?.[0]?.finish_reason)).toBe(true)
    return { ...part, ...how }
  }

  test.each(['cut', 'rewind'])('%s ends the response cleanly without a word', async (fault) => {
    const { end, chunks } = await partial(fault)
    expect(end).toBe('clean')
    expect(chunks.some((chunk) => chunk.error)).toBe(false)
  })

  test('reset breaks the connection after the tokens have arrived', async () => {
    expect((await partial('reset')).end).toBe('ECONNRESET')
  })

  test('error is one event under status 200, and the end', async () => {
    const { end, chunks } = await partial('error')
    expect(end).toBe('clean')
    expect(chunks.at(-1)).toEqual({
      error: {
        message: 'The server had an error while processing your request',
        type: 'server_error',
        param: null,
        code: null,
      },
    })
  })

  test('stall keeps the connection open and says nothing more, not even a comment', async () => {
    const { end, reader } = await partial('stall')
    expect(end).toBe('open')
    let last = ''
    const rest = (async () => {
      for (;;) {
        const { value, done } = await reader.read()
        if (done) return
        last = new TextDecoder().decode(value)
      }
    })()
    expect(await staysSilent(rest)).toBe(true)
    expect(last).not.toContain('keep-alive')
    await reader.cancel()
  })
})

describe('a fault in place of the answer', () => {
  test('503 is a JSON error without a word on when to return', async () => {
    const response = await ask({ url, fault: '503' })
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, null])
    expect(await response.json()).toMatchObject({ error: { type: 'server_error' } })
  })

  test('429 says when to return', async () => {
    const response = await ask({ url, fault: '429' })
    expect([response.status, response.headers.get('retry-after')]).toEqual([429, '2'])
    expect(await response.json()).toMatchObject({ error: { code: 'rate_limit_exceeded' } })
  })

  test('html is a page under status 200', async () => {
    const response = await ask({ url, fault: 'html' })
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8'])
    expect(await response.text()).toMatch(/^<!doctype html>.*Sign in/)
  })

  test('silent-headers answers nothing at all', async () => {
    const stop = new AbortController()
    const response = ask({ url, fault: 'silent-headers', signal: stop.signal })
    expect(await staysSilent(response)).toBe(true)
    stop.abort()
  })

  test('heartbeats sends comments for ever and no event', async () => {
    const response = await ask({ url, fault: 'heartbeats' })
    const { text, reader } = await readUntil(response, (so) => so.split('keep-alive').length > 20)
    expect(text).toMatch(/^: ok\n\n(: keep-alive\n\n)+/)
    expect(text).not.toContain('data:')
    await reader.cancel()
  })
})

test('slow-first is a model that thinks, and the relay sends signs of life meanwhile', async () => {
  const slow = await startServer({ port: 0, pace: 0.05, keepAliveMs: 10 })
  const { text } = await readUntil(await ask({ url: slow.url, fault: 'slow-first' }), (so) =>
    so.includes('"content"'),
  )
  await slow.close()
  const [before = ''] = text.split('data: ')
  expect(before.match(/^:$/gm)?.length).toBeGreaterThan(10)
})

describe('how often', () => {
  const outcomes = async (query: { fault: string; ask?: string; times?: string }, requests = 4) => {
    const ends: boolean[] = []
    for (let i = 0; i < requests; i++) ends.push((await answerTo({ url, ...query })).done)
    return ends
  }

  test.each([
    [{ fault: 'cut', ask: 'a' }, [false, true, true, true]],
    [{ fault: '503', ask: 'b' }, [false, false, true, true]],
    [{ fault: 'cut', ask: 'c', times: '3' }, [false, false, false, true]],
    [{ fault: '503', ask: 'd', times: '0' }, [true, true, true, true]],
    [{ fault: 'error', ask: 'e', times: 'always' }, [false, false, false, false]],
    [{ fault: 'cut' }, [false, false, false, false]],
  ])('%j fails and succeeds as %j', async (query, expected) => {
    expect(await outcomes(query)).toEqual(expected)
  })

  test('counts each question by itself', async () => {
    expect(await outcomes({ fault: 'cut', ask: 'one' }, 1)).toEqual([false])
    expect(await outcomes({ fault: 'cut', ask: 'two' }, 2)).toEqual([false, true])
    expect(await outcomes({ fault: 'cut', ask: 'one' }, 1)).toEqual([true])
  })

  test('a refused request does not count', async () => {
    await ask({ url, fault: 'cut', ask: 'bad', body: '{}' })
    expect(await outcomes({ fault: 'cut', ask: 'bad' }, 2)).toEqual([false, true])
  })

  test('after a rewind the answer shares its start with what was cut off, and then differs', async () => {
    const query = { url, fault: 'rewind', ask: 'r' }
    const cut = await answerTo(query)
    const next = await answerTo(query)
    expect(next.done).toBe(true)
    const differs = [...cut.text].findIndex((letter, at) => letter !== [...next.text][at])
    expect(differs).toBeGreaterThan('“What moves the tides?”'.length)
    expect(differs).toBeLessThan(cut.text.length - 40)
  })

  test('forgets the oldest questions and those of long ago, so that the count stays small', () => {
    const asks = new Asks({ limit: 2, lifeMs: 1000 })
    expect([asks.next('a', 0), asks.next('a', 1), asks.next('b', 2)]).toEqual([0, 1, 0])
    asks.next('c', 3)
    expect(asks.next('b', 4)).toBe(1)
    expect(asks.next('a', 5)).toBe(0)
    expect(asks.next('b', 1500)).toBe(0)
    expect([asks.next(null), asks.next(null), asks.next('')]).toEqual([0, 0, 0])
  })
})
