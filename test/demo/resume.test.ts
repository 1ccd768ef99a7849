import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startServer } from '../../demo/server/server.mjs'
import { stream } from '../../src/index.ts'
import { ask, askModel, type Question, readUntil, understand } from './ask.ts'

let server: Awaited<ReturnType<typeof startServer>>
let url: string
let whole: string
beforeAll(async () => {
  server = await startServer({ port: 0, pace: 0 })
  url = server.url
  whole = understand(await (await askModel({ url })).text()).text
})
afterAll(() => server.close())

/** What arrives of an answer before its connection ends, and where the rest is. */
async function part(question: Omit<Question, 'url'>) {
  const response = await ask({ url, ...question })
  const { text } = await readUntil(response)
  return { address: `${url}${response.headers.get('content-location')}`, ...understand(text) }
}

/** The rest of an answer, with the query that the client sends along. */
async function rest(address: string, last: number, query: Record<string, string> = {}) {
  const headers = { 'last-event-id': `${last}` }
  const response = await fetch(`${address}?${new URLSearchParams(query)}`, { headers })
  return { status: response.status, ...understand((await readUntil(response)).text) }
}

describe('an answer whose connection was cut', () => {
  test('is read on at its address, with the very next event', async () => {
    const { address, ids, text, done } = await part({ fault: 'cut' })
    expect([done, ids.length]).toEqual([false, 70])
    const { text: more, ids: next, done: isDone } = await rest(address, 70)
    expect(next[0]).toBe(71)
    expect([text + more, isDone]).toEqual([whole, true])
  })

  test('gets on between two faults, so that even a fault that always happens comes to an end', async () => {
    const query = { fault: 'cut', times: 'always', ask: 'always' }
    let { address, ids, text, done } = await part(query)
    let requests = 1
    for (let last = ids.at(-1) ?? 0; !done; requests++) {
      const more = await rest(address, last, query)
      expect(more.ids[0]).toBe(last + 1)
      last = more.ids.at(-1) ?? 0
      text += more.text
      done = more.done
    }
    expect(text).toBe(whole)
    expect(requests).toBeGreaterThan(3)
  })

  test('is gone where the server has forgotten it, and worded differently the next time', async () => {
    const query = { fault: 'rewind', ask: 'forgotten' }
    const { address, text } = await part(query)
    expect(whole.startsWith(text)).toBe(true)
    expect((await rest(address, 70, query)).status).toBe(404)
    const again = await part(query)
    expect([again.done, again.text === whole]).toEqual([true, false])
  })

  test.each(['503', '429', 'html', 'reset'])('meets %s on its address, too', async (fault) => {
    const { address } = await part({ fault: 'cut' })
    const query = { fault, times: 'always' }
    const response = await fetch(`${address}?${new URLSearchParams(query)}`, {
      headers: { 'last-event-id': '3' },
    })
    const { text, end } = await readUntil(response)
    if (fault === 'reset') expect([end, understand(text).ids.length]).toEqual(['ECONNRESET', 40])
    else expect([response.status, understand(text).ids]).toEqual([fault === 'html' ? 200 : Number(fault), []])
  })
})

test('nobody but who knows its address reads or stops an answer', async () => {
  expect((await fetch(`${url}/answers`)).status).toBe(404)
  expect((await fetch(`${url}/answers/a${'0'.repeat(22)}`, { method: 'DELETE' })).status).toBe(404)
  const { address } = await part({})
  expect((await fetch(address, { method: 'HEAD' })).headers.get('holdfast-state')).toBe('done')
  expect((await fetch(`${address}?forget`, { method: 'DELETE' })).status).toBe(204)
  expect((await fetch(address)).status).toBe(404)
})

test.each(['cut', 'reset', 'error'])(
  'the library goes on after %s without being told how, and takes no word back',
  async (fault) => {
    const pieces: string[] = []
    const json = { stream: true, messages: [{ role: 'user', content: 'What moves the tides?' }] }
    const { text, stats } = await stream(`${url}/answers`, {
      searchParams: { fault, ask: `library-${fault}` },
      json,
      retry: { baseMs: 1 },
      onChunk: (piece) => void pieces.push(piece),
    }).answer()
    expect(pieces.join('')).toBe(text)
    expect(text).toBe(whole)
    expect(stats.attempts.map(({ mode }) => mode)).toEqual(['anew', 'resume'])
  },
)
