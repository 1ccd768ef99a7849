// Node, with srvx: node node-srvx.mjs
import { createClient } from 'holdfast'
import { createRelay } from 'holdfast/relay'
import { serve } from 'srvx'

const relay = createRelay({
  ai: createClient({
    baseUrl: process.env.UPSTREAM_URL ?? 'https://api.openai.com/v1',
    apiKey: process.env.UPSTREAM_KEY,
  }),
  ask: ({ messages }) => ({ model: 'gpt-4.1', messages }),
})

const server = serve({
  fetch: (request) => (isHere(request) ? relay.fetch(request) : new Response('Not found', { status: 404 })),
  port: process.env.PORT ?? 3000,
  // It would end readers in mid-answer; see below.
  gracefulShutdown: false,
})

/** @param {Request} request */
function isHere({ url }) {
  return /^\/api\/chat(\/|$)/.test(new URL(url).pathname)
}

process.once('SIGTERM', async () => {
  await relay.drain()
  await server.close()
})
