// @ts-check
/** The least that stands between a page and a provider: bytes in, bytes out. */
import { Agent, request as ask, createServer } from 'node:http'
import { reportUsage } from './usage.mjs'

const [upstream = ''] = process.argv.slice(2)
const agent = new Agent({ keepAlive: true, maxSockets: Number.POSITIVE_INFINITY })
const server = createServer((request, response) => {
  const url = `${upstream}/v1/chat/completions`
  const asked = ask(
    url,
    { method: 'POST', agent, headers: { 'content-type': 'application/json' } },
    (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(response)
    },
  )
  asked.on('error', () => response.destroy())
  request.pipe(asked)
})
server.listen(0, '127.0.0.1', 10_000, () => {
  const address = /** @type {import('node:net').AddressInfo} */ (server.address())
  process.send?.({ url: `http://127.0.0.1:${address.port}/answers` })
})
reportUsage()
