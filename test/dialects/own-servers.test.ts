/** Streams of frameworks and of servers of one's own: read, or refused in time, and errors told in the server's words. */
import { describe, expect, test } from 'vitest'
import { type Answer, type StreamFailure, stream } from '../../src/index.ts'
import { type FetchScript, scriptedFetch } from '../../src/testing/index.ts'

interface Read {
  readonly result: Answer | StreamFailure
  readonly requests: number
}

async function read(script: FetchScript): Promise<Read> {
  const fetch = scriptedFetch({ headers: { 'content-type': 'text/event-stream' }, ...script })
  const answer = stream('https://provider.invalid', { fetch, json: {}, retry: { baseMs: 1 } }).answer()
  const result = await answer.catch((error: StreamFailure) => error)
  return { result, requests: fetch.requests.length }
}

const named = (event: string, ...data: readonly string[]): string =>
  data.map((each) => `event: ${event}\ndata: ${each}\n\n`).join('')

describe('an error of a server’s own is told in its words', () => {
  const begun = { type: 'token', content: 'Hi' }
  const flowise = { event: 'token', data: 'Hi' }
  test.each<[string, readonly unknown[]]>([
    ['n8n', [{ type: 'begin' }, { type: 'error', content: 'No credits' }]],
    ['Flowise', [flowise, { event: 'error', data: 'No credits' }]],
    ['in an object', [begun, { type: 'error', data: { message: 'No credits' } }]],
    ['where text stands', [begun, { type: 'error', text: 'No credits' }]],
    ['of a stream', [begun, { type: 'stream_error', message: 'No credits' }]],
    ['as a state', [begun, { status: 'failed', message: 'No credits' }]],
    ['err, as Go has it', [{ err: 'No credits' }]],
    ['WeChat', [{ errcode: 40001, errmsg: 'No credits' }]],
    ['OAuth', [{ error: 'invalid_token', error_description: 'No credits' }]],
    ['Tencent', [{ Response: { Error: { Code: 'FailedOperation', Message: 'No credits' } } }]],
    ['Volcengine', [{ ResponseMetadata: { Error: { Code: 'AccountOverdue', Message: 'No credits' } } }]],
  ])('%s', async (_who, events) => {
    expect((await read({ events })).result).toMatchObject({ code: 'api', message: 'No credits' })
  })

  test.each(['err', 'exception', 'failed', 'stream_error', 'error'])('event: %s', async (name) => {
    for (const data of ['No credits', '{"message":"No credits"}', '{"content":"No credits"}']) {
      const { result } = await read({ body: `data: Hel\n\ndata: lo\n\n${named(name, data)}` })
      expect(result).toMatchObject({ code: 'api', message: 'No credits' })
    }
  })

  test('all being well is none', async () => {
    const well = { ...begun, errcode: 0, errmsg: 'ok', err: null }
    expect((await read({ events: [well, well, '[DONE]'] })).result).toMatchObject({ text: 'HiHi' })
  })
})

describe('what a framework sends', () => {
  const served = (...data: readonly unknown[]): string =>
    `${named('metadata', '{"run_id":"r1"}')}${named('data', ...data.map((each) => JSON.stringify(each)))}event: end\n\n`
  const message = (content: string) => ({ content, type: 'AIMessageChunk' })

  test.each([
    ['text', ['Hel', 'lo']],
    ['messages', [message('Hel'), message('lo')]],
  ])('LangServe, %s: is read, and its end doubted, once', async (_what, data) => {
    const { result, requests } = await read({ body: served(...data) })
    expect(result).toMatchObject({ code: 'truncated', mayBeWhole: true, answer: { text: 'Hello' } })
    expect(requests).toBe(1)
  })

  test('LangServe, objects: is refused once', async () => {
    const { result, requests } = await read({ body: served({ output: 'Hel' }, { output: 'lo' }) })
    expect([result, requests]).toMatchObject([{ code: 'protocol' }, 1])
  })

  test('Qianfan’s first API is refused once, and told where its text is', async () => {
    const chunk = (result: string) => ({ object: 'chat.completion', is_end: false, result })
    const { result, requests } = await read({ events: [chunk('Hel'), chunk('lo')] })
    expect([result, requests]).toMatchObject([{ code: 'protocol' }, 1])
    expect((result as StreamFailure).message).toContain('.result')
  })

  test('Laravel says when it is over', async () => {
    const texts = await read({ body: named('update', 'Hel', 'lo', '</stream>') })
    expect(texts.result).toMatchObject({ text: 'Hello', finishReason: 'unknown' })
    const objects = await read({ body: named('update', '{"content":"Hi"}', '</stream>') })
    expect(objects.result).toMatchObject({ text: 'Hi', finishReason: 'unknown' })
  })

  test.each(['canceled', 'error'])('Replicate’s `done` with the reason %s is no end', async (reason) => {
    const begun = named('output', 'Hel', 'lo')
    const { result } = await read({ body: begun + named('done', JSON.stringify({ reason })) })
    expect(result).toMatchObject({ code: 'api', providerCode: reason })
    expect((await read({ body: begun + named('done', '{}') })).result).toMatchObject({ text: 'Hello' })
  })

  test('sources with a name of their own are not shown as text', async () => {
    const [beside, text] = [named('sources', '[{"title":"Kelp"}]'), named('message', 'Hel', 'lo')]
    for (const body of [beside + text, text + beside])
      expect((await read({ body: body + named('done', '.') })).result).toMatchObject({ text: 'Hello' })
  })
})

// https://github.com/cloudflare/ai/issues/651
describe('digits that are sent as numbers (Workers AI) are text', () => {
  const chat = (content: unknown) => ({ choices: [{ delta: { content } }] })
  const spellings: [string, (text: unknown) => unknown][] = [
    ['chat completions', chat],
    ['legacy completions', (text) => ({ object: 'text_completion', choices: [{ text }] })],
    ['its own format', (response) => ({ response, p: 'abc' })],
    ['another of one’s own', (content) => ({ content })],
  ]

  test.each(spellings)('%s', async (_how, say) => {
    for (const said of [
      ['It costs ', 0, '.', '005', ' or ', 12, '.'],
      [1, '. First'],
      ['The answer: ', 42],
    ])
      expect((await read({ events: [...said.map(say), '[DONE]'] })).result).toMatchObject({
        text: said.join(''),
      })
  })

  test('but not where they count', async () => {
    const events = ['Hel', 'lo'].map((text, chunk) => ({ text, chunk, token: 5 }))
    expect((await read({ events: [...events, '[DONE]'] })).result).toMatchObject({ text: 'Hello' })
  })
})

describe('who says all of it again with each event', () => {
  const spellings: [string, (text: string) => string][] = [
    ['as objects', (text) => JSON.stringify({ text })],
    ['as JSON strings', JSON.stringify],
    ['as text', String],
  ]
  const said = (say: (text: string) => string, ...texts: readonly string[]): Promise<Read> =>
    read({ body: [...texts.map(say), '[DONE]'].map((data) => `data: ${data}\n\n`).join('') })

  test.each(spellings)('%s, is read once', async (_how, say) => {
    const { result } = await said(
      say,
      'Once',
      'Once upon',
      'Once upon a time there',
      'Once upon a time there was',
    )
    expect(result).toMatchObject({ text: 'Once upon a time there was' })
  })

  test.each(spellings)('%s, and then not, is refused', async (_how, say) => {
    const { result, requests } = await said(say, 'Once upon a time', 'Once upon a time there', 'was a king')
    expect(result).toMatchObject({ code: 'protocol', answer: { text: 'Once upon a time there' } })
    expect(requests).toBe(1)
  })

  test.each(spellings)('%s, in the first two alone, has begun alike', async (_how, say) => {
    expect((await said(say, 'ha', 'haha', ' ha')).result).toMatchObject({ text: 'hahaha ha' })
    const { result } = await said(say, 'ha', ' ha', 'ha ha and so it went on for hours')
    expect(result).toMatchObject({ text: 'ha haha ha and so it went on for hours' })
  })
})

describe('what nobody understands is refused once', () => {
  test('lines of JSON, which do not break off', async () => {
    const body = '{"type":"begin"}\n{"type":"item","data":"Hi"}\n{"type":"end"}\n'
    const { result, requests } = await read({ body, headers: { 'content-type': 'application/json' } })
    expect([result, requests]).toMatchObject([{ code: 'protocol' }, 1])
  })

  test.each([1, 7, undefined])('text without events, %s bytes a packet', async (pieceBytes) => {
    for (const body of ['Unauthorized', 'Internal error: no such model', 'One line\nand another']) {
      const { result, requests } = await read({ body, pieceBytes })
      expect([result, requests]).toMatchObject([{ code: 'protocol' }, 1])
    }
  })
})
