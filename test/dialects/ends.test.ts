/** How servers of one's own say that an answer is over, and what looks like an answer and is a protocol. */
import { describe, expect, test } from 'vitest'
import { type Answer, auto, jsonEvents, type StreamFailure, stream } from '../../src/index.ts'
import { type FetchScript, scriptedFetch } from '../../src/testing/index.ts'

async function read(script: FetchScript, dialect = auto): Promise<Answer | StreamFailure> {
  const fetch = scriptedFetch(script)
  const answer = stream('https://provider.invalid', { fetch, dialect, json: {} }).answer()
  const result = await answer.catch((error: StreamFailure) => error)
  expect(fetch.requests).toHaveLength(1)
  return result
}

const chunk = (content: string) => ({ choices: [{ index: 0, delta: { content } }] })

describe('an end of one’s own', () => {
  const flags = [
    'isFinal',
    'is_final',
    'is_last',
    'last',
    'isDone',
    'is_done',
    'isEnd',
    'isFinished',
    'complete',
    'finish',
    'eos',
  ]
  test.each(flags)('%s', async (name) => {
    for (const dialect of [auto, jsonEvents]) {
      for (const end of [
        { [name]: true },
        { content: '', [name]: 'true' },
        { content: 'lo', [name]: true },
      ]) {
        const events = [{ content: 'Hel' }, ...(end.content === 'lo' ? [] : [{ content: 'lo' }]), end]
        expect(await read({ events }, dialect)).toMatchObject({ text: 'Hello' })
      }
      const events = [
        { content: 'Hel', [name]: false },
        { content: 'lo', [name]: 0 },
      ]
      expect(await read({ events: [...events, '[DONE]'] }, dialect)).toMatchObject({ text: 'Hello' })
    }
  })

  test('a number, which may be a place', async () => {
    const events = [{ content: 'Hel' }, { content: 'lo' }, { done: 1 }]
    expect(await read({ events })).toMatchObject({ text: 'Hello' })
    const segments = [{ text: 'Hel', start: 0, end: 1 }, { text: 'lo', start: 1, end: 2 }, '[DONE]']
    expect(await read({ events: segments })).toMatchObject({ text: 'Hello' })
  })

  test.each(['completed', 'done', 'finished'])('a state by itself: %s', async (status) => {
    const events = [{ status: 'searching' }, { content: 'Hel' }, { content: 'lo' }, { status }]
    expect(await read({ events })).toMatchObject({ text: 'Hello' })
  })

  test.each(['end_of_stream', 'eos', 'message_complete', 'response.done', 'stream-finished', 'chat_end'])(
    'a kind: %s',
    async (type) => {
      const events = [{ content: 'Hel' }, { content: 'lo' }, { type }]
      expect(await read({ events })).toMatchObject({ text: 'Hello' })
    },
  )

  const marks = ['[done]', '[END]', '[EOS]', '[FINISHED]', '[[DONE]]', '<|endoftext|>', '<|im_end|>', '</s>']
  test.each(marks)('a mark: %s', async (mark) => {
    for (const say of [JSON.stringify, chunk, (content: string) => ({ content })])
      expect(await read({ events: [say('Hel'), say('lo'), mark] })).toMatchObject({ text: 'Hello' })
  })

  test.each(marks)('but a word of a text is none: %s', async (mark) => {
    for (const words of [
      [mark, 'is', 'a word'],
      ['It', mark, 'is'],
      ['This', 'is', mark, 'too'],
    ])
      expect(await read({ events: [...words, '[DONE]'] })).toMatchObject({ text: words.join('') })
  })

  test('an event that is named so, behind chunks that gave no reason', async () => {
    const body = `${[chunk('Hel'), chunk('lo')].map((each) => `data: ${JSON.stringify(each)}\n\n`).join('')}event: done\ndata:\n\n`
    for (const data of [body, body.replace(/data:\n\n$/, 'data: end\n\n')])
      expect(await read({ body: data })).toMatchObject({ text: 'Hello' })
  })
})

describe('the data stream of the AI SDK 4 is no text', () => {
  const lines = ['0:"Hel"', '0:"lo"', 'd:{"finishReason":"stop"}']

  test.each([undefined, 1, 2, 3])('as a body in pieces of %s bytes', async (pieceBytes) => {
    const headers = { 'content-type': 'text/plain' }
    const result = await read({ body: `${lines.join('\n')}\n`, pieceBytes, headers })
    expect(result).toMatchObject({ code: 'protocol', answer: { text: '' } })
    expect((result as StreamFailure).message).toContain('AI SDK 4')
  })

  test('as events', async () => {
    const result = await read({ events: [...lines, '[DONE]'] })
    expect(result).toMatchObject({ code: 'protocol', answer: { text: '' } })
    expect((result as StreamFailure).message).toContain('AI SDK 4')
  })

  test('but a clock in a text is', async () => {
    const headers = { 'content-type': 'text/plain' }
    for (const body of ['8: eight o’clock', 'a', 'e:'])
      expect(await read({ body, headers, pieceBytes: 1 })).toMatchObject({ answer: { text: body } })
  })
})

test.each([
  ['Python', "{'choices': [{'index': 0, 'delta': {'content': 'Hi'}}]}", 'json.dumps'],
  ['Python', "[{'token': 'Hi'}]", 'json.dumps'],
  ['JavaScript', '[object Object]', 'JSON.stringify'],
  ['a template that escapes', '{&quot;token&quot;:&quot;Hi&quot;}', 'escaped for a page'],
  ['a server that encodes twice', JSON.stringify(JSON.stringify(chunk('Hi'))), 'encode it once'],
  ['nobody we know', '{token: Hi}', 'dialect: plain'],
])('what was meant to be JSON is told by how it looks: by %s, %s', async (_who, data, advice) => {
  expect(await read({ events: [data, data, '[DONE]'] })).toMatchObject({
    code: 'protocol',
    message: expect.stringContaining(advice),
  })
})

describe('a whole body without an event would be the same again', () => {
  test.each<[string, string | Uint8Array, string]>([
    ['null', 'null', 'dialect: text'],
    ['a number', '42', 'dialect: text'],
    ['text behind a long padding', `${' '.repeat(1_500)}Hello there`, 'Hello there'],
    ['lines that are indented', '  data: {"content":"Hi"}\n\n  data: [DONE]\n\n', 'indented'],
    ['lines that are indented by a tab', '\n\tdata: {"content":"Hi"}\n\n', 'indented'],
    ['breaks that are written out', 'data: {"content":"Hi"}\\n\\ndata: [DONE]\\n\\n', 'are no breaks'],
    ['a field without its colon', 'data={"content":"Hi"}\n\ndata=[DONE]\n\n', 'data={"content":"Hi"}'],
    ['MessagePack', Uint8Array.of(0x82, 0xa7, 0x63, 0x6f, 0x6e), 'It is binary'],
    ['a gzip nobody declared', Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 3, 0xcb, 0x48), 'It is binary'],
  ])('%s', async (_what, body, advice) => {
    for (const pieceBytes of [undefined, 1]) {
      const result = await read({ body, pieceBytes })
      expect(result).toMatchObject({ code: 'protocol', message: expect.stringContaining(advice) })
    }
  })

  test.each(['d', 'dat', 'data', 'event: x', ': o', '  ', '\n\n', 'id', 'data: {"content":"one\\n\\ntwo'])(
    'but %j may be cut',
    async (body) => {
      const fetch = scriptedFetch({ body }, { events: [chunk('Hi'), '[DONE]'] })
      const reply = stream('https://provider.invalid', { fetch, json: {}, retry: { baseMs: 0 } })
      expect(await reply.text()).toBe('Hi')
      expect(fetch.requests).toHaveLength(2)
    },
  )

  test('so may what an engine could not decompress', async () => {
    const headers = { 'content-type': 'text/event-stream', 'content-encoding': 'gzip' }
    const body = Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 3, 0xcb, 0x48)
    const fetch = scriptedFetch({ body, headers }, { events: [chunk('Hi'), '[DONE]'] })
    const reply = stream('https://provider.invalid', { fetch, json: {}, retry: { baseMs: 0 } })
    expect(await reply.text()).toBe('Hi')
  })
})
