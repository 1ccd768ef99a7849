/** `reply.toResponse()`: what a server hands on of an answer. */
import { readFileSync } from 'node:fs'
import { afterEach, describe, expect, test } from 'vitest'
import { stream as coreStream } from '../../src/core.ts'
import { createClient, openaiChat, type StreamOptions, stream } from '../../src/index.ts'
import { scriptedFetch } from '../../src/testing/index.ts'
import { RECORDINGS } from '../recordings/expected.ts'
import { begun, json, whole } from '../support/chat.ts'
import type { Script } from '../support/fault-server.ts'
import { readAll } from '../support/fetched.ts'
import { eventsIn } from '../support/relay.ts'
import { useServer } from '../support/use-server.ts'

const server = useServer()
afterEach(() => expect.poll(() => server.openSockets).toBe(0))

const quick: StreamOptions = { json: {}, retry: { baseMs: 1 } }

/** What a page reads of it, without the blank beginning. */
async function handedOn(options: StreamOptions, ...scripts: Script[]): Promise<string> {
  server.play(...scripts)
  const { text } = await readAll(stream(server.url, { ...quick, ...options }).toResponse())
  return text.replace(/^: {2048}\n\n/, '')
}

const bytesOf = ({ steps = [] }: Script) => steps.filter((step) => /^data/.test(String(step))).join('')
const verdictIn = (text: string) =>
  JSON.parse(/\ndata: (.*)\n\n: holdfast \w+\n\n$/.exec(text)?.[1] ?? '{}').error

test('the events come as they came, and then a word that it is done', async () => {
  const good = whole('Hel', 'lo')
  expect(await handedOn({}, good)).toBe(`${bytesOf(good)}: holdfast done\n\n`)
})

test('nobody may keep, gather or compress it; other headers are the caller’s', () => {
  server.play(whole('Hello'))
  const reply = stream(server.url, quick)
  const { status, headers } = reply.toResponse({ headers: { 'x-own': '1', 'cache-control': 'no-cache' } })
  expect({ status, ...Object.fromEntries(headers) }).toEqual({
    ...{ status: 200, 'content-type': 'text/event-stream; charset=utf-8', 'x-own': '1' },
    ...{ 'cache-control': 'no-cache', 'x-accel-buffering': 'no' },
  })
  reply.cancel()
})

test('another attempt before the content is not seen', async () => {
  const good = whole('Hel', 'lo')
  const [role = ''] = (good.steps ?? []) as string[]
  const broken: Script = { steps: [role, { wait: 15 }, 'RST'] }
  expect(await handedOn({}, json(503, {}), broken, good)).toBe(`${bytesOf(good)}: holdfast done\n\n`)
})

describe('what is not whole ends with a verdict', () => {
  test.each<[string, Script, object]>([
    ['a cut', begun(['Hel'], 'END'), { code: 'truncated', retryable: false }],
    ['a reset', begun(['Hel'], 'RST'), { code: 'network' }],
    [
      'a refusal',
      json(401, { error: { message: 'key sk-1', code: 'invalid_api_key' } }),
      { code: 'invalid_api_key' },
    ],
  ])('after %s', async (_name, script, verdict) => {
    const text = await handedOn({}, script)
    expect(verdictIn(`\n${text}`)).toMatchObject(verdict)
    expect(text).not.toContain('sk-1')
    expect(text).toMatch(/: holdfast error\n\n$/)
  })

  test('after the reply was cancelled', async () => {
    server.play(begun(['Hel'], 'HANG'))
    const reply = stream(server.url, { ...quick, onChunk: () => reply.cancel() })
    const { text } = await readAll(reply.toResponse())
    expect(text).toMatch(/"code":"stopped".*\n\n: holdfast stopped\n\n$/)
  })

  test('and is not asked for again by who reads it', async () => {
    server.play(begun(['Hel'], 'END'))
    const asked: number[] = []
    const page = stream('http://own.test/api', {
      ...quick,
      onChunk: () => {},
      fetch: async () => stream(server.url, { ...quick, onOpen: () => void asked.push(1) }).toResponse(),
    })
    await expect(page.answer()).rejects.toMatchObject({ code: 'api', providerCode: 'truncated' })
    expect(asked).toHaveLength(1)
  })

  test('also when an answer is given anew, though the caller agreed to it', async () => {
    const text = await handedOn({ onRewind: () => {} }, begun(['Hel'], 'RST'), whole('Other'))
    expect(text).not.toContain('Other')
    expect(verdictIn(text)).toMatchObject({ code: 'truncated' })
  })
})

test('heartbeats while there is nothing', async () => {
  let go = () => {}
  const rest = new Promise<void>((resolve) => {
    go = resolve
  })
  server.play(begun(['Hel'], rest, ...(whole('lo').steps ?? []).slice(1)))
  const response = stream(server.url, quick).toResponse({ heartbeatMs: 5 })
  const reader = (response.body as ReadableStream<Uint8Array>).getReader()
  let seen = ''
  while (!/"Hel"[\s\S]*\n\n:\n\n/.test(seen)) seen += new TextDecoder().decode((await reader.read()).value)
  go()
  reader.releaseLock()
  expect((await readAll(response)).text).toMatch(/: holdfast done\n\n$/)
})

test('who stops reading ends the reply', async () => {
  server.play(begun(['Hel'], 'HANG'))
  const reply = stream(server.url, quick)
  const response = reply.toResponse()
  await expect.poll(() => server.requests.length).toBe(1)
  await response.body?.cancel('gone')
  await expect(reply.answer()).rejects.toMatchObject({ code: 'aborted', cause: 'gone' })
})

test("the caller's own functions are called, too", async () => {
  const seen: string[] = []
  await handedOn(
    { onEvent: () => void seen.push('event'), onChunk: (text) => void seen.push(text) },
    whole('Hi'),
  )
  expect(seen).toContain('Hi')
  expect(seen.filter((each) => each === 'event').length).toBeGreaterThan(3)
})

test('it comes too late when a response has come, and is not in holdfast/core', async () => {
  server.play(whole('Hello'))
  const reply = createClient().stream(server.url, quick)
  await reply.answer()
  expect(() => reply.toResponse()).toThrow('toResponse() comes too late: call it at once')
  const small = coreStream(server.url, { json: {}, dialect: openaiChat })
  expect(() => small.toResponse()).toThrow('toResponse() is not in holdfast/core')
  small.cancel()
})

describe('a recording', () => {
  const healthy = RECORDINGS.filter(({ file, error }) => file.endsWith('.sse') && !error)
  test.each(healthy.map(({ file }) => [file]))('%s comes event by event', async (file) => {
    const body = new Uint8Array(readFileSync(new URL(`../recordings/${file}`, import.meta.url)))
    const fetch = scriptedFetch({ body, pieceBytes: 100 })
    const { text } = await readAll(stream('http://provider.invalid/', { json: {}, fetch }).toResponse())
    const plain = (all: string) => eventsIn(all).map(({ event, data }) => ({ event, data }))
    const sent = plain(new TextDecoder().decode(body).replaceAll('\r\n', '\n'))
    const got = plain(text)
    expect(got).toEqual(sent.slice(0, got.length))
    expect(got.length).toBeGreaterThan(0)
    expect(text).toMatch(/: holdfast done\n\n$/)
  })
})
