// @ts-check
/** The least that a web-standard handler can be: what `fetch` gives is handed on as it is. */
import { serve } from 'srvx'
import { reportUsage } from './usage.mjs'

const [upstream = ''] = process.argv.slice(2)
const server = serve({
  port: 0,
  hostname: '127.0.0.1',
  silent: true,
  node: { backlog: 10_000 },
  async fetch(request) {
    const { body, status, headers } = await fetch(`${upstream}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: await request.text(),
    })
    return new Response(body, {
      status,
      headers: { 'content-type': headers.get('content-type') ?? 'text/event-stream' },
    })
  },
})
await server.ready()
process.send?.({ url: `${server.url}answers` })
reportUsage()
