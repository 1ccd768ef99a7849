// Deno: deno run --allow-net --allow-env deno.mjs
import { createClient } from 'holdfast'
import { createRelay } from 'holdfast/relay'

const relay = createRelay({
  ai: createClient({
    baseUrl: process.env.UPSTREAM_URL ?? 'https://api.openai.com/v1',
    apiKey: process.env.UPSTREAM_KEY,
  }),
  ask: ({ messages }) => ({ model: 'gpt-4.1', messages }),
})

const server = Deno.serve({ port: Number(process.env.PORT ?? 3000) }, (request) =>
  /^\/api\/chat(\/|$)/.test(new URL(request.url).pathname)
    ? relay.fetch(request)
    : new Response('Not found', { status: 404 }),
)

process.once('SIGTERM', async () => {
  await relay.drain()
  await server.shutdown()
})
