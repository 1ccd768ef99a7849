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
