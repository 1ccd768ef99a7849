// @ts-check
// A relay of its own, configured by the environment: see readRelaySettings for the variables.
import { serve } from 'srvx'
import { createRelay } from '../../dist/relay.js'
import { readRelaySettings } from './settings.mjs'
import { upstreamFor } from './upstream.mjs'

const LAST_BYTES_MS = 2000

try {
  const { port, hostname, graceMs, path, owner, redisUrl, upstream, ...options } = readRelaySettings(
    process.env,
  )
  // Only who uses Redis needs its client.
  const { redisStore } = redisUrl ? await import('../../dist/relay/redis.js') : { redisStore: undefined }
  const { ai, close, sentence } = await upstreamFor(upstream)
  const relay = createRelay({
    ...options,
    ai,
    ...(owner && { authorize: (request) => request.headers.get(owner) ?? undefined }),
    ...(redisStore && { store: inRedis(redisStore, redisUrl) }),
  })
  let isEnding = false
  const isHere = (/** @type {Request} */ { url }) => `${new URL(url).pathname}/`.startsWith(`${path}/`)
  const server = serve({
    ...{ port, hostname, silent: true, gracefulShutdown: false },
    async fetch(request) {
      const response = isHere(request) ? await relay.fetch(request) : notFound(path)
      // A proxy that keeps connections would go on asking here.
      if (isEnding) response.headers.set('connection', 'close')
      return response
    },
  })
  await server.ready().catch((/** @type {Error} */ { message }) => {
    throw new Error(`It cannot listen where HOST and PORT say, ${hostname}:${port}: ${message}`)
  })
  console.log(`Holdfast relay: ${server.url?.replace(/\/$/, '')}${path}`)
  console.log(sentence)
  console.log(redisUrl ? 'Answers are kept in Redis.' : 'Answers are kept in memory.')
  const end = async () => {
    isEnding = true
    // Where others read the same answers, nobody need come in any more: a proxy that is refused goes to the next.
    const closed = redisUrl ? server.close() : undefined
    await relay.drain({ graceMs })
    await close()
    // Readers may still take what there is; who does not is not waited for.
    setTimeout(() => void server.close(true), LAST_BYTES_MS)
    await (closed ?? server.close())
    process.exit(0)
  }
  // Whoever says it twice, whichever way, does not want to wait.
  for (const name of /** @type {const} */ (['SIGINT', 'SIGTERM']))
    process.on(name, () => void (isEnding ? process.exit(1) : end()))
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  // What has begun by now, such as the simulated model, would keep it from ending.
  process.exit(1)
}

/**
 * @template T
 * @param {(options: { url: string | undefined }) => T} redisStore
 * @param {string | undefined} url
 */
function inRedis(redisStore, url) {
  try {
    return redisStore({ url })
  } catch {
    throw new Error('REDIS_URL is no address; a user name and a password must be percent-encoded.')
  }
}

/** @param {string} path */
function notFound(path) {
  const error = { message: `The relay is at ${path}`, type: 'invalid_request_error', code: 'not_found' }
  return Response.json({ error }, { status: 404 })
}
