// @ts-check
/** A provider that says when it said each word: so many words, so many milliseconds apart. */
import { createServer } from 'node:http'

const [words = 50, everyMs = 100] = process.argv.slice(2).map(Number)
const chunk = (/** @type {object} */ delta, /** @type {string | null} */ finish = null) =>
  `data: ${JSON.stringify({
    id: 'chatcmpl-1',
    object: 'chat.completion.chunk',
    created: 1,
    model: 'bench',
    choices: [{ index: 0, delta, finish_reason: finish }],
  })}\n\n`

const server = createServer((request, response) => {
  request.resume()
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  let said = 0
  // Not all at the same moment: pages do not ask in step.
  setTimeout(() => {
    const timer = setInterval(() => {
      if (said++ < words) {
        response.write(chunk({ content: `${(performance.timeOrigin + performance.now()).toFixed(2)} ` }))
        return
      }
      clearInterval(timer)
      response.end(`${chunk({}, 'stop')}data: [DONE]\n\n`)
    }, everyMs)
    response.on('close', () => clearInterval(timer))
  }, Math.random() * everyMs)
})
server.listen(0, '127.0.0.1', () => {
  const address = /** @type {import('node:net').AddressInfo} */ (server.address())
  process.send?.({ url: `http://127.0.0.1:${address.port}` })
})
