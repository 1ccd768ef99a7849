/** `useChat` as the recipe has it: its own code in a page, `streamText` behind the relay. */
import { MockLanguageModelV4 } from 'ai/test'
import { Window } from 'happy-dom'
import { serve } from 'srvx'
import { beforeEach, expect, test, vi } from 'vitest'
import { closing } from '../support/relay.ts'

const RECIPES = new URL('../../demo/relay/recipes/', import.meta.url)
const untyped = (name: string) => import(/* @vite-ignore */ name)
const recipe = (file: string) => untyped(new URL(file, RECIPES).href)
// React asks once, when it is loaded, whether there is a page.
const window = new Window({ url: 'http://localhost' })

const { document, navigator, sessionStorage, FormData } = window
// What React still has to do after a test needs them, too.
for (const [name, value] of Object.entries({ window, document, navigator, sessionStorage, FormData }))
  Object.defineProperty(globalThis, name, { value, configurable: true })

/** What a model is in the AI SDK, saying what the test says. */
class Said {
  readonly signals: (AbortSignal | undefined)[] = []
  #parts: ReadableStreamDefaultController<unknown> | undefined

  readonly provider = {
    specificationVersion: 'v4',
    languageModel: () =>
      new MockLanguageModelV4({
        doStream: async ({ abortSignal }) => {
          this.signals.push(abortSignal)
          const stream = new ReadableStream({
            start: (parts) => {
              this.#parts = parts
              parts.enqueue({ type: 'stream-start', warnings: [] })
              parts.enqueue({ type: 'text-start', id: '1' })
            },
          })
          return { stream } as never
        },
      }),
  }

  say(delta: string): void {
    this.#parts?.enqueue({ type: 'text-delta', id: '1', delta })
  }

  finish(): void {
    this.#parts?.enqueue({ type: 'text-end', id: '1' })
    const usage = { inputTokens: { total: 1 }, outputTokens: { total: 1 } }
    this.#parts?.enqueue({ type: 'finish', finishReason: { unified: 'stop', raw: 'stop' }, usage })
    this.#parts?.close()
  }
}

let said: Said
beforeEach(async () => {
  said = new Said()
  vi.stubGlobal('AI_SDK_DEFAULT_PROVIDER', said.provider)
  vi.resetModules()
  const route = await recipe('use-chat-server.mjs')
  const server = serve({
    ...{ port: 0, hostname: '127.0.0.1', silent: true, gracefulShutdown: false },
    fetch: (request) => route[request.method](request),
  })
  closing(await server.ready(), (each) => each.close(true))
  const { fetch } = globalThis
  vi.stubGlobal('fetch', (url: string, init: RequestInit) => fetch(new URL(url, server.url), init))
  sessionStorage.clear()
})

/** The component in a page of its own. */
async function open(initialMessages: readonly object[] = []) {
  const { createElement } = await untyped('react')
  const { createRoot } = await untyped('react-dom/client')
  const { Chat } = await recipe('use-chat.jsx')
  const place = document.createElement('div')
  document.body.replaceChildren(place)
  const root = createRoot(place as never)
  root.render(createElement(Chat, { initialMessages }))
  const read = (what: string) => place.querySelector(what)?.textContent
  await expect.poll(() => read('[role=status]')).toBeTruthy()
  return {
    read,
    answers: () => Array.from(place.querySelectorAll('.assistant'), (each) => each.textContent),
    status: () => read('[role=status]'),
    click: () => (place.querySelector('button') as unknown as HTMLElement).click(),
    leave: () => root.unmount(),
  }
}

const QUESTION = { id: 'q', role: 'user', parts: [{ type: 'text', text: 'Hi' }] }

/** A page that has asked, and has been told the beginning. */
async function begun() {
  const page = await open()
  await expect.poll(page.status).toBe('ready')
  page.click()
  await expect.poll(() => said.signals.length).toBe(1)
  said.say('Hel')
  await expect.poll(page.answers).toEqual(['Hel'])
  return page
}

test('shows an answer as it comes, and goes on with it after a reload', async () => {
  const page = await begun()
  page.leave()
  const next = await open([QUESTION])
  await expect.poll(next.answers).toEqual(['Hel'])
  said.say('lo')
  await expect.poll(next.answers).toEqual(['Hello'])
  expect(said.signals.map((each) => each?.aborted)).toEqual([false])
  said.finish()
  await expect.poll(next.status).toBe('ready')
  expect(next.answers()).toEqual(['Hello'])
  // It is not read again from now on.
  expect(sessionStorage.length).toBe(0)
  next.leave()
})

test('shows what a model said while nobody was there', async () => {
  const page = await begun()
  page.leave()
  said.say('lo')
  said.finish()
  const next = await open([QUESTION])
  await expect.poll(next.answers).toEqual(['Hello'])
  await expect.poll(next.status).toBe('ready')
  next.leave()
})

test('stops the model, keeps what it has said, and takes the next question', async () => {
  const page = await begun()
  expect(page.read('button')).toBe('Stop')
  page.click()
  await expect.poll(page.status).toBe('The answer was stopped (stopped)')
  expect(page.answers()).toEqual(['Hel'])
  expect(said.signals[0]?.aborted).toBe(true)
  expect(page.read('button')).toBe('Send')
  page.click()
  await expect.poll(() => said.signals.length).toBe(2)
  said.say('Again')
  said.finish()
  await expect.poll(page.answers).toEqual(['Hel', 'Again'])
  await expect.poll(page.status).toBe('ready')
  page.leave()
})
