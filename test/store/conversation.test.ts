/** A conversation without a framework: what is told, when, and what is asked. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { openaiChat, type StreamOptions, stream } from '../../src/index.ts'
import type { ConversationOptions } from '../../src/store/contract.ts'
import { createConversation } from '../../src/store/conversation.ts'
import { scriptedFetch } from '../../src/testing/index.ts'
import { handFetch } from '../support/hand-fetch.ts'

const url = 'https://api.example.com/chat'
const call = (piece: object) => ({ choices: [{ index: 0, delta: { tool_calls: [{ index: 0, ...piece }] } }] })
const calls = [
  { choices: [{ index: 0, delta: { reasoning_content: 'hm' } }] },
  call({ id: 'a', function: { name: 'look', arguments: '{"at"' } }),
  call({ function: { arguments: ':1}' } }),
]
/** No frames in Node: a snapshot comes after 250 ms. */
const frame = () => vi.advanceTimersByTimeAsync(250)
const moment = () => vi.advanceTimersByTimeAsync(0)

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

function talk(options: Partial<ConversationOptions> = {}, call: StreamOptions = {}, headers = {}) {
  const { fetch, asked } = handFetch(headers)
  const chat = createConversation({
    ask: (messages, own) =>
      stream(url, { fetch, retry: { baseMs: 2_000, jitter: 'none' }, ...call, ...own, json: { messages } }),
    ...options,
  })
  const listener = vi.fn()
  const leave = chat.subscribe(listener)
  return {
    ...{ chat, asked, listener, leave },
    get state() {
      return chat.getSnapshot()
    },
    get said() {
      return chat.getSnapshot().messages.map(({ role, content }) => `${role}: ${content}`)
    },
    /** Asks, and waits for the request. */
    async ask(...messages: readonly string[]) {
      chat.ask(...messages)
      await moment()
      return asked.at(-1)!
    },
  }
}

describe('a snapshot', () => {
  test('is the same until something changes, and stays as it is', async () => {
    const { chat, ask, listener } = talk()
    const before = chat.getSnapshot()
    expect(chat.getSnapshot()).toBe(before)
    const answer = await ask('Hi')
    const asking = chat.getSnapshot()
    answer.say('Hel')
    await frame()
    const streaming = chat.getSnapshot()
    answer.say('lo')
    answer.end()
    await frame()
    expect(before).toMatchObject({ status: 'idle', messages: [], isBusy: false, words: '', attempts: 0 })
    expect(asking).toMatchObject({
      status: 'asking',
      isBusy: true,
      words: 'Writing the answer…',
      attempts: 1,
    })
    expect(streaming).toMatchObject({ status: 'streaming', isBusy: true, answer: { text: 'Hel' } })
    expect(chat.getSnapshot()).toMatchObject({
      ...{ status: 'done', isBusy: false, words: 'The answer is complete.', attempts: 1, error: undefined },
      answer: { text: 'Hello', stats: { attempts: [{ status: 200 }] } },
    })
    expect(listener.mock.calls.length).toBeLessThanOrEqual(5)
    expect(vi.getTimerCount()).toBe(0)
  })

  test('comes once a frame, however many pieces come', async () => {
    const { ask, listener, said } = talk()
    const answer = await ask('Hi')
    listener.mockClear()
    for (let piece = 0; piece < 50; piece++) {
      answer.say('x')
      await moment()
    }
    expect(listener).not.toHaveBeenCalled()
    await frame()
    expect(listener).toHaveBeenCalledOnce()
    expect(said).toEqual([])
  })

  test('keeps the turns that have not changed', async () => {
    const { chat, ask } = talk()
    const first = await ask('One')
    first.say('1')
    first.end()
    await frame()
    const before = chat.getSnapshot().messages
    await ask('Two')
    expect(chat.getSnapshot().messages.slice(0, 2)).toEqual(before)
    for (const [at, turn] of before.entries()) expect(chat.getSnapshot().messages[at]).toBe(turn)
  })

  test('tells of tool calls and reasoning as they are by then', async () => {
    const chat = createConversation({
      ask: (_, options) =>
        stream(url, {
          ...options,
          ...{ fetch: scriptedFetch({ events: calls, end: 'stall' }), dialect: openaiChat, json: {} },
        }),
    })
    chat.ask('Hi')
    await frame()
    expect(chat.getSnapshot()).toMatchObject({
      messages: [{}, { content: '', answer: { toolCalls: [{ name: 'look' }] } }],
      answer: { reasoning: 'hm', toolCalls: [{ id: 'a', name: 'look', arguments: '{"at":1}' }] },
    })
    chat.stop()
  })
})

describe('what is asked', () => {
  test('is all that was said, as plain messages', async () => {
    const turns = vi.fn()
    const { fetch, asked } = handFetch()
    const chat = createConversation({
      ask(messages, options, all) {
        turns(all)
        return stream(url, { fetch, ...options, json: { messages } })
      },
    })
    chat.ask({ role: 'system', content: 'Be short.', name: 'rules' }, 'Hi')
    await moment()
    asked[0]?.say('Hello')
    asked[0]?.end()
    await frame()
    chat.ask('Bye')
    await moment()
    expect(asked[1]?.messages).toEqual([
      { role: 'system', content: 'Be short.', name: 'rules' },
      { role: 'user', content: 'Hi' },
      { role: 'assistant', content: 'Hello' },
      { role: 'user', content: 'Bye' },
    ])
    expect(turns.mock.lastCall?.[0][2]).toMatchObject({
      answer: { text: 'Hello', finishReason: expect.anything() },
    })
  })

  test('changes nothing when it cannot be asked', async () => {
    let isBroken = false
    const { fetch, asked } = handFetch()
    const chat = createConversation({
      ask(messages, options) {
        if (isBroken) throw new TypeError('bad')
        return stream(url, { fetch, ...options, json: { messages } })
      },
    })
    chat.ask('One')
    await moment()
    isBroken = true
    const before = chat.getSnapshot()
    expect(() => chat.ask('Two')).toThrow('bad')
    await moment()
    expect(chat.getSnapshot()).toBe(before)
    expect(asked[0]?.isAborted).toBe(false)
  })

  test('without a reply is nothing', async () => {
    const { chat, state } = talk({ ask: () => undefined })
    chat.ask('Hi')
    expect(state.status).toBe('idle')
  })
})

describe('a second question', () => {
  test('stops the first answer, which stays as far as it has come', async () => {
    const chat = talk()
    const first = await chat.ask('One')
    first.say('half an ans')
    await moment()
    const second = await chat.ask('Two')
    await moment()
    expect(first.isAborted).toBe(true)
    expect(second.messages).toEqual([
      { role: 'user', content: 'One' },
      { role: 'assistant', content: 'half an ans' },
      { role: 'user', content: 'Two' },
    ])
    second.say('2')
    second.end()
    await frame()
    expect(chat.said).toEqual(['user: One', 'assistant: half an ans', 'user: Two', 'assistant: 2'])
    expect(chat.state.status).toBe('done')
  })

  test('sends nothing of an answer that never began', async () => {
    const chat = talk()
    await chat.ask('One')
    const second = await chat.ask('Two')
    expect(second.messages).toEqual([
      { role: 'user', content: 'One' },
      { role: 'user', content: 'Two' },
    ])
  })
})

describe('an end', () => {
  test('by stop() keeps what had arrived, this moment included, and tells the server', async () => {
    const chat = talk({}, {}, { 'content-location': '/answers/1' })
    const answer = await chat.ask('Hi')
    answer.say('Hel')
    await moment()
    chat.chat.stop()
    expect(chat.said).toEqual(['user: Hi', 'assistant: Hel'])
    await moment()
    expect(chat.state).toMatchObject({
      status: 'stopped',
      words: 'Stopped.',
      error: undefined,
      isBusy: false,
    })
    expect(chat.asked.map(({ method }) => method)).toEqual(['POST', 'DELETE'])
    chat.chat.stop()
    await moment()
    expect(chat.asked).toHaveLength(2)
  })

  test('by a failure says why, and regenerate() asks the same again', async () => {
    const chat = talk({}, { retry: false })
    const answer = await chat.ask('Hi')
    answer.say('Hel')
    await frame()
    answer.reset()
    await moment()
    const { error, words, status } = chat.state
    expect([status, error?.code]).toEqual(['failed', 'network'])
    expect(words).toBe(error?.message)
    expect(chat.said).toEqual(['user: Hi', 'assistant: Hel'])
    chat.chat.regenerate()
    await moment()
    expect(chat.state).toMatchObject({ status: 'asking', error: undefined })
    expect(chat.said).toEqual(['user: Hi', 'assistant: '])
    expect(chat.asked[1]?.messages).toEqual([{ role: 'user', content: 'Hi' }])
  })

  test('is not there yet while it is tried again', async () => {
    const chat = talk()
    const first = await chat.ask('Hi')
    first.reset()
    await moment()
    expect(chat.state).toMatchObject({ status: 'retrying', isBusy: true, attempts: 2 })
    expect(chat.state.words).toMatch(/^Trying again in 2 s: .+\.$/)
    await vi.advanceTimersByTimeAsync(2_000)
    expect(chat.state).toMatchObject({ status: 'asking', words: 'Writing the answer…' })
    const second = chat.asked[1]
    second?.say('Hello')
    second?.end()
    await moment()
    expect(chat.state).toMatchObject({ status: 'done', attempts: 2 })
  })

  test('is told in your words', async () => {
    const chat = talk({ words: { done: 'fertig', retrying: ({ attempt }) => `${attempt}. Versuch` } })
    const first = await chat.ask('Hi')
    first.reset()
    await moment()
    expect(chat.state.words).toBe('2. Versuch')
    await vi.advanceTimersByTimeAsync(2_000)
    chat.asked[1]?.say('Hello')
    chat.asked[1]?.end()
    await moment()
    expect(chat.state.words).toBe('fertig')
  })

  test('comes to a rewind, too: the text is that of the answer that was whole', async () => {
    const chat = talk()
    const first = await chat.ask('Hi')
    first.say('one two')
    await frame()
    first.reset()
    await vi.advanceTimersByTimeAsync(2_000)
    chat.asked[1]?.say('one three')
    chat.asked[1]?.end()
    await moment()
    expect(chat.said).toEqual(['user: Hi', 'assistant: one three'])
  })

  test('of clear() is the beginning', async () => {
    const chat = talk()
    const answer = await chat.ask('Hi')
    answer.say('Hel')
    chat.chat.clear()
    await moment()
    expect(chat.state).toMatchObject({ status: 'idle', messages: [], answer: { text: '' }, attempts: 0 })
    expect(answer.isAborted).toBe(true)
  })
})

describe('whoever shows it', () => {
  test('closes the socket by going', async () => {
    const chat = talk({}, {}, { 'content-location': '/answers/1' })
    const answer = await chat.ask('Hi')
    chat.leave()
    // As StrictMode does it.
    const leave = chat.chat.subscribe(() => {})
    await moment()
    expect(answer.isAborted).toBe(false)
    leave()
    await moment()
    expect(answer.isAborted).toBe(true)
    expect(chat.asked.map(({ method }) => method)).toEqual(['POST'])
  })

  test('leaves it going where it is kept', async () => {
    const chat = talk({ keepUnseen: true })
    const answer = await chat.ask('Hi')
    chat.leave()
    answer.say('Hello')
    answer.end()
    await frame()
    expect(chat.state.status).toBe('done')
    expect(chat.listener.mock.calls.length).toBeLessThanOrEqual(2)
  })
})

describe('a saved conversation', () => {
  const kept = (chat: { save(): unknown }) => JSON.parse(JSON.stringify(chat.save()))

  test('that has come to its end is shown again, and nothing is asked', async () => {
    const chat = talk()
    const answer = await chat.ask('Hi')
    answer.say('Hello')
    answer.end()
    await frame()
    const again = talk({ initial: kept(chat.chat) })
    await moment()
    expect(again.said).toEqual(['user: Hi', 'assistant: Hello'])
    expect(again.asked).toEqual([])
    await again.ask('Bye')
    expect(again.asked[0]?.messages).toHaveLength(3)
  })

  test('goes on with the answer that was under way, and shows no less than before', async () => {
    const chat = talk({}, {}, { 'content-location': '/answers/1' })
    const answer = await chat.ask('Hi')
    answer.say('Hello wor')
    await moment()
    const saved = kept(chat.chat)
    expect(saved.from).toMatchObject({ version: 2 })
    const again = talk({ initial: saved }, {}, { 'content-location': '/answers/1' })
    expect(again.said).toEqual(['user: Hi', 'assistant: Hello wor'])
    expect(again.state.isBusy).toBe(true)
    await moment()
    expect(again.asked.map(({ method, url }) => `${method} ${url}`)).toEqual([
      'GET https://api.example.com/answers/1',
    ])
    again.asked[0]?.say('Hel')
    await frame()
    expect(again.said).toEqual(['user: Hi', 'assistant: Hello wor'])
    again.asked[0]?.say('lo world')
    await frame()
    expect(again.said).toEqual(['user: Hi', 'assistant: Hello world'])
    again.asked[0]?.end()
    await moment()
    expect(again.state.status).toBe('done')
    expect(again.said).toEqual(['user: Hi', 'assistant: Hello world'])
  })

  test('answers a new question, if one comes first', async () => {
    const chat = talk({}, {}, { 'content-location': '/answers/1' })
    const answer = await chat.ask('Hi')
    answer.say('Hel')
    await moment()
    const { fetch, asked } = handFetch()
    const again = createConversation({
      initial: kept(chat.chat),
      ask: (messages, options) => stream(url, { fetch, ...options, json: { messages } }),
    })
    again.ask('Bye')
    again.subscribe(() => {})
    await moment()
    expect(asked.map(({ method, messages }) => [method, (messages as object[]).length])).toEqual([
      ['POST', 3],
    ])
  })

  test('does not go on when it is stopped first, nor at its server', async () => {
    const { fetch, asked } = handFetch()
    const again = createConversation({
      initial: {
        messages: [
          { role: 'user', content: 'Hi' },
          { role: 'assistant', content: 'Hel' },
        ],
        from: { version: 2, url: 'https://api.example.com/answers/1' },
      },
      ask: (messages, options) => stream(url, { fetch, ...options, json: { messages } }),
    })
    again.stop()
    await moment()
    expect(again.getSnapshot()).toMatchObject({ status: 'stopped', isBusy: false })
    again.subscribe(() => {})
    await moment()
    expect(again.getSnapshot().status).toBe('stopped')
    expect(asked.map(({ method, url }) => `${method} ${url}`)).toEqual([
      'DELETE https://api.example.com/answers/1',
    ])
  })

  test('that was stopped does not go on', async () => {
    const chat = talk({}, {}, { 'content-location': '/answers/1' })
    const answer = await chat.ask('Hi')
    answer.say('Hel')
    await moment()
    chat.chat.stop()
    await moment()
    expect(kept(chat.chat)).toMatchObject({ messages: [{ content: 'Hi' }, { content: 'Hel' }] })
    expect(kept(chat.chat).from).toBeUndefined()
  })
})
