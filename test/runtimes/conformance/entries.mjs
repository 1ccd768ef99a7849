/** The other entries: under an SDK, on a server, in an app, in its tests. */
import {
  chunk,
  DONE,
  failureOf,
  numbered,
  once,
  quick,
  refusal,
  said,
  same,
  sure,
  until,
  whole,
} from './wire.mjs'

const ASKED = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"stream":true}' }
/** @type {(...words: readonly string[]) => string} */
const bytesOf = (...words) => [...words.map(said), DONE].join('')

/** @type {import('./wire.mjs').Checks} */
export const ENTRIES = {
  async 'createFetch() heals a stream under who reads bytes'({ library, play }) {
    const fetch = library.createFetch({ retry: { baseMs: 1 } })
    const failing = await play(
      refusal(503, {}),
      { steps: [chunk({ role: 'assistant' }), 'END'] },
      whole('Hold ', 'fast.'),
    )
    const response = await fetch(failing.url, ASKED)
    same([response.status, await response.text()], [200, bytesOf('Hold ', 'fast.')])
    const kept = await play(
      { headers: { 'content-location': 'log' }, steps: [...numbered(1, said('Hold ')), 200, 'END'] },
      { steps: [...numbered(2, said('fast.'), DONE), 'END'] },
    )
    const text = await (await fetch(`${kept.url}/chat`, ASKED)).text()
    same(text.replace(/^id: \d+\n/gm, ''), bytesOf('Hold ', 'fast.'))
    same(
      (await kept.told()).map(({ method }) => method),
      ['POST', 'GET'],
    )
    const cut = await play({ steps: [said('Hold '), 'END'] })
    const broken = await fetch(cut.url, ASKED)
    // As SDKs read it: in browsers text() has an error of its own.
    same(await failureOf(readToEnd(broken)), { code: 'truncated', answer: { text: 'Hold ' } })
    const refused = await play(refusal(404, { error: 'nowhere' }))
    same(await (await fetch(refused.url, ASKED)).json(), { error: 'nowhere' })
  },

  async 'toResponse() hands an answer on, and says at its end why it is not whole'({ library, play }) {
    const good = await play(refusal(503, {}), whole('Hold ', 'fast.'))
    const response = library.stream(good.url, quick).toResponse({ headers: { 'x-own': '1' } })
    same([response.status, response.headers.get('x-own')], [200, '1'])
    const text = await response.text()
    sure(text.includes(`${bytesOf('Hold ', 'fast.')}: holdfast done`), text)
    const cut = await play({ steps: [said('Hold '), 'END'] })
    const handed = await library.stream(cut.url, once).toResponse().text()
    sure(handed.includes(said('Hold ')) && /"code":"truncated"/.test(handed), handed)
    // What a page makes of it.
    const fetch = async () => library.stream(cut.url, once).toResponse()
    const page = library.stream('https://own.example/chat', { ...once, fetch })
    same(await failureOf(page.answer()), { code: 'api', isFinal: true, answer: { text: 'Hold ' } })
  },

  async 'a relay keeps an answer: asked once, read by many, gone on with, stopped'({ library, play }) {
    const { url, told, left, seen } = await play(
      { steps: [said('Hold '), 'SEEN', said('fast.'), DONE, 'END'] },
      { steps: [said('Hold '), 'HANG'] },
    )
    const ai = library.createClient({ baseUrl: url, retry: { baseMs: 1 }, dialect: library.openaiChat })
    const relay = library.createRelay({ ai, store: library.memoryStore() })
    /** @type {typeof globalThis.fetch} */
    const fetch = (input, init) => relay.fetch(new Request(input, init))
    const chat = 'https://own.example/api/chat'
    const first = library.stream(chat, { fetch, json: { messages: [] } })
    for await (const { type } of first) if (type === 'text') break
    const place = first.checkpoint()
    first.cancel()
    await failureOf(first.answer())
    const second = library.stream(chat, { fetch, json: {}, from: place })
    const third = library.stream(String(place && 'url' in place ? place.url : ''), { fetch })
    seen()
    same(await Promise.all([second.text(), third.text()]), ['Hold fast.', 'Hold fast.'])
    same((await told()).length, 1)
    const stopped = library.stream(chat, { fetch, json: { messages: [] } })
    const outcome = failureOf(stopped.answer())
    for await (const _ of stopped) {
      stopped.stop()
      break
    }
    same(await outcome, { code: 'aborted' })
    same((await left()).length, 2)
    await relay.drain({ graceMs: 0 })
  },

  async 'a conversation over a scripted fetch: shown, saved, taken up again'({ library }) {
    const { createConversation, scriptedFetch, stream } = library
    const delta = (/** @type {string} */ content) => ({ choices: [{ index: 0, delta: { content } }] })
    const fetch = scriptedFetch(
      { offline: true },
      { events: [delta('Hold ')], end: 'reset' },
      { events: [delta('Hold '), delta('fast.'), '[DONE]'], pieceBytes: 3 },
      { events: [delta('Again.'), '[DONE]'] },
    )
    /** @type {Parameters<typeof createConversation>[0]['ask']} */
    const ask = (messages, options) =>
      stream('https://own.example/chat', {
        ...quick,
        ...options,
        fetch,
        recovery: 'replay',
        json: { messages },
      })
    const chat = createConversation({ ask })
    const statuses = new Set()
    const leave = chat.subscribe(() => statuses.add(chat.getSnapshot().status))
    chat.ask('How?')
    await until(chat.getSnapshot, ({ isBusy }) => !isBusy)
    same(chat.getSnapshot(), { status: 'done', attempts: 3, answer: { text: 'Hold fast.' } })
    sure(statuses.has('retrying'), `was ${[...statuses].join()}`)
    const again = createConversation({ ask, initial: JSON.parse(JSON.stringify(chat.save())) })
    leave()
    again.subscribe(() => {})
    again.ask('And?')
    await until(again.getSnapshot, ({ isBusy }) => !isBusy)
    const words = again.getSnapshot().messages.map(({ content }) => content)
    same([words, fetch.requests.length], [['How?', 'Hold fast.', 'And?', 'Again.'], 4])
  },
}

/** @type {(response: Response) => Promise<void>} */
async function readToEnd({ body }) {
  const reader = body?.getReader()
  while (reader && !(await reader.read()).done);
}
