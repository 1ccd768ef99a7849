// @vitest-environment happy-dom
/** In Svelte: the contract of its stores. Runes are tried in a browser (test/examples/bindings.test.ts). */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { stream } from '../../src/index.ts'
import type { ConversationOptions } from '../../src/store/contract.ts'
import { createConversation } from '../../src/store/conversation.ts'
import { useConversation, useReply } from '../../src/svelte/stores.ts'
import { handFetch } from '../support/hand-fetch.ts'

const url = 'https://api.example.com/chat'
const frame = () => vi.advanceTimersByTimeAsync(300)
const { fetch, asked } = handFetch()
const options = {
  ask: (messages, own) => stream(url, { fetch, ...own, json: { messages } }),
} satisfies ConversationOptions

beforeEach(() => {
  vi.useFakeTimers()
  asked.length = 0
})
afterEach(() => {
  vi.useRealTimers()
})

describe('a conversation', () => {
  test('is a store: it tells at once, and after each change', async () => {
    const chat = useConversation(options)
    const said: string[] = []
    const leave = chat.subscribe(({ status, answer }) => void said.push(`${status} ${answer.text}`))
    chat.ask('Hi')
    await frame()
    asked[0]?.say('Hel')
    await frame()
    asked[0]?.say('lo')
    asked[0]?.end()
    await frame()
    leave()
    expect([...new Set(said)]).toEqual(['idle ', 'asking ', 'streaming Hel', 'done Hello'])
    expect(chat.current.messages).toHaveLength(2)
  })

  test('is cancelled when nobody shows it any more', async () => {
    const chat = useConversation(options)
    const leave = chat.subscribe(() => {})
    chat.ask('Hi')
    await frame()
    leave()
    await frame()
    expect(asked.map(({ method, isAborted }) => [method, isAborted])).toEqual([['POST', true]])
  })

  test('that was made elsewhere goes on', async () => {
    const made = createConversation({ ...options, keepUnseen: true })
    const leave = useConversation(made).subscribe(() => {})
    made.ask('Hi')
    await frame()
    leave()
    await frame()
    expect(asked[0]?.isAborted).toBe(false)
    made.stop()
  })

  test('that cannot go on says so to who subscribes', () => {
    const initial = { messages: [{ role: 'user', content: 'Hi' }], from: { version: 9, url } } as never
    const said: string[] = []
    useConversation({ ...options, initial }).subscribe(({ status }) => void said.push(status))()
    expect(said.at(-1)).toBe('failed')
  })

  test('can be read without an effect', () => {
    expect(useConversation(options).current).toMatchObject({ status: 'idle', messages: [] })
  })
})

describe('a reply', () => {
  test('is asked for by regenerate, and stops the one before', async () => {
    const reply = useReply((own) => stream(url, { fetch, ...own }))
    const leave = reply.subscribe(() => {})
    reply.regenerate()
    await frame()
    asked[0]?.say('one')
    await frame()
    expect(reply.current.answer.text).toBe('one')
    reply.regenerate()
    await frame()
    expect(asked.map(({ isAborted }) => isAborted)).toEqual([true, false])
    reply.stop()
    await frame()
    expect(reply.current.status).toBe('stopped')
    leave()
  })
})
