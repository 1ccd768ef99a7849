import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startServer } from '../../demo/server/server.mjs'
import { stream } from '../../src/index.ts'
import { ask, type Question, readUntil, understand } from './ask.ts'

let server: Awaited<ReturnType<typeof startServer>>
let url: string
beforeAll(async () => {
  server = await startServer({ port: 0, pace: 0 })
  url = server.url
})
afterAll(() => server.close())

/** What `ask` adds besides: the page's wish for ids. */
type Asked = Omit<Question, 'url'> & { readonly resume?: string }

async function events(question: Asked) {
  const { text } = await readUntil(await ask({ url, ...question }))
  const ids = [...text.matchAll(/^id: (.*)$/gm)].map(([, id]) => id)
  return { ids, ...understand(text.replace(/^id: .*\n/gm, '')) }
}

const from = (id: string) => ({ 'last-event-id': id })

describe('the simulated model', () => {
  test('numbers its events for whoever asks for it, and for nobody else', async () => {
    const { ids, done } = await events({ resume: 'yes' })
    expect(ids).toEqual(ids.map((_, at) => `told-${at}`))
    expect(ids.length).toBeGreaterThan(100)
    expect(done).toBe(true)
    expect((await events({})).ids).toEqual([])
  })

  test.each([0, 1, 57])('goes on after event %i with the very next one', async (last) => {
    const whole = await events({ resume: 'yes', ask: 'same' })
    const rest = await events({ resume: 'yes', ask: 'same', headers: from(`told-${last}`) })
    expect(rest.ids).toEqual(whole.ids.slice(last + 1))
    expect(whole.text.endsWith(rest.text)).toBe(true)
    expect(whole.chunks.slice(last + 1).map(({ choices, usage }) => [choices, usage])).toEqual(
      rest.chunks.map(({ choices, usage }) => [choices, usage]),
    )
    expect(rest.chunks[0]?.id).toBe(whole.chunks[0]?.id)
    expect(rest.done).toBe(true)
  })

  test('goes on in the words it began with', async () => {
    const cut = await events({ resume: 'yes', fault: 'rewind', ask: 'r' })
    const rest = await events({
      ...{ resume: 'yes', fault: 'rewind', ask: 'r' },
      headers: from(cut.ids.at(-1) ?? ''),
    })
    expect(cut.text + rest.text).toBe((await events({})).text)
  })

  test('gets on between two faults, so that even a fault that always happens comes to an end', async () => {
    let [text, last, requests] = ['', '', 0]
    for (let done = false; !done; requests++) {
      const headers: Record<string, string> = last ? from(last) : {}
      const part = await events({ resume: 'yes', fault: 'cut', times: 'always', ask: 'always', headers })
      text += part.text
      last = part.ids.at(-1) ?? ''
      done = part.done
      expect(part.ids.length).toBeGreaterThan(0)
    }
    expect(text).toBe((await events({})).text)
    expect(requests).toBeGreaterThan(3)
  })

  test('without the wish starts over, as a server does that has never heard of it', async () => {
    const { text } = await events({ headers: from('told-50') })
    expect(text).toBe((await events({})).text)
  })

  test.each(['told-99999', 'told-', 'untold-3', 'told-3.5', '17', 'told--1'])(
    'has no event called %j',
    async (id) => {
      const response = await ask({ url, headers: from(id), ...{ resume: 'yes' } })
      expect(response.status).toBe(404)
      expect(await response.json()).toMatchObject({ error: { code: 'unknown_event' } })
    },
  )

  test('says whether it can: a provider behind it cannot', async () => {
    expect((await fetch(`${url}/faults.json`)).headers.get('x-can-resume')).toBe('yes')
    const relay = await startServer({ port: 0, upstream: { url: 'http://127.0.0.1:9/v1' } })
    expect((await fetch(`${relay.url}/faults.json`)).headers.get('x-can-resume')).toBe('no')
    await relay.close()
  })
})

test.each(['cut', 'reset', 'error'])(
  'the library goes on after %s without taking a word back',
  async (fault) => {
    const pieces: string[] = []
    const json = { stream: true, messages: [{ role: 'user', content: 'What moves the tides?' }] }
    const { text, stats } = await stream(`${url}/v1/chat/completions`, {
      searchParams: { fault, ask: `library-${fault}`, resume: 'yes' },
      json,
      recovery: 'resume',
      retry: { baseMs: 1 },
      onChunk: (piece) => void pieces.push(piece),
    }).answer()
    expect(pieces.join('')).toBe(text)
    expect(text).toBe((await events({})).text)
    expect(stats.attempts.map(({ mode }) => mode)).toEqual(['anew', 'resume'])
  },
)
