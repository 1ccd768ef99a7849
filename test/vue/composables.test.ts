// @vitest-environment happy-dom
/** The composables in Vue: what is drawn anew, what ends with the component, what a server does. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { createApp, createSSRApp, effectScope, h, nextTick, ref } from 'vue'
import { renderToString } from 'vue/server-renderer'
import { stream } from '../../src/index.ts'
import type { Conversation, ConversationOptions, ConversationState } from '../../src/store/contract.ts'
import { createConversation } from '../../src/store/conversation.ts'
import { useConversation, useReply } from '../../src/vue/composables.ts'
import { handFetch } from '../support/hand-fetch.ts'

const url = 'https://api.example.com/chat'
const frame = () => vi.advanceTimersByTimeAsync(300)
const { fetch, asked } = handFetch()
const options = {
  ask: (messages, own) => stream(url, { fetch, ...own, json: { messages } }),
} satisfies ConversationOptions

let place: HTMLElement
beforeEach(() => {
  vi.useFakeTimers()
  asked.length = 0
  place = document.body.appendChild(document.createElement('main'))
})
afterEach(() => {
  vi.useRealTimers()
})

function mounted(setup: () => () => unknown) {
  const app = createApp({ setup })
  app.mount(place)
  return app
}

describe('useConversation', () => {
  let chat: ConversationState & Conversation
  let renders = 0
  const setup = () => {
    chat = useConversation(options)
    return () => {
      renders++
      return h(
        'ol',
        chat.messages.map(({ role, content }) => h('li', `${role}: ${content}`)),
      )
    }
  }

  test('draws anew once a frame, what was said and what is being said', async () => {
    const app = mounted(setup)
    chat.ask('Hi')
    await vi.advanceTimersByTimeAsync(0)
    renders = 0
    for (let piece = 0; piece < 20; piece++) {
      asked[0]?.say('x')
      await vi.advanceTimersByTimeAsync(0)
    }
    await frame()
    expect(renders).toBe(1)
    expect(place.textContent).toBe(`user: Hiassistant: ${'x'.repeat(20)}`)
    asked[0]?.end()
    await frame()
    expect(chat).toMatchObject({ status: 'done', isBusy: false, words: 'The answer is complete.' })
    app.unmount()
  })

  test('cancels with the component', async () => {
    const app = mounted(setup)
    chat.ask('Hi')
    await frame()
    expect(asked[0]?.isAborted).toBe(false)
    app.unmount()
    await frame()
    expect(asked.map(({ method, isAborted }) => [method, isAborted])).toEqual([['POST', true]])
  })

  test('lives in a scope of its own as well', async () => {
    const scope = effectScope()
    const made = scope.run(() => useConversation(options))
    await nextTick()
    made?.ask('Hi')
    await vi.advanceTimersByTimeAsync(0)
    expect(made?.isBusy).toBe(true)
    scope.stop()
    await frame()
    expect(asked[0]?.isAborted).toBe(true)
  })

  test('only shows what was made elsewhere, which goes on without it', async () => {
    const made = createConversation({ ...options, keepUnseen: true })
    const app = mounted(() => {
      chat = useConversation(made)
      return () => chat.messages.length
    })
    made.ask('Hi')
    await frame()
    expect(place.textContent).toBe('2')
    app.unmount()
    asked[0]?.say('Hello')
    asked[0]?.end()
    await frame()
    expect(made.getSnapshot().status).toBe('done')
  })

  test('renders on a server, and asks nothing there', async () => {
    const initial = { messages: [{ role: 'user', content: 'Hi' }], from: { version: 2, url } as const }
    const app = createSSRApp({
      setup() {
        const own = useConversation({ ...options, initial })
        const reply = useReply((more) => stream(url, { fetch, ...more }))
        return () => h('p', `${own.messages.length} ${reply.status}`)
      },
    })
    expect(await renderToString(app)).toBe('<p>1 idle</p>')
    await frame()
    expect(asked).toEqual([])
  })
})

describe('useReply', () => {
  test('asks when it is mounted, and anew when something that was read for it changes', async () => {
    const id = ref('')
    const app = mounted(() => {
      const reply = useReply((own) => id.value && stream(`${url}/${id.value}`, { fetch, ...own }))
      return () => `${reply.status}: ${reply.answer.text}`
    })
    expect(place.textContent).toBe('idle: ')
    id.value = 'a'
    await frame()
    expect(asked.map((each) => each.url)).toEqual([`${url}/a`])
    asked[0]?.say('A')
    await frame()
    expect(place.textContent).toBe('streaming: A')
    expect(asked).toHaveLength(1)
    id.value = 'b'
    await frame()
    expect(asked.map(({ isAborted }) => isAborted)).toEqual([true, false])
    app.unmount()
    await frame()
    expect(asked.map(({ isAborted }) => isAborted)).toEqual([true, true])
  })

  test('shows no answer to what was asked before when it cannot be asked, and asks again later', async () => {
    const id = ref('a')
    const app = createApp({
      setup() {
        const reply = useReply((own) => {
          if (id.value === 'b') throw new Error('no such id')
          return stream(`${url}/${id.value}`, { fetch, ...own })
        })
        return () => `${reply.status}: ${reply.answer.text}`
      },
    })
    const told: unknown[] = []
    app.config.errorHandler = (error) => void told.push(String(error))
    app.mount(place)
    await frame()
    asked[0]?.say('A')
    await frame()
    id.value = 'b'
    await frame()
    expect(told).toEqual(['Error: no such id'])
    expect(place.textContent).toBe('idle: ')
    expect(asked.map(({ isAborted }) => isAborted)).toEqual([true])
    id.value = 'c'
    await frame()
    expect(asked.map((each) => each.url)).toEqual([`${url}/a`, `${url}/c`])
    app.unmount()
  })
})
