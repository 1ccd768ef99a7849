/** How it fails: told exactly, with what had arrived. */
import { chunk, data, failureOf, once, quick, refusal, said, same, sure, whole } from './wire.mjs'

const EVENTS = { 'content-type': 'text/event-stream' }
const KEY = 'sk-proj-4f9a8b7c6d5e3210'

/** @type {import('./wire.mjs').Checks} */
export const FAILING = {
  async 'a polite end in the middle is no answer'({ library, play }) {
    const { url } = await play({ steps: [said('Hold '), said('fa'), 'END'] })
    const error = await failureOf(library.stream(url, once).answer())
    same(error, { code: 'truncated', retryable: true, attempts: 1, answer: { text: 'Hold fa' } })
  },

  async 'a cut that nobody has seen is asked again, and comes whole once'({ library, play }) {
    const cut = { steps: [said('Hold '), 'END'] }
    const { url, told } = await play(cut, cut, whole('Hold ', 'fast.'))
    const { text, stats } = await library.stream(url, quick).answer()
    same(
      [text, stats.attempts.map(({ error }) => error ?? '')],
      ['Hold fast.', ['truncated', 'truncated', '']],
    )
    same(
      (await told()).map(({ body }) => body),
      Array(3).fill('{"stream":true}'),
    )
  },

  async 'a reset keeps the text that had arrived'({ library, play }) {
    const { url, seen } = await play({ steps: [said('Hold '), 'SEEN', 'RST'] })
    const error = await failureOf(library.stream(url, { ...once, onChunk: seen }).answer())
    same(error, { code: 'network', phase: 'body', retryable: true, answer: { text: 'Hold ' } })
  },

  async 'a reset right behind the first bytes is a failure, and nothing is made up'({ library, play }) {
    const { url } = await play({ steps: [said('Hold '), 'RST'] })
    const { code, answer } = await failureOf(library.stream(url, once).answer())
    sure(code === 'network' && ['', 'Hold '].includes(answer.text), `${code}, ${JSON.stringify(answer.text)}`)
  },

  async 'silence in the middle ends by a clock that is named'({ library, play }) {
    const { url, left } = await play({ steps: [said('Hold '), 'HANG'] })
    const stalls = /** @type {string[]} */ ([])
    const error = await failureOf(
      library
        .stream(url, {
          ...{ ...once, timeouts: { idleMs: 250 }, stallMs: 60 },
          onStall: ({ phase }) => void stalls.push(phase),
        })
        .answer(),
    )
    same(error, {
      code: 'timeout',
      name: 'TimeoutError',
      phase: 'idle',
      timeoutMs: 250,
      answer: { text: 'Hold ' },
    })
    sure(error.message.includes('timeouts.idleMs'), error.message)
    sure(stalls.includes('idle'), `onStall was told of ${stalls.join() || 'nothing'}`)
    await left()
  },

  async 'no headers, or heartbeats without a word: so do these'({ library, play }) {
    const silent = await play({})
    const connect = library.stream(silent.url, { ...once, timeouts: { connectMs: 150 } })
    same(await failureOf(connect.answer()), { code: 'timeout', phase: 'connect', timeoutMs: 150 })
    const beats = Array.from({ length: 100 }, () => [': ping\n\n', 20]).flat()
    const pinging = await play({ steps: [...beats, 'HANG'] })
    const first = library.stream(pinging.url, { ...once, timeouts: { firstMs: 300 } })
    same(await failureOf(first.answer()), { code: 'timeout', phase: 'first', timeoutMs: 300 })
    await Promise.all([silent.left(), pinging.left()])
  },

  async 'a page, an empty body, 204: no answer under 200'({ library, play }) {
    const page = await play({
      headers: { 'content-type': 'text/html' },
      steps: ['<!doctype html><title>Sign in</title>', 'END'],
    })
    const refused = await failureOf(library.stream(page.url, once).answer())
    same(refused, { code: 'protocol', status: 200, answer: { text: '' } })
    sure(refused.message.includes('Sign in'), refused.message)
    for (const status of [200, 204]) {
      const { url } = await play({ status, steps: ['END'] })
      const { code } = await failureOf(library.stream(url, once).answer())
      sure(['truncated', 'protocol'].includes(code), `${status} without a body: ${code}`)
    }
  },

  async 'an error under 200, alone or in the stream, is told in the provider’s words'({ library, play }) {
    const error = { message: 'The model is overloaded', type: 'server_error', code: 'overloaded' }
    const told = { code: 'api', message: error.message, type: error.type, providerCode: error.code }
    const alone = await play(refusal(200, { error }))
    same(await failureOf(library.stream(alone.url, once).answer()), told)
    const within = await play({ steps: [said('Hold '), data({ error }), 'END'] })
    const failure = await failureOf(library.stream(within.url, once).answer())
    same(failure, { ...told, answer: { text: 'Hold ' } })
  },

  async '503 and 429 wait as long as Retry-After says, but not for an hour'({ library, play }) {
    const busy = { error: { message: 'Busy' } }
    const wait = { 'retry-after-ms': '60' }
    const { url } = await play(refusal(503, busy, wait), refusal(429, busy, wait), whole('Hold fast.'))
    const waits = /** @type {number[]} */ ([])
    const onRetry = (/** @type {{ delayMs: number }} */ { delayMs }) => void waits.push(delayMs)
    same(await library.stream(url, { ...quick, onRetry }).text(), 'Hold fast.')
    sure(waits.length === 2 && waits.every((ms) => ms >= 60 && ms < 100), `waited ${waits.join()} for 60`)
    const closed = await play(refusal(429, busy, { 'retry-after': '3600', 'x-request-id': 'r-7' }))
    const error = await failureOf(library.stream(closed.url, quick).answer())
    same(error, { code: 'http', status: 429, retryAfterMs: 3_600_000, requestId: 'r-7', attempts: 1 })
  },

  async '401 is asked once more, with fresh headers'({ library, play }) {
    const { url, told } = await play(refusal(401, { error: { message: 'Expired' } }), whole('Hold fast.'))
    let token = 0
    const headers = async () => ({ authorization: `Bearer token-${++token}` })
    same(await library.stream(url, { ...quick, headers }).text(), 'Hold fast.')
    same(
      (await told()).map((each) => each.headers.authorization),
      ['Bearer token-1', 'Bearer token-2'],
    )
    const final = await play(refusal(401, { error: { message: 'Who are you?', code: 'invalid_api_key' } }))
    const error = await failureOf(library.stream(final.url, quick).answer())
    same(error, { code: 'http', status: 401, providerCode: 'invalid_api_key', retryable: false, attempts: 1 })
  },

  async 'a connection that is refused did not get through'({ library, addresses }) {
    const error = await failureOf(library.stream(`${addresses.dead}/chat`, once).answer())
    same(error, { code: 'network', phase: 'connect', retryable: true, answer: { text: '' } })
  },

  async 'no key shows in an error, whatever the server quotes'({ library, play }) {
    const quoting = refusal(400, { error: { message: `Bad key ${KEY}`, type: KEY, code: KEY } })
    const inBand = {
      headers: EVENTS,
      steps: [chunk({ content: 'H' }), data({ error: { message: `No: ${KEY}` } }), 'END'],
    }
    for (const script of [quoting, inBand]) {
      const { url } = await play(script)
      const headers = { authorization: `Bearer ${KEY}` }
      const error = await failureOf(library.stream(`${url}?key=${KEY}`, { ...once, headers }).answer())
      const shown = `${error} ${error.stack} ${JSON.stringify(error)} ${JSON.stringify(error.answer.stats)}`
      const { body } = /** @type {{ body?: unknown }} */ (error)
      sure(!`${shown} ${JSON.stringify(body)}`.includes(KEY.slice(8)), `shows the key: ${shown}`)
    }
  },

  async 'a wrong option is named at the call, with what it was given'({ library, addresses }) {
    /** @type {(options: object, ...words: readonly string[]) => void} */
    const refuses = (options, ...words) => {
      let said = ''
      try {
        library.stream(addresses.origin, options).cancel()
      } catch (error) {
        said = `${error}`
      }
      sure(
        ['TypeError', ...words].every((word) => said.includes(word)),
        `${words.join()}: said ${said || 'nothing'}`,
      )
    }
    refuses({ timeouts: { idleMs: '5s' } }, 'timeouts.idleMs', '5s')
    refuses({ retry: { limit: -1 } }, 'retry.limit', '-1')
    refuses({ onText: () => {} }, 'onText')
    refuses({ signal: 'stop' }, 'signal', 'stop')
  },
}
