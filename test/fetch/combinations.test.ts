/** Several calls at once, callbacks, languages that nobody knows, and what comes late. */
import { afterEach, describe, expect, test } from 'vitest'
import { createFetch, type FetchOptions } from '../../src/fetch/index.ts'
import { begun, DONE, finish, json, role, text, whole } from '../support/chat.ts'
import { CHAT, readAll } from '../support/fetched.ts'
import { useServer } from '../support/use-server.ts'

const server = useServer()
afterEach(() => expect.poll(() => server.openSockets).toBe(0))

const quick: FetchOptions = { retry: { baseMs: 1 } }
const good = whole('Hel', 'lo')
const bytes = (good.steps ?? []).slice(0, -1).join('')

function held(): { readonly until: Promise<void>; go(): void } {
  let go = () => {}
  const until = new Promise<void>((resolve) => {
    go = resolve
  })
  return { until, go: () => go() }
}

test('two bodies are read at once', async () => {
  server.play(good)
  const fetch = createFetch(quick)
  const responses = await Promise.all([fetch(server.url, CHAT), fetch(server.url, CHAT)])
  expect(await Promise.all(responses.map((each) => each.text()))).toEqual([bytes, bytes])
})

test('no more run at once than are allowed, until their bodies end', async () => {
  const first = held()
  server.play({ steps: [role, text('Hel'), first.until, text('lo'), finish(), DONE, 'END'] }, good)
  const fetch = createFetch({ ...quick, maxConcurrent: 1 })
  const one = await fetch(server.url, CHAT)
  const two = fetch(server.url, CHAT)
  expect(server.requests).toHaveLength(1)
  first.go()
  expect((await readAll(one)).error).toBeUndefined()
  expect(await (await two).text()).toBe(bytes)
})

test('a call that waits for its turn is aborted without having been sent', async () => {
  server.play(begun(['Hel'], 'HANG'))
  const fetch = createFetch({ ...quick, maxConcurrent: 1 })
  const one = await fetch(server.url, CHAT)
  const stop = new AbortController()
  const two = fetch(server.url, { ...CHAT, signal: stop.signal })
  stop.abort('enough')
  await expect(two).rejects.toBe('enough')
  await one.body?.cancel()
  expect(server.requests).toHaveLength(1)
})

test('an abort after the end changes nothing', async () => {
  server.play(good)
  const stop = new AbortController()
  const response = await createFetch(quick)(server.url, { ...CHAT, signal: stop.signal })
  const copy = response.clone()
  expect(await response.text()).toBe(bytes)
  stop.abort()
  expect(await copy.text()).toBe(bytes)
})

test('an abort between two attempts ends the wait', async () => {
  server.play(json(503, {}))
  const stop = new AbortController()
  const fetch = createFetch({
    retry: { baseMs: 60_000 },
    onRetry: () => void setTimeout(() => stop.abort('enough')),
  })
  await expect(fetch(server.url, { ...CHAT, signal: stop.signal })).rejects.toBe('enough')
})

test("the caller's functions hear of it; one that throws ends the body", async () => {
  const heard: string[] = []
  server.play(json(503, {}), good)
  const options: FetchOptions = {
    ...quick,
    onRetry: ({ action }) => void heard.push(action),
    onOpen: ({ status }) => void heard.push(String(status)),
    onComplete: ({ text }) => void heard.push(text),
  }
  expect(await (await createFetch(options)(server.url, CHAT)).text()).toBe(bytes)
  expect(heard).toEqual(['retry', '200', 'Hello'])
  server.play(good)
  const throwing = createFetch({
    ...quick,
    onChunk: () => {
      throw new Error('mine')
    },
  })
  const { error } = await readAll(await throwing(server.url, CHAT))
  expect(error).toMatchObject({ code: 'callback', callback: 'onChunk' })
})

test('headers may be made for each attempt, and a 401 asks for others', async () => {
  server.play(json(401, {}), good)
  const headers = ({ attempt }: { attempt: number }) => ({ authorization: `Bearer ${attempt}` })
  expect(await (await createFetch({ ...quick, headers })(server.url, CHAT)).text()).toBe(bytes)
  expect(server.requests.map((each) => each.headers.authorization)).toEqual(['Bearer 1', 'Bearer 2'])
})

test('what takes text back, or makes up a request, is no option', () => {
  expect(() => createFetch({ recovery: 'replay' as never })).toThrow("recovery: 'replay' takes text back")
  expect(() => createFetch({ json: {} } as never)).toThrow('json is not an option of createFetch()')
  expect(() => createFetch({ onRewind: () => {} } as never)).toThrow('onRewind is not an option')
  expect(() => createFetch({ holdMs: -1 })).toThrow('holdMs must be a number')
  expect(() => createFetch({ nonsense: 1 } as never)).toThrow('nonsense is not an option')
})

describe('a language that nobody knows', () => {
  const event = 'event: tick\ndata: {"n":1,"of":{"kind":"tick"}}\n\n'

  test('comes at once, event by event', async () => {
    const rest = held()
    server.play({ steps: [event, rest.until, event, 'END'] })
    const response = await createFetch({ ...quick, holdMs: 60_000 })(server.url, CHAT)
    const reader = (response.body as ReadableStream<Uint8Array>).getReader()
    expect(new TextDecoder().decode((await reader.read()).value)).toBe(event)
    rest.go()
    reader.releaseLock()
    expect(await readAll(response)).toMatchObject({ text: event, error: undefined })
    expect(server.requests).toHaveLength(1)
  })

  test('has no clock but that of its headers', async () => {
    const rest = held()
    server.play({ steps: [event, rest.until, event, 'END'] })
    const response = await createFetch({ ...quick, timeouts: { firstMs: 30, idleMs: 30 } })(server.url, CHAT)
    setTimeout(rest.go, 150)
    expect(await readAll(response)).toMatchObject({ text: event + event, error: undefined })
  })

  test('that answers a call with an error has answered', async () => {
    const answer = 'data: {"jsonrpc":"2.0","id":1,"error":{"code":-32601,"message":"Overloaded"}}\n\n'
    server.play({ steps: [answer, 'END'] })
    expect(await readAll(await createFetch(quick)(server.url, CHAT))).toMatchObject({
      ...{ text: answer, error: undefined },
    })
    expect(server.requests).toHaveLength(1)
  })

  test('which breaks off is an error as with fetch', async () => {
    server.play({ steps: [event, { wait: 15 }, 'RST'] })
    const { text: got, error } = await readAll(await createFetch(quick)(server.url, CHAT))
    expect({ got, isError: error instanceof Error }).toEqual({ got: event, isError: true })
  })
})

test('whoever only listens has his response before there is an event', async () => {
  server.play({ steps: ['HANG'] })
  const response = await createFetch(quick)(server.url, { headers: { accept: 'text/event-stream' } })
  expect(response.status).toBe(200)
  await response.body?.cancel()
})

test('an error in the stream is no part of an answer that goes on', async () => {
  const overloaded = 'data: {"error":{"message":"Overloaded","type":"server_error"}}\n\n'
  const numbered = [role, text('Hel'), text('lo'), finish(), DONE].map((each, at) => `id: ${at + 1}\n${each}`)
  const headers = { 'content-location': '/v1/answers/1' }
  server.play(
    { headers, steps: [...numbered.slice(0, 2), overloaded, 'END'] },
    { steps: [...numbered.slice(2), 'END'] },
  )
  const { text: got, error } = await readAll(await createFetch(quick)(server.url, CHAT))
  expect({ got, error }).toEqual({ got: numbered.join(''), error: undefined })
  expect(server.requests.map(({ method, headers }) => [method, headers['last-event-id']])).toEqual([
    ['POST', undefined],
    ['GET', '2'],
  ])
})

test('what comes after the end comes through, and a socket that stays open does not hold it up', async () => {
  server.play({ steps: [...(good.steps ?? []).slice(0, -1), ': and more\n\n', 'HANG'] })
  const { text: got, error } = await readAll(await createFetch(quick)(server.url, CHAT))
  expect({ got, error }).toEqual({ got: `${bytes}: and more\n\n`, error: undefined })
})
