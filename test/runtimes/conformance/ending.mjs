/** How the caller ends it: nothing stays. */
import { failureOf, once, quick, said, same, sure, until } from './wire.mjs'

const HANGING = { steps: /** @type {const} */ ([said('Hold '), 'HANG']) }

/** @type {import('./wire.mjs').Checks} */
export const ENDING = {
  async 'cancel(), a signal, leaving the loop: aborted, with the text, and the socket is closed'({
    library,
    play,
  }) {
    const mine = new Error('mine')
    for (const way of /** @type {const} */ (['cancel', 'signal', 'break'])) {
      const { url, left } = await play(HANGING)
      const controller = new AbortController()
      const told = /** @type {string[]} */ ([])
      const reply = library.stream(url, {
        ...{ ...once, signal: controller.signal },
        onAbort: ({ code }) => void told.push(code),
      })
      const outcome = failureOf(reply.answer())
      for await (const _ of reply) {
        if (way === 'cancel') reply.cancel(mine)
        if (way === 'signal') controller.abort(mine)
        break
      }
      const error = await outcome
      same(error, { code: 'aborted', name: 'AbortError', retryable: false, answer: { text: 'Hold ' } }, way)
      sure(way === 'break' || error.cause === mine, `${way}: the reason is ${error.cause}`)
      same(told, ['aborted'], way)
      await left()
    }
  },

  async 'the end of its block ends a reply'({ library, play }) {
    sure(typeof Symbol.asyncDispose === 'symbol', 'there is no Symbol.asyncDispose')
    const { url, left } = await play(HANGING)
    const reply = library.stream(url, once)
    const outcome = failureOf(reply.answer())
    // What `await using` calls, which not every engine can parse.
    for await (const _ of reply) {
      await reply[Symbol.asyncDispose]()
      break
    }
    same(await outcome, { code: 'aborted', answer: { text: 'Hold ' } })
    await left()
  },

  async 'a callback that throws ends the reply, and is named'({ library, play }) {
    const { url, left } = await play(HANGING)
    const cause = new RangeError('mine')
    const onChunk = () => {
      throw cause
    }
    const error = await failureOf(library.stream(url, { ...quick, onChunk }).answer())
    same(error, { code: 'callback', callback: 'onChunk', attempts: 1, answer: { text: 'Hold ' } })
    sure(error.cause === cause, `the cause is ${error.cause}`)
    same((await left()).length, 1)
  },

  async 'stop() stops the answer at the server, too'({ library, play }) {
    const headers = { 'content-location': 'log' }
    const { url, told } = await play({ ...HANGING, headers }, { status: 204, steps: ['END'] })
    const reply = library.stream(`${url}/chat`, { ...once, headers: { 'x-user': '7' } })
    const outcome = failureOf(reply.answer())
    for await (const _ of reply) {
      reply.stop()
      break
    }
    same(await outcome, { code: 'aborted', answer: { text: 'Hold ' } })
    const [, stopped] = await until(told, ({ length }) => length === 2)
    same(stopped, { method: 'DELETE', path: new URL(`${url}/log`).pathname, headers: { 'x-user': '7' } })
  },
}
