/** What comes whole, however it is read. */
import { LANGUAGES, TEXT } from './languages.mjs'
import { chunk, DONE, data, failureOf, once, said, same, sure, whole } from './wire.mjs'

/** @type {(language: import('./languages.mjs').Language, pieceBytes?: number) => import('./wire.mjs').Script} */
const speaking = ({ type = 'text/event-stream', frames }, pieceBytes) => ({
  headers: { 'content-type': type },
  steps: [frames.join(''), 'END'],
  ...(pieceBytes && { pieceBytes }),
})
const WORDS = ['The ', 'sea ', 'holds ', 'fast.']
const SEA = WORDS.join('')

/** @type {import('./wire.mjs').Checks} */
export const READING = {
  async 'every language of the README is whole by its name'({ library, play }) {
    for (const [name, language] of Object.entries(LANGUAGES)) {
      const { url } = await play(speaking(language))
      const dialect = library[/** @type {keyof typeof LANGUAGES} */ (name)]
      same(await library.stream(url, { ...once, dialect }).text(), TEXT, name)
    }
    const text = await play({ headers: { 'content-type': 'text/plain' }, steps: [TEXT, 'END'] })
    const dialect = library.endsAtClose(library.text)
    same(await library.stream(text.url, { ...once, dialect }).text(), TEXT, 'text')
    const own = await play(speaking(LANGUAGES.tgi))
    const meaningOf = (/** @type {{ data: string }} */ event) => {
      const { token, generated_text: end } = JSON.parse(event.data)
      return { text: token.text, end: end !== null }
    }
    same(await library.stream(own.url, { ...once, dialect: meaningOf }).text(), TEXT, 'a function')
  },

  async 'auto finds out the language, or names the one to be told'({ library, play }) {
    for (const [name, language] of Object.entries(LANGUAGES)) {
      if (!language.isFound) continue
      const { url } = await play(speaking(language))
      same(await library.stream(url, once).text(), TEXT, name)
    }
    const { url } = await play(speaking(LANGUAGES.tgi))
    const { code, message } = await failureOf(library.stream(url, once).answer())
    sure(code === 'protocol' && message.includes('dialect: tgi'), `tgi: ${code}, ${message}`)
  },

  async 'characters that arrive byte by byte stay whole'({ library, play }) {
    for (const name of /** @type {const} */ (['openaiChat', 'ollama', 'plain'])) {
      const { url } = await play(speaking(LANGUAGES[name], 1))
      let seen = ''
      const onChunk = (/** @type {string} */ text) => {
        sure(!/[\uD800-\uDBFF]$|\uFFFD/.test(text), `half a character in ${JSON.stringify(text)}`)
        seen += text
      }
      await library.stream(url, { ...once, onChunk }).answer()
      same(seen, TEXT, name)
    }
  },

  async 'callbacks, two loops and the promise are told the same'({ library, play }) {
    const { url } = await play(whole(...WORDS))
    const called = { text: '', types: '', ended: 0 }
    const reply = library.stream(url, {
      ...once,
      onDelta(delta) {
        if (delta.type === 'text') called.text += delta.text
        called.types += `${delta.type} `
      },
      onComplete: () => void called.ended++,
    })
    const read = async () => {
      const heard = { text: '', types: '', ended: 0 }
      for await (const delta of reply) {
        if (delta.type === 'text') heard.text += delta.text
        heard.types += `${delta.type} `
      }
      return { ...heard, ended: 1 }
    }
    const all = await Promise.all([read(), read(), reply.text(), reply.answer()])
    const right = { text: SEA, types: 'text text text text finish ', ended: 1 }
    same([called, ...all], [right, right, right, SEA, { text: SEA, finishReason: 'stop' }])
  },

  async 'a reader that comes late gets all from the first word on'({ library, play }) {
    const { url } = await play(whole(...WORDS))
    const reply = library.stream(url, once)
    await reply.answer()
    let text = ''
    for await (const delta of reply) if (delta.type === 'text') text += delta.text
    same(text, SEA)
  },

  async 'a slow loop holds the network back'({ library }) {
    let pulled = 0
    const fetch = async () => {
      const bytes = new TextEncoder().encode(said('x'.repeat(1_000)))
      const body = new ReadableStream(
        {
          pull(controller) {
            if (pulled++ < 400) controller.enqueue(bytes)
            else controller.close()
          },
        },
        { highWaterMark: 0 },
      )
      return new Response(body, { headers: { 'content-type': 'text/event-stream' } })
    }
    const reply = library.stream('https://slow.example/', { ...once, fetch })
    const reader = reply[/** @type {typeof Symbol.asyncIterator} */ (Symbol.asyncIterator)]()
    await reader.next()
    await new Promise((resolve) => setTimeout(resolve, 60))
    const ahead = pulled
    reply.cancel()
    await failureOf(reply.answer())
    sure(ahead < 100, `${ahead} of 400 pieces were read ahead of a loop that took one`)
  },

  async 'tool calls come in pieces, and whole in the answer'({ library, play }) {
    const piece = (/** @type {object} */ call) => chunk({ tool_calls: [{ index: 0, ...call }] })
    const frames = [
      piece({ id: 'c1', function: { name: 'look', arguments: '' } }),
      ...['{"at":', '"sea"}'].map((json) => piece({ function: { arguments: json } })),
      chunk({}, 'tool_calls'),
    ]
    const { url } = await play({ steps: [...frames, 'data: [DONE]\n\n', 'END'] })
    const toolCalls = [{ id: 'c1', name: 'look', arguments: '{"at":"sea"}' }]
    same(await library.stream(url, once).answer(), { finishReason: 'tool-calls', toolCalls })
  },

  async 'reasoning and usage come as what they are'({ library, play }) {
    const usage = data({ choices: [], usage: { prompt_tokens: 7, completion_tokens: 5, total_tokens: 12 } })
    const thought = chunk({ reasoning_content: 'Hm' })
    const { url } = await play({
      steps: [thought, said('Hold'), chunk({}, 'stop'), usage, 'data: [DONE]\n\n', 'END'],
    })
    const types = []
    const reply = library.stream(url, once)
    for await (const { type } of reply) types.push(type)
    same(types.toSorted(), ['finish', 'reasoning', 'text', 'usage'])
    const counts = { inputTokens: 7, outputTokens: 5 }
    same(await reply.answer(), { text: 'Hold', reasoning: 'Hm', usage: counts })
  },

  async 'one JSON document, where a stream was asked for, is read'({ library, play }) {
    const message = { role: 'assistant', content: SEA }
    const body = { object: 'chat.completion', choices: [{ index: 0, message, finish_reason: 'stop' }] }
    const headers = { 'content-type': 'application/json' }
    const { url } = await play({ headers, steps: [JSON.stringify(body), 'END'] })
    same(await library.stream(url, once).answer(), { text: SEA, finishReason: 'stop' })
  },

  async 'an end that is said is believed: whole at once, and the socket is let go'({ library, play }) {
    const { url, left } = await play({ steps: [said(SEA), DONE, 'HANG'] })
    same(await library.stream(url, once).text(), SEA)
    same((await left()).length, 1)
  },

  async 'a line without an end is refused at a bound'({ library, play }) {
    const { url } = await play({ steps: [said('Hold'), `data: ${'x'.repeat(200_000)}`, 'HANG'] })
    const error = await failureOf(library.stream(url, { ...once, maxEventBytes: 50_000 }).answer())
    same(error, { code: 'protocol', answer: { text: 'Hold' } })
    // Whether the socket is closed is asked elsewhere: in the middle of a flood Firefox now and then leaves it open.
  },
}
