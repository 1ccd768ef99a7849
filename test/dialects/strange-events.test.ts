/** Events that are no piece of the answer: none is shown as one, none of them that says it failed is passed over. */
import { describe, expect, test } from 'vitest'
import { auto, type Dialect, openaiChat } from '../../src/dialects/index.ts'
import { type Answer, type StreamFailure, stream } from '../../src/index.ts'
import { scriptedFetch } from '../../src/testing/index.ts'

const named = (event: string, ...data: readonly unknown[]): string =>
  data.map((each) => `event: ${event}\n${said(each)}`).join('')
const said = (data: unknown): string => `data: ${typeof data === 'string' ? data : JSON.stringify(data)}\n\n`

/** How a stream is read, in one packet and byte by byte; it must not cost a second request. */
async function read(body: string, dialect: Dialect = auto): Promise<Answer | StreamFailure> {
  const results = [undefined, 1].map(async (pieceBytes) => {
    const fetch = scriptedFetch({ body, pieceBytes })
    const { text, ...rest } = await stream('https://provider.invalid', {
      fetch,
      dialect,
      json: {},
      retry: { limit: 0 },
    })
      .answer()
      .then(
        (answer) => ({ ...answer, result: answer }),
        (error: StreamFailure) => ({
          ...error,
          message: error.message,
          text: error.answer.text,
          result: error,
        }),
      )
    expect(fetch.requests).toHaveLength(1)
    return { text, ...rest }
  })
  const [whole, bytewise] = await Promise.all(results)
  expect(bytewise?.text).toBe(whole?.text)
  return whole?.result as Answer | StreamFailure
}

const chunk = (content: string) =>
  said({ object: 'chat.completion.chunk', choices: [{ index: 0, delta: { content } }] })
const DONE = said('[DONE]')
const own = (...events: readonly unknown[]): string => events.map(said).join('')
const token = (content: string) => ({ type: 'token', content })

describe('an error that a gateway writes in words of its own into a provider’s stream', () => {
  test.each<[string, string]>([
    ['Hunyuan', said({ ErrorMsg: { Msg: 'No credits', Code: 2003 } })],
    ['Tencent', said({ Error: { Message: 'No credits', Code: 'X' } })],
    ['Go', said({ err: 'No credits' })],
    ['an exception', said({ exception: 'No credits' })],
    ['a kind', said({ event: 'error', data: 'No credits' })],
    ['a kind of the stream', said({ type: 'stream_error', message: 'No credits' })],
    ['a state', said({ status: 'failed', message: 'No credits' })],
    ['event: exception', named('exception', 'No credits')],
    ['event: failed', named('failed', { message: 'No credits' })],
    ['event: server_error', named('server_error', 'No credits')],
  ])('%s', async (_who, event) => {
    for (const dialect of [auto, openaiChat])
      expect(await read(chunk('Hel') + event + DONE, dialect)).toMatchObject({
        code: 'api',
        message: 'No credits',
        answer: { text: 'Hel' },
      })
  })

  test('of a tool is the model’s to deal with', async () => {
    const tool = said({ type: 'tool', status: 'failed', name: 'search' })
    expect(await read(chunk('Hel') + tool + DONE)).toMatchObject({ text: 'Hel', finishReason: 'unknown' })
  })
})

describe('what could not be read of an answer', () => {
  test.each(['[ERROR] gone', 'Error: gone', '{"choices":[{"delta":{"content":"gone'])(
    'leaves it half, if nothing says why it ended: %s',
    async (data) => {
      const result = await read(chunk('Hel') + said(data) + DONE, openaiChat)
      expect(result).toMatchObject({ code: 'protocol', retryable: false, answer: { text: 'Hel' } })
      expect((result as StreamFailure).message).toContain(data)
    },
  )

  test('leaves it whole, if a reason has come', async () => {
    const end = said({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] })
    expect(await read(chunk('Hel') + said('keep alive') + end + DONE)).toMatchObject({ finishReason: 'stop' })
  })
})

describe('a server of one’s own that says that an answer broke off', () => {
  const begun = own(token('Hel'), token('lo'))

  test.each(['cancelled', 'canceled', 'aborted', 'abort', 'interrupted', 'timeout', 'timed_out'])(
    'did not end it: %s',
    async (word) => {
      const events = [{ type: word }, { status: word }, { event: word }].map((each) => said(each))
      for (const event of [...events, named(word, 'too slow'), named(word, {})]) {
        const result = await read(begun + event + DONE)
        expect(result).toMatchObject({ code: 'api', providerCode: word, answer: { text: 'Hello' } })
      }
      expect(await read(said('Hel') + said('lo') + named(word, 'too slow') + DONE)).toMatchObject({
        code: 'api',
      })
    },
  )

  test.each(['[ERROR] No credits', '[ERROR]: No credits'])('in a mark like [DONE]: %s', async (mark) => {
    const texts = said('Hel') + said('lo')
    for (const body of [begun, texts, said('"Hel"') + said('"lo"')])
      expect(await read(body + said(mark) + DONE)).toMatchObject({
        code: 'api',
        message: 'No credits',
        answer: { text: 'Hello' },
      })
  })

  test('or that it did not succeed', async () => {
    expect(await read(begun + said({ type: 'done', success: false, message: 'No credits' }))).toMatchObject({
      code: 'api',
      message: 'No credits',
    })
  })
})

describe('what stands beside the text', () => {
  test.each([
    ...['tool', 'tool_call', 'tool-result', 'title', 'usage', 'log', 'warning', 'metadata', 'session'],
    ...['conversation_id', 'thread-id', 'sources', 'citations', 'step', 'progress', 'search_results'],
  ])('event: %s is no text', async (name) => {
    for (const write of [(text: string) => text, JSON.stringify]) {
      const beside = named(name, write('4 pages'))
      const text = named('token', write('Hel'), write('lo'))
      for (const body of [beside + text, text + beside])
        expect(await read(body + named('done', ''))).toMatchObject({ text: 'Hello' })
    }
  })

  test.each(['thinking', 'reasoning', 'thought', 'reasoning_delta', 'thinking.delta'])(
    'event: %s is reasoning',
    async (name) => {
      for (const write of [
        (text: string) => text,
        JSON.stringify,
        (text: string) => JSON.stringify({ delta: text }),
      ]) {
        const body =
          named(name, write('Hm')) + named('text.delta', write('Hel'), write('lo')) + named('done', '')
        expect(await read(body)).toMatchObject({ text: 'Hello', reasoning: 'Hm' })
      }
    },
  )

  test.each(['tool_call.delta', 'tool_input_delta', 'input_json_delta', 'function_call_arguments.delta'])(
    'type: %s is no text: it is refused',
    async (type) => {
      const [json, text] = [said({ type, delta: '{"a":1}' }), said({ type: 'text_delta', delta: 'Hi' })]
      for (const body of [json + text, text + json]) {
        const result = (await read(body + said({ type: 'done' }))) as StreamFailure
        expect(result.code).toBe('protocol')
        expect(result.answer.text).not.toContain('{')
      }
    },
  )

  test('nor is what somebody else says', async () => {
    const [user, tool] = [
      { role: 'user', content: 'Why?' },
      { role: 'tool', content: '{"a":1}' },
    ]
    const [hel, lo] = [{ role: 'assistant', content: 'Hel' }, { content: 'lo' }]
    expect(await read(own(user, hel, tool, lo, '[DONE]'))).toMatchObject({ text: 'Hello' })
  })

  test('nor is a word of an envelope’s', async () => {
    const wrapped = (text: string) => ({ code: 200, message: 'success', data: { text } })
    expect(await read(own(wrapped('Hel'), wrapped('lo'), '[DONE]'))).toMatchObject({ code: 'protocol' })
    const beside = (content: string) => ({ code: 200, message: 'success', content })
    expect(await read(own(beside('Hel'), beside('lo'), '[DONE]'))).toMatchObject({ text: 'Hello' })
  })
})

describe('text that comes again is told once', () => {
  test.each(['message', 'answer', 'final'])('as a %s at the end', async (type) => {
    for (const texts of [['Hello'], ['Hel', 'lo']]) {
      const body = own(...texts.map(token), { type, content: 'Hello' }, { type: 'done' })
      expect(await read(body)).toMatchObject({ text: 'Hello' })
    }
  })

  const told = (...texts: readonly string[]) => texts.map(token)
  const [first, second] = ['Let me look that up. ', 'It rains in Kiel today.']

  test.each(['message', 'answer', 'final'])('as a %s after each of several', async (type) => {
    const whole = (content: string) => ({ type, content })
    const one = [...told('Let me', ' look that up. '), whole(first)]
    for (const pieces of [['It rains', ' in Kiel today.'], ['It rains'], ['It']]) {
      const body = own(...one, ...told(...pieces), whole(second), { type: 'done' })
      expect(await read(body)).toMatchObject({ text: first + second })
    }
  })

  test('as the last of several at the end', async () => {
    for (const last of [{ type: 'final' }, { type: 'token', done: true }])
      expect(
        await read(
          own(...told(first, 'It rains', ' in Kiel today.'), { ...last, content: second }, '[DONE]'),
        ),
      ).toMatchObject({ text: first + second })
  })

  test.each(['title', 'thinking'])('but a %s that begins as the answer does is none of it', async (type) => {
    const answer = told('It', ' rains')
    const body = own(...answer, { type, content: 'It rains: the weather of today' }, ...told('.'), '[DONE]')
    const result = await read(body)
    if (type === 'thinking') expect(result).toMatchObject({ text: 'It rains.' })
    else expect(result).toMatchObject({ code: 'protocol', answer: { text: 'It rains' } })
  })

  test('where every event brings all there is so far', async () => {
    const texts = [
      'The sea holds',
      'The sea holds fast',
      'The sea holds fast, and deep',
      'The sea holds fast, and deep.',
    ]
    for (const pieces of [texts, ['The', ...texts]])
      expect(await read(own(...pieces.map((text) => ({ text })), '[DONE]'))).toMatchObject({
        text: texts.at(-1),
      })
  })

  test('but a refrain is sung', async () => {
    const lines = ['Row, row, row your boat\n', 'gently down the stream\n', 'Row, row, row your boat\n']
    expect(await read(own(...lines.map((text) => ({ text })), '[DONE]'))).toMatchObject({
      text: lines.join(''),
    })
    const laughs = ['ha', 'haha', 'ha']
    expect(await read(own(...laughs.map((text) => ({ text })), '[DONE]'))).toMatchObject({ text: 'hahahaha' })
  })

  test('SGLang’s own format is refused by name', async () => {
    const event = (text: string) => ({ text, meta_info: { id: '1', finish_reason: null } })
    const result = await read(own(event('Hel'), event('Hello'), '[DONE]'))
    expect(result).toMatchObject({ code: 'protocol', message: expect.stringContaining('SGLang') })
  })
})
