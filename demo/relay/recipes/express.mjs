// Node, with Express 5: node express.mjs
import express from 'express'
import { createClient } from 'holdfast'
import { createRelay } from 'holdfast/relay'
import { toNodeHandler } from 'srvx/node'

const relay = createRelay({
  ai: createClient({
    baseUrl: process.env.UPSTREAM_URL ?? 'https://api.openai.com/v1',
    apiKey: process.env.UPSTREAM_KEY,
  }),
  ask: ({ messages }) => ({ model: 'gpt-4.1', messages }),
})

const app = express()
// Before express.json(), which would read the question, and without compression(), which gathers what is to be streamed.
app.all(['/api/chat', '/api/chat/*rest'], toNodeHandler(relay.fetch))

const server = app.listen(process.env.PORT ?? 3000, () =>
  console.log(`Listening on http://localhost:${server.address().port}`),
)

process.once('SIGTERM', async () => {
  await relay.drain()
  server.close()
})
