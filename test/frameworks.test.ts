// @vitest-environment happy-dom
/** Frameworks put proxies around what is kept in their state; a reply there works as any other. */
import { reactive, ref } from '@vue/reactivity'
import Alpine from 'alpinejs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createClient, type Reply, render, type StreamFailure, stream } from '../src/index.ts'
import { scriptedFetch } from '../src/testing/index.ts'

const url = 'https://api.example.com/v1'
const delta = (content: string) => ({ choices: [{ index: 0, delta: { content } }] })
const fetch = scriptedFetch({ events: [delta('Hel'), delta('lo'), '[DONE]'] })
const ask = (): Reply => stream(url, { fetch, json: {} })

/** `T` as state has it: what is in it may be a proxy, of which the compiler knows nothing. */
function kept<T extends object>(state: object): T {
  return state as T
}

/** An element of the page with such a component of Alpine's. */
function element(data: string, inside = ''): HTMLElement {
  const made = document.createElement('div')
  made.setAttribute('x-data', data)
  made.innerHTML = inside
  document.body.append(made)
  Alpine.initTree(made)
  return made
}

describe.each<[string, (reply: Reply) => Reply]>([
  ["Vue's ref", (reply) => ref(reply).value as unknown as Reply],
  ["Vue's reactive", (reply) => kept<{ reply: Reply }>(reactive({ reply })).reply],
  [
    'a store of refs, as Pinia makes them',
    (reply) => kept<{ chat: { reply: Reply } }>(reactive({ chat: ref({ reply }) })).chat.reply,
  ],
  [
    'data like that of Vue components, set later',
    (reply) => {
      const data = reactive<{ messages: object[] }>({ messages: [] })
      data.messages.push({ reply })
      return kept<{ reply: Reply }>(data.messages[0] as object).reply
    },
  ],
  [
    "Alpine's x-data",
    (reply) => {
      const data = kept<{ messages: { reply: Reply }[] }>(Alpine.$data(element('{ messages: [] }')))
      data.messages.push({ reply })
      return data.messages[0]!.reply
    },
  ],
])('a reply in %s', (_where, keep) => {
  test('is awaited', async () => {
    expect(await keep(ask()).text()).toBe('Hello')
    expect(await keep(ask()).answer()).toMatchObject({ text: 'Hello' })
  })

  test('is iterated', async () => {
    let text = ''
    for await (const each of keep(ask())) if (each.type === 'text') text += each.text
    expect(text).toBe('Hello')
  })

  test('is stopped', async () => {
    const reply = keep(ask())
    reply.cancel()
    await expect(reply.answer()).rejects.toMatchObject({ code: 'aborted' })
  })

  test('is rendered, and asked where it stands', async () => {
    const reply = keep(ask())
    expect(reply.checkpoint()).toMatchObject({ text: '' })
    const element = document.createElement('p')
    await render(reply, element)
    expect(element.textContent).toBe('Hello')
  })
})

test('an iterator, a client and a failure are kept in reactive state, too', async () => {
  const iterator = ask()[Symbol.asyncIterator]()
  const failed = scriptedFetch({ status: 400, body: '{"error":{"message":"No"}}' })
  const client = createClient({ fetch: failed, json: {} } as object)
  const failure = (await client
    .stream(url)
    .answer()
    .catch((error: StreamFailure) => error)) as StreamFailure
  const state = kept<{ iterator: typeof iterator; client: typeof client; failure: StreamFailure }>(
    reactive({ iterator, client, failure }),
  )
  expect((await state.iterator.next()).value).toMatchObject({ type: 'text' })
  await state.iterator.return?.()
  await expect(state.client.stream(url).answer()).rejects.toMatchObject({ code: 'http' })
  expect(state.failure.message).toContain('No')
})

describe("a page of Alpine's", () => {
  beforeAll(() => {
    Alpine.data('chat', () => ({
      reply: undefined as Reply | undefined,
      text: '',
      code: '',
      async begin() {
        const reply = ask()
        this.reply = reply
        reply.answer().catch((error: StreamFailure) => {
          this.code = error.code
        })
      },
      async read() {
        if (!this.reply) return
        for await (const each of this.reply) if (each.type === 'text') this.text += each.text
      },
    }))
    Alpine.start()
  })
  afterAll(() => {
    Alpine.stopObservingMutations()
    document.body.replaceChildren()
  })

  /** A component with this in it, of which something is shown once the first button has been pressed. */
  function pressed(inside: string) {
    const chat = element('chat', `<button @click="begin()"></button>${inside}`)
    const press = (at: number) => chat.querySelectorAll('button')[at]?.click()
    press(0)
    return { press, shown: () => chat.querySelector('output')?.textContent }
  }

  test('awaits a reply where it is shown', async () => {
    const { shown } = pressed('<output x-text="await reply?.text()"></output>')
    await expect.poll(shown).toBe('Hello')
    const whole = pressed('<output x-text="(await reply?.answer())?.text"></output>')
    await expect.poll(whole.shown).toBe('Hello')
  })

  test('iterates a reply, and shows it as it grows', async () => {
    const { press, shown } = pressed('<button @click="read()"></button><output x-text="text"></output>')
    press(1)
    await expect.poll(shown).toBe('Hello')
  })

  test('stops a reply', async () => {
    const { press, shown } = pressed(
      '<button @click="reply.cancel()"></button><output x-text="code"></output>',
    )
    press(1)
    await expect.poll(shown).toBe('aborted')
  })
})
