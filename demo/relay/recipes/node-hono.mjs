// Node, with Hono: node node-hono.mjs
import { serve } from '@hono/node-server'
import { createClient } from 'holdfast'
import { createRelay } from 'holdfast/relay'
import { Hono } from 'hono'

const relay = createRelay({
  ai: createClient({
    baseUrl: process.env.UPSTREAM_URL ?? 'https://api.openai.com/v1',
    apiKey: process.env.UPSTREAM_KEY,
  }),
  ask: ({ messages }) => ({ model: 'gpt-4.1', messages }),
})

const app = new Hono()
app.all('/api/chat/*', ({ req }) => relay.fetch(req.raw))

const server = serve({ fetch: app.fetch, port: Number(process.env.PORT ?? 3000) }, ({ port }) =>
  console.log(`Listening on http://localhost:${port}`),
)

process.once('SIGTERM', async () => {
  await relay.drain()
  server.close()
})
