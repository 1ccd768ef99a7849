/** What a client hears of an answer: the same module in Node and, served by the test's own server, in a page. */

/**
 * @typedef {object} Heard
 * @property {string} verdict - the end in words: `whole`, or the error's code with its phase or status
 * @property {string} text - what the promise was left with
 * @property {string} iterated - what the iterator was left with, less what was taken back
 * @property {number} attempts
 * @property {boolean} isRetryable
 * @property {number} [retryAfterMs]
 * @property {string} [message]
 */

/**
 * Asks, and tells how it ended.
 *
 * @param {typeof import('../../src/index.ts').stream} stream
 * @param {string} url
 * @param {import('./clients.ts').AskOptions} options
 * @param {() => unknown} onText - called with the first text
 * @returns {Promise<Heard>}
 */
export async function ask(stream, url, options, onText) {
  const { canRewind, leaves, ...rest } = options
  const rewinds = canRewind ? { onRewind() {} } : {}
  const reply = stream(url, { json: { question: 'How?' }, stallMs: 0, ...rewinds, ...rest })
  if (typeof leaves === 'number') setTimeout(() => reply.cancel(), leaves)
  let iterated = ''
  const iterator = (async () => {
    for await (const delta of reply) {
      if (delta.type === 'rewind') iterated = iterated.slice(0, delta.text)
      if (delta.type !== 'text') continue
      if (iterated === '') onText()
      if (leaves === 'at the text') reply.cancel()
      iterated += delta.text
    }
  })().catch(() => {})
  const heard = await reply.answer().then(whole, failed)
  await iterator
  return { ...heard, iterated }
}

/** @param {import('../../src/index.ts').Answer} answer */
function whole({ text, stats }) {
  return { verdict: 'whole', text, attempts: stats.attempts.length, isRetryable: false }
}

/** @param {any} failure */
function failed({ code, phase, status, answer, attempts, retryable, retryAfterMs, message }) {
  const verdict = [code, phase ?? status].filter((each) => each !== undefined).join(' ')
  return { verdict, text: answer.text, attempts, isRetryable: retryable, retryAfterMs, message }
}
