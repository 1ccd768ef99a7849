// Next.js: this is app/api/chat/[[...id]]/route.ts
import { createClient } from 'holdfast'
import { createRelay } from 'holdfast/relay'

const relay = createRelay({
  ai: createClient({
    baseUrl: process.env.UPSTREAM_URL ?? 'https://api.openai.com/v1',
    apiKey: process.env.UPSTREAM_KEY,
  }),
  ask: ({ messages }) => ({ model: 'gpt-4.1', messages }),
})

// With several processes, or where functions are frozen after their response (Vercel), the answers belong into Redis:
// `store: redisStore({ url })`, `waitUntil: after` (from next/server), and `rotateMs` below `maxDuration`.
export const POST = relay.fetch
export const GET = relay.fetch
export const HEAD = relay.fetch
export const DELETE = relay.fetch
