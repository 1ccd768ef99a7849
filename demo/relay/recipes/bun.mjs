// Bun: bun bun.mjs
import { createClient } from 'holdfast'
import { createRelay } from 'holdfast/relay'

const relay = createRelay({
  ai: createClient({
    baseUrl: process.env.UPSTREAM_URL ?? 'https://api.openai.com/v1',
    apiKey: process.env.UPSTREAM_KEY,
  }),
  ask: ({ messages }) => ({ model: 'gpt-4.1', messages }),
})

const server = Bun.serve({
  routes: { '/api/chat': relay.fetch, '/api/chat/*': relay.fetch },
  port: process.env.PORT ?? 3000,
  // By default Bun ends a response that is silent for 10 s, which is less than heartbeatMs.
  idleTimeout: 120,
})
console.log(`Listening on ${server.url.origin}`)

process.once('SIGTERM', async () => {
  await relay.drain()
  await server.stop()
})
