import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startServer } from '../../demo/server/server.mjs'
import { answerTo, ask, askModel, raw, readUntil, understand } from './ask.ts'

let server: Awaited<ReturnType<typeof startServer>>
beforeAll(async () => {
  server = await startServer({ port: 0, pace: 0 })
})
afterAll(() => server.close())

const modelsAnswer = async (question: Parameters<typeof askModel>[0]) =>
  understand(await (await askModel(question)).text())

describe('the wire format', () => {
  test('is an event stream that asks every proxy to keep out of its way', async () => {
    const response = await askModel({ url: server.url })
    expect(response.status).toBe(200)
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-cache, no-transform',
      'x-accel-buffering': 'no',
    })
    expect((await response.text()).startsWith(': ok\n\ndata: {')).toBe(true)
  })

  test('begins with the role, goes on with content and ends with the reason, the usage and [DONE]', async () => {
    const { chunks, done } = await modelsAnswer({ url: server.url })
    const [first, ...rest] = chunks
    const [finish, usage] = rest.splice(-2)
    expect(first?.choices[0]?.delta).toEqual({ role: 'assistant', content: '', refusal: null })
    expect(rest.every((chunk) => Object.keys(chunk.choices[0]!.delta).join() === 'content')).toBe(true)
    expect(finish?.choices).toEqual([{ index: 0, delta: {}, logprobs: null, finish_reason: 'stop' }])
    expect(usage?.choices).toEqual([])
    expect(done).toBe(true)
  })

  test('names the completion the same on every chunk, and repeats the model that was asked for', async () => {
    const { chunks } = await modelsAnswer({ url: server.url })
    for (const { id, object, model, created, system_fingerprint } of chunks) {
      expect({ object, model }).toEqual({ object: 'chat.completion.chunk', model: 'test-model' })
      expect({ id, created, system_fingerprint }).toEqual({
        id: chunks[0]?.id,
        created: chunks[0]?.created,
        system_fingerprint: chunks[0]?.system_fingerprint,
      })
    }
    expect(chunks[0]?.id).toMatch(/^chatcmpl-/)
    expect(Math.abs(chunks[0]!.created - Date.now() / 1000)).toBeLessThan(60)
  })

  test('counts the tokens that were really sent, and has usage: null on all chunks before', async () => {
    const { chunks } = await modelsAnswer({ url: server.url })
    const usage = chunks.at(-1)!.usage!
    const sent = chunks.filter((chunk) => chunk.choices[0]?.delta.content).length
    expect(usage.completion_tokens).toBe(sent)
    expect(usage.prompt_tokens).toBeGreaterThan(2)
    expect(usage.total_tokens).toBe(usage.prompt_tokens + sent)
    expect(chunks.slice(0, -1).every((chunk) => chunk.usage === null)).toBe(true)
  })

  test('says nothing about usage to whoever did not ask', async () => {
    const body = JSON.stringify({ messages: [{ role: 'user', content: 'Tides?' }], stream: true })
    const { chunks, done } = await modelsAnswer({ url: server.url, body })
    expect(chunks.some((chunk) => 'usage' in chunk)).toBe(false)
    expect(chunks.at(-1)?.choices[0]?.finish_reason).toBe('stop')
    expect(done).toBe(true)
  })

  test('keeps a slow stream alive with comments', async () => {
    const slow = await startServer({ port: 0, pace: 0.1, keepAliveMs: 5 })
    const response = await askModel({ url: slow.url })
    const { text, reader } = await readUntil(response, (so) => so.includes('"role"'))
    await reader.cancel()
    await slow.close()
    expect(understand(text).comments.filter((comment) => comment === 'keep-alive').length).toBeGreaterThan(2)
  })
})

describe('the simulated model', () => {
  test('gives the same question the same answer in the same pieces', async () => {
    const [one, two] = await Promise.all([answerTo({ url: server.url }), answerTo({ url: server.url })])
    const pieces = ({ chunks }: typeof one) => chunks.map((chunk) => chunk.choices[0]?.delta.content)
    expect(pieces(one)).toEqual(pieces(two))
  })

  test.each(['What holds kelp?', 'Tides?', 'Who lit the lamp?', 'Why retry?', 'Grüße 👋', 'x'.repeat(900)])(
    'answers %j in 120 to 220 words that quote it and hold wide characters',
    async (content) => {
      const { text } = await answerTo({ url: server.url, content })
      expect(text.split(/\s+/).length).toBeGreaterThanOrEqual(120)
      expect(text.split(/\s+/).length).toBeLessThanOrEqual(220)
      expect(text).toContain(`“${content.slice(0, 60)}`)
      expect(text).toMatch(/\p{Emoji_Presentation}|\p{Extended_Pictographic}/u)
      expect(text).not.toContain('\ufffd')
      expect(text.split('\n\n').length).toBe(3)
    },
  )

  test('answers the last thing the user said, also when it comes in parts', async () => {
    const messages = [
      { role: 'user', content: 'What moves the tides?' },
      { role: 'assistant', content: 'The moon.' },
      { role: 'user', content: [{ type: 'text', text: 'And who lit the lamps?' }] },
      { role: 'assistant', content: null },
    ]
    const { text } = await answerTo({ url: server.url, body: JSON.stringify({ messages }) })
    expect(text).toContain('“And who lit the lamps?”')
  })
})

describe('bad input', () => {
  const json = (value: unknown) => JSON.stringify(value)
  test.each([
    ['no JSON', 'messages=hello', 400, null],
    ['JSON that is no object', '[]', 400, null],
    ['no messages', json({}), 400, 'messages'],
    ['empty messages', json({ messages: [] }), 400, 'messages'],
    ['a message without a role', json({ messages: [{ content: 'a' }] }), 400, 'messages[0]'],
    ['a content that is a number', json({ messages: [{ role: 'user', content: 1 }] }), 400, 'messages[0]'],
    ['a model that is a number', json({ messages: [{ role: 'user' }], model: 1 }), 400, 'model'],
    ['no streaming', json({ messages: [{ role: 'user' }], stream: false }), 400, 'stream'],
    ['more than 1 MiB', 'x'.repeat(1024 * 1024 + 1), 413, null],
  ])('refuses %s with an error body as OpenAI writes it', async (_, body, status, param) => {
    for (const asking of [ask, askModel]) {
      const response = await asking({ url: server.url, body })
      expect(response.status).toBe(status)
      expect(response.headers.get('content-type')).toBe('application/json; charset=utf-8')
      const message = expect.any(String)
      expect(await response.json()).toEqual({
        error: { message, type: 'invalid_request_error', param, code: null },
      })
    }
  })

  test.each([
    [{ fault: 'bogus' }, '"bogus"'],
    [{ fault: 'toString' }, '"toString"'],
    [{ fault: 'cut', times: '-1' }, '"-1"'],
    [{ fault: 'cut', times: 'often' }, '"often"'],
  ])('refuses the query %j and names the value', async (query, named) => {
    const response = await ask({ url: server.url, ...query })
    expect(response.status).toBe(400)
    expect(await response.text()).toContain(JSON.stringify(named).slice(1, -1))
  })

  test('tells the method that a path takes', async () => {
    const chat = await fetch(`${server.url}/v1/chat/completions`)
    expect([chat.status, chat.headers.get('allow')]).toEqual([405, 'POST'])
    const answers = await fetch(`${server.url}/answers`, { method: 'PUT' })
    expect([answers.status, answers.headers.get('allow')]).toEqual([405, 'GET, HEAD, POST, DELETE, OPTIONS'])
    const page = await fetch(server.url, { method: 'DELETE' })
    expect([page.status, page.headers.get('allow')]).toEqual([405, 'GET, HEAD'])
  })

  test('lets no other site ask, as that could spend the key of a relay', async () => {
    for (const asking of [ask, askModel])
      expect((await asking({ url: server.url, headers: { 'sec-fetch-site': 'cross-site' } })).status).toBe(
        403,
      )
    expect((await ask({ url: server.url, headers: { 'sec-fetch-site': 'same-origin' } })).status).toBe(200)
  })
})

describe('files', () => {
  test('the page is at the root, fresh each time, and may load nothing from elsewhere', async () => {
    const response = await fetch(server.url)
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8')
    expect(response.headers.get('cache-control')).toBe('no-cache')
    expect(response.headers.get('content-security-policy')).toContain("default-src 'none'")
    expect(await response.text()).toBe(await readFile('demo/index.html', 'utf8'))
    const head = await fetch(server.url, { method: 'HEAD' })
    expect([head.status, await head.text()]).toEqual([200, ''])
  })

  test.each([
    '/package.json',
    '/demo/server/server.mjs',
    '/dist/',
    '/dist/../package.json',
    '/dist/%2e%2e/package.json',
    '/dist/..%2fpackage.json',
    '/dist/..\\package.json',
    '/dist//etc/passwd',
    '/dist/no-such-file.js',
    '/dist/.hidden.js',
    '/%',
    '//',
  ])('there is nothing at %s', async (path) => {
    expect(await raw(server.port, `GET ${path} HTTP/1.1`)).toMatch(/^HTTP\/1\.1 404 .*"error"/s)
  })
})

describe('the server', () => {
  test('is closed at once, even in the middle of answers', async () => {
    const own = await startServer({ port: 0, pace: 1000 })
    const response = await askModel({ url: own.url })
    const waiting = ask({ url: own.url, fault: 'silent-headers' })
    waiting.catch(() => {})
    await own.close()
    expect((await readUntil(response)).end).not.toBe('clean')
    await expect(waiting).rejects.toThrow()
    await expect(fetch(own.url)).rejects.toThrow()
  })
})
