// @vitest-environment happy-dom
/** The hooks in React: StrictMode, unmounting, the last render's options, warnings. */
import { Activity, act, createElement, StrictMode, useEffect } from 'react'
import { createRoot, type Root } from 'react-dom/client'
import { renderToString } from 'react-dom/server'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { stream } from '../../src/index.ts'
import { useConversation, useReply } from '../../src/react/hooks.ts'
import type { Conversation, ConversationState } from '../../src/store/contract.ts'
import { createConversation } from '../../src/store/conversation.ts'
import { handFetch } from '../support/hand-fetch.ts'

const url = 'https://api.example.com/chat'
const soon = (ms: number) => act(() => vi.advanceTimersByTimeAsync(ms))
const frame = () => soon(300)

let root: Root
let place: HTMLElement
let told: unknown[]

beforeEach(() => {
  vi.useFakeTimers()
  vi.stubGlobal('IS_REACT_ACT_ENVIRONMENT', true)
  told = []
  for (const how of ['error', 'warn'] as const)
    vi.spyOn(console, how).mockImplementation((...words) => void told.push(words))
  place = document.body.appendChild(document.createElement('main'))
  root = createRoot(place)
})
afterEach(async () => {
  await act(async () => root.unmount())
  vi.useRealTimers()
  expect(told).toEqual([])
})

const show = (element: React.ReactNode) =>
  act(async () => root.render(createElement(StrictMode, null, element)))

describe('useConversation', () => {
  let chat: ConversationState & Conversation
  let renders = 0
  const { fetch, asked } = handFetch()
  beforeEach(() => {
    asked.length = renders = 0
  })

  function Chat({ model = 'one' }: { readonly model?: string }) {
    renders++
    chat = useConversation({
      ask: (messages, options) => stream(`${url}/${model}`, { fetch, ...options, json: { messages } }),
    })
    return chat.messages.map(({ role, content }, at) =>
      createElement('p', { key: at }, `${role}: ${content}`),
    )
  }

  test('sends one request under StrictMode, and renders once a frame', async () => {
    await show(createElement(Chat))
    expect(asked).toHaveLength(0)
    await act(async () => chat.ask('Hi'))
    expect(asked).toHaveLength(1)
    renders = 0
    for (let piece = 0; piece < 20; piece++) {
      asked[0]?.say('x')
      await soon(0)
    }
    await frame()
    // Each of which StrictMode makes twice.
    expect(renders).toBeLessThanOrEqual(4)
    expect(place.textContent).toBe(`user: Hiassistant: ${'x'.repeat(20)}`)
    asked[0]?.end()
    await frame()
    expect(chat).toMatchObject({ status: 'done', words: 'The answer is complete.' })
  })

  test('asks with what the last render has said', async () => {
    await show(createElement(Chat))
    await show(createElement(Chat, { model: 'two' }))
    await act(async () => chat.ask('Hi'))
    expect(asked.map(({ url }) => url)).toEqual([`${url}/two`])
  })

  test('asks with what this render has said, though a child asks in its effect, which comes first', async () => {
    function Child({ chat, model }: { readonly chat: Conversation; readonly model: string }) {
      useEffect(() => {
        if (model === 'two') chat.ask('Hi')
      }, [chat.ask, model])
      return null
    }
    function Parent({ model }: { readonly model: string }) {
      const chat = useConversation({ ask: (_, options) => stream(`${url}/${model}`, { fetch, ...options }) })
      return createElement(Child, { chat, model })
    }
    await show(createElement(Parent, { model: 'one' }))
    await show(createElement(Parent, { model: 'two' }))
    expect(asked.map(({ url }) => url)).toEqual([`${url}/two`])
  })

  test('cancels when its component has gone, but not before', async () => {
    await show(createElement(Chat))
    await act(async () => chat.ask('Hi'))
    await soon(10)
    expect(asked[0]?.isAborted).toBe(false)
    await act(async () => root.render(null))
    await soon(10)
    expect(asked.map(({ isAborted, method }) => [method, isAborted])).toEqual([['POST', true]])
  })

  test('only shows what was made elsewhere, which goes on without it', async () => {
    const made = createConversation({
      keepUnseen: true,
      ask: (messages, options) => stream(url, { fetch, ...options, json: { messages } }),
    })
    function Shown() {
      return useConversation(made).messages.map(({ content }) => content)
    }
    await show(createElement(Shown))
    await act(async () => made.ask('Hi'))
    await act(async () => root.render(null))
    await soon(10)
    asked[0]?.say('Hello')
    asked[0]?.end()
    await frame()
    expect(made.getSnapshot().status).toBe('done')
    await show(createElement(Shown))
    expect(place.textContent).toBe('HiHello')
  })

  test('renders on a server, and asks nothing there', () => {
    expect(renderToString(createElement(Chat))).toBe('')
    expect(asked).toEqual([])
  })
})

describe('useReply', () => {
  const { fetch, asked } = handFetch()
  beforeEach(() => {
    asked.length = 0
  })

  function Summary({ id }: { readonly id: string }) {
    const { answer, status } = useReply(
      (options) => id && stream(`${url}/${id}`, { fetch, ...options }),
      [id],
    )
    return `${status}: ${answer.text}`
  }

  test('asks once, and anew when what it depends on changes', async () => {
    await show(createElement(Summary, { id: 'a' }))
    await show(createElement(Summary, { id: 'a' }))
    expect(asked.map(({ url }) => url)).toEqual([`${url}/a`])
    asked[0]?.say('A')
    await frame()
    expect(place.textContent).toBe('streaming: A')
    await show(createElement(Summary, { id: 'b' }))
    expect(asked.map(({ url }) => url)).toEqual([`${url}/a`, `${url}/b`])
    await soon(0)
    expect(asked[0]?.isAborted).toBe(true)
    asked[1]?.say('B')
    asked[1]?.end()
    await frame()
    expect(place.textContent).toBe('done: B')
  })

  test('asks nothing without a reply, and cancels when it has gone', async () => {
    await show(createElement(Summary, { id: '' }))
    expect(place.textContent).toBe('idle: ')
    await show(createElement(Summary, { id: 'a' }))
    expect(asked).toHaveLength(1)
    await act(async () => root.render(null))
    await soon(10)
    expect(asked[0]?.isAborted).toBe(true)
  })

  describe('hidden by <Activity> and shown again', () => {
    const put = (mode: 'visible' | 'hidden', id = 'a') =>
      show(createElement(Activity, { mode, children: createElement(Summary, { id }) }))
    async function hideAndShow(id?: string) {
      await put('hidden', id)
      await frame()
      await put('visible', id)
      await frame()
    }

    test('keeps what was whole: another one would be paid for', async () => {
      await put('visible')
      asked[0]?.say('A')
      asked[0]?.end()
      await frame()
      await hideAndShow()
      expect(asked).toHaveLength(1)
      expect(place.textContent).toBe('done: A')
    })

    test('asks again for what was cancelled with it, and for what has changed meanwhile', async () => {
      await put('visible')
      asked[0]?.say('A')
      await hideAndShow()
      expect(asked.map(({ isAborted }) => isAborted)).toEqual([true, false])
      asked[1]?.say('A')
      asked[1]?.end()
      await frame()
      await hideAndShow('b')
      expect(asked.map(({ url }) => url)).toEqual([`${url}/a`, `${url}/a`, `${url}/b`])
    })
  })
})
