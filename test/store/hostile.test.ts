/** What goes wrong around a conversation: words that throw, drafts that are used again, checkpoints of another version, a stream that breaks at once. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { nothing } from '../../src/events.ts'
import { stream } from '../../src/index.ts'
import type { Ask, ConversationOptions } from '../../src/store/contract.ts'
import { createConversation } from '../../src/store/conversation.ts'
import type { SavedConversation } from '../../src/store/turn.ts'
import { handFetch } from '../support/hand-fetch.ts'

const url = 'https://api.example.com/chat'
const moment = () => vi.advanceTimersByTimeAsync(0)
const frame = () => vi.advanceTimersByTimeAsync(250)

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

function talk(options: Partial<ConversationOptions> = {}) {
  const { fetch, asked } = handFetch()
  const retry = { baseMs: 2_000, jitter: 'none', limit: 1 } as const
  const chat = createConversation({
    ask: (messages, own) => stream(url, { fetch, retry, ...own, json: { messages } }),
    ...options,
  })
  return { chat, asked }
}

describe('words that throw', () => {
  const broken = new Error('no such word')
  const fail = () => {
    throw broken
  }

  test('are reported, and the answer goes on and ends as it would', async () => {
    const told = vi.spyOn(console, 'error').mockImplementation(() => {})
    const { chat, asked } = talk({ words: { retrying: fail, failed: fail } })
    chat.ask('Hi')
    await moment()
    asked[0]?.reset()
    await moment()
    expect(chat.getSnapshot()).toMatchObject({ status: 'retrying', words: expect.stringMatching(/in 2 s/) })
    await vi.advanceTimersByTimeAsync(2_000)
    asked[1]?.reset()
    await moment()
    const { status, isBusy, words, error } = chat.getSnapshot()
    expect({ status, isBusy, code: error?.code }).toEqual({
      status: 'failed',
      isBusy: false,
      code: 'network',
    })
    expect(words).toBe(error?.message)
    expect(told.mock.calls).toEqual([[broken], [broken]])
  })
})

test('a draft that is used again does not change what was said', async () => {
  const { chat, asked } = talk()
  const draft = { role: 'user', content: 'How?' }
  chat.ask(draft)
  draft.content = ''
  await moment()
  asked[0]?.say('So.')
  asked[0]?.end()
  await moment()
  chat.ask('And then?')
  await moment()
  expect((asked[1] as { messages: unknown }).messages).toContainEqual({ role: 'user', content: 'How?' })
  expect(chat.getSnapshot().messages[0]).toEqual({ role: 'user', content: 'How?' })
})

test('an answer without a text that holds something else is sent again: a tool’s result needs its call', async () => {
  const call = { role: 'assistant', content: '', tool_calls: [{ id: 'a' }] }
  const result = { role: 'tool', content: '5 m', tool_call_id: 'a' }
  const initial = { messages: [{ role: 'user', content: 'How deep?' }, call, result] }
  const { chat, asked } = talk({ initial })
  chat.ask('And then?')
  await moment()
  expect(asked[0]?.messages).toEqual([...initial.messages, { role: 'user', content: 'And then?' }])
})

test('what came in the moment before the stream broke is shown while it is tried again', async () => {
  const { chat, asked } = talk()
  chat.ask('Hi')
  await moment()
  asked[0]?.say('All of it at once')
  asked[0]?.reset()
  await moment()
  expect(chat.getSnapshot()).toMatchObject({ status: 'retrying', answer: { text: 'All of it at once' } })
  await frame()
  expect(chat.getSnapshot().status).toBe('retrying')
})

test('a listener that asks has its answer shown as it comes', async () => {
  const { chat, asked } = talk()
  const off = chat.subscribe(() => {
    off()
    chat.subscribe(() => {})
    chat.ask('Now')
  })
  chat.ask('Hi')
  await moment()
  asked.at(-1)?.say('Hel')
  await frame()
  expect(chat.getSnapshot()).toMatchObject({ status: 'streaming', answer: { text: 'Hel' } })
})

describe('a saved answer that cannot go on', () => {
  const messages = [
    { role: 'user', content: 'Hi' },
    { role: 'assistant', content: 'Hel', answer: { ...nothing, text: 'Hel' } },
  ]
  const initial = { messages, from: { version: 9, url } } as unknown as SavedConversation

  test('has failed, and says why; whoever subscribes is not struck by it', async () => {
    const { chat, asked } = talk({ initial })
    const heard = vi.fn()
    chat.subscribe(heard)
    const { status, error, messages } = chat.getSnapshot()
    expect({ status, code: error?.code, cause: String(error?.cause) }).toEqual({
      ...{ status: 'failed', code: 'callback' },
      cause: expect.stringMatching(/^TypeError: from must be what reply.checkpoint\(\) gave/),
    })
    expect(messages).toHaveLength(2)
    chat.subscribe(() => {})
    await moment()
    expect(asked).toEqual([])
    expect(JSON.parse(JSON.stringify(chat.save())).from).toBeUndefined()
  })

  test('and is not asked for stays to be seen', async () => {
    const { chat } = talk({ initial, ask: () => undefined })
    chat.subscribe(() => {})
    expect(chat.getSnapshot()).toMatchObject({ status: 'stopped', isBusy: false, messages })
    expect(JSON.parse(JSON.stringify(chat.save()))).toMatchObject({ messages: [{}, { content: 'Hel' }] })
  })

  test('can be asked for again', async () => {
    const { chat, asked } = talk({ initial })
    chat.subscribe(() => {})
    chat.regenerate()
    await moment()
    expect(asked[0]?.messages).toEqual([{ role: 'user', content: 'Hi' }])
  })
})

describe('what cannot be asked is refused in words, and changes nothing', () => {
  test.each([
    ['a promise of a reply, which an async function gives', Promise.resolve({}), 'an object (Promise)'],
    ['a response', new Response(''), 'an object (Response)'],
    ['a function', () => {}, 'a function'],
  ])('%s', (_what, given, shown) => {
    const { chat } = talk({ ask: (() => given) as unknown as Ask })
    expect(() => chat.ask('Hi')).toThrow(
      new TypeError(`ask() must be a reply, and no promise of one; received ${shown}`),
    )
    expect(chat.getSnapshot()).toMatchObject({ status: 'idle', messages: [] })
  })

  test.each([
    ['the event of a button that is given `ask` itself', new Event('click'), 'an object (Event)'],
    ['nothing', undefined, 'undefined'],
    ['null', null, 'null'],
    ['a number', 5, '5'],
  ])('%s', async (_what, given, shown) => {
    const { chat, asked } = talk()
    expect(() => chat.ask(given as unknown as string)).toThrow(
      new TypeError(`message must have a role; received ${shown}`),
    )
    await moment()
    expect(asked).toEqual([])
    expect(chat.getSnapshot()).toMatchObject({ status: 'idle', messages: [] })
  })
})
