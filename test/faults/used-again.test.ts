/** Options that their owner changes after the call: a call is asked, and told, with what it was given. */
import { afterEach, expect, test } from 'vitest'
import { createClient, type StreamOptions, stream } from '../../src/index.ts'
import { whole } from '../support/chat.ts'
import { useServer } from '../support/use-server.ts'

const server = useServer()
afterEach(() => expect.poll(() => server.openSockets).toBe(0))

const ways = [
  ['stream()', stream],
  ['a client', createClient().stream],
] as const

test.each(ways)('headers that are used for the next call, too: %s', async (_way, ask) => {
  server.play(whole('Hello'))
  const headers: Record<string, string> = {}
  const replies = ['a', 'b'].map((key) => {
    headers['x-own'] = key
    return ask(server.url, { headers, json: {} })
  })
  await Promise.all(replies.map((reply) => reply.text()))
  expect(server.requests.map(({ headers }) => headers['x-own']).sort()).toEqual(['a', 'b'])
})

test.each(ways)('search parameters that are used for the next call, too: %s', async (_way, ask) => {
  server.play(whole('Hello'))
  const [text, list] = [new URLSearchParams(), { q: '' }]
  const replies = ['a', 'b', 'c', 'd'].map((name, at) => {
    text.set('q', name)
    list.q = name
    return ask(server.url, { searchParams: at % 2 ? text : list })
  })
  await Promise.all(replies.map((reply) => reply.text()))
  expect(server.requests.map(({ url }) => url).sort()).toEqual(
    ['a', 'b', 'c', 'd'].map((q) => `/v1/chat/completions?q=${q}`),
  )
})

test.each(ways)('a form that is used for the next call, too, and is sent again: %s', async (_way, ask) => {
  server.play({ status: 503, steps: ['END'] }, whole('Hello'))
  const retry = { baseMs: 1 }
  const forms = [new URLSearchParams(), new FormData()]
  for (const body of forms) {
    body.set('q', 'asked')
    if (body instanceof FormData) body.set('file', new Blob(['kelp']), 'kelp.txt')
    const reply = ask(server.url, { body, retry })
    body.set('q', 'changed')
    await reply.text()
  }
  const seen = server.requests.map(({ body }) => body)
  expect(seen.length).toBeGreaterThan(2)
  for (const body of seen) expect(body).toContain('asked')
  for (const body of seen) expect(body).not.toContain('changed')
  expect(seen.at(-1)).toMatch(/filename="kelp\.txt".*kelp/s)
})

test.each(ways)('an object of options that is used for the next call, too: %s', async (_way, ask) => {
  server.play(whole('Hello'), { status: 400, steps: ['END'] })
  const told: string[] = []
  const options: { -readonly [K in keyof StreamOptions]: StreamOptions[K] } = { json: {} }
  const replies = ['a', 'b'].map((name) => {
    options.onComplete = () => void told.push(`${name} whole`)
    options.onError = () => void told.push(`${name} failed`)
    return ask(server.url, options)
  })
  const ends = await Promise.all(
    replies.map((reply) =>
      reply.text().then(
        () => 'whole',
        () => 'failed',
      ),
    ),
  )
  expect(told.sort()).toEqual([`a ${ends[0]}`, `b ${ends[1]}`])
})
