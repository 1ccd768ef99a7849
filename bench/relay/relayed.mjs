// @ts-check
/** The relay, on Node by way of srvx, with its log in memory or in Redis. */
import { serve } from 'srvx'
import { createClient } from '../../dist/index.js'
import { redisStore } from '../../dist/relay/redis.js'
import { createRelay } from '../../dist/relay.js'
import { reportUsage } from './usage.mjs'

const [upstream = '', redisUrl] = process.argv.slice(2)
const relay = createRelay({
  ai: createClient({ baseUrl: `${upstream}/v1` }),
  ...(redisUrl && { store: redisStore({ url: redisUrl }) }),
})
const server = serve({
  port: 0,
  hostname: '127.0.0.1',
  silent: true,
  fetch: relay.fetch,
  node: { backlog: 10_000 },
})
await server.ready()
process.send?.({ url: `${server.url}answers` })
reportUsage()
