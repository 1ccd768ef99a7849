// @ts-check
// Starts the demo from the environment: PORT, HOST, DEMO_PACE, UPSTREAM_URL, UPSTREAM_KEY, UPSTREAM_MODEL, REDIS_URL.
import { startServer } from './server.mjs'
import { readSettings } from './settings.mjs'

try {
  const settings = readSettings(process.env)
  const server = await startServer(settings).catch((error) => {
    throw new Error(sentenceFor(error, settings))
  })
  console.log(`Holdfast demo: ${server.url}`)
  console.log(sourceOfAnswers(settings.upstream))
  if (settings.redisUrl)
    console.log('They are kept in Redis: other processes with the same REDIS_URL know them, too.')
  // Who presses Ctrl+C does not want to wait; who deploys wants the answers to come to their ends.
  for (const [name, graceMs] of Object.entries({ SIGINT: 0, SIGTERM: 10_000 })) {
    process.once(name, () => void server.drain(graceMs).then(() => process.exit(0)))
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}

/** @param {import('./upstream.mjs').UpstreamOptions | undefined} upstream */
function sourceOfAnswers(upstream) {
  if (!upstream) return 'The answers come from the simulated model; nothing leaves this machine.'
  const model = upstream.model ?? 'the page’s model "simulated"; set UPSTREAM_MODEL to choose another'
  return `The answers come from ${new URL(upstream.url).host} (${model}).`
}

/**
 * @param {NodeJS.ErrnoException} error
 * @param {{ port: number, host: string }} settings
 */
function sentenceFor(error, { port, host }) {
  switch (error.code) {
    case 'EADDRINUSE':
      return `Port ${port} is already in use; choose another with PORT, or PORT=0 for any free one.`
    case 'EACCES':
      return `Port ${port} may not be opened by this user; choose one above 1023 with PORT.`
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return `HOST "${host}" is not an address of this machine.`
    default:
      return error.message
  }
}
