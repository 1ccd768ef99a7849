// @ts-check
// Starts the demo from the environment: PORT, HOST, DEMO_PACE, UPSTREAM_URL, UPSTREAM_KEY, UPSTREAM_MODEL, REDIS_URL.
import { startServer } from './server.mjs'
import { readSettings } from './settings.mjs'

try {
  const port = await portFromSupervisor()
  const settings = { ...readSettings(process.env), ...(port !== undefined && { port }) }
  const server = await startServer({ ...settings, ...(process.send && { onKill: die }) }).catch((error) => {
    throw new Error(sentenceFor(error, settings))
  })
  supervised(server)
  if (port === undefined) greet(settings, server.url)
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}

/**
 * A supervisor says when to begin, and, if another process has been there before, on which port.
 * @returns {Promise<number | undefined>}
 */
async function portFromSupervisor() {
  if (!process.send) return undefined
  process.on('disconnect', () => process.exit(1))
  for (const name of ['SIGINT', 'SIGTERM']) process.on(name, () => {})
  return new Promise((resolve) => {
    process.once('message', (/** @type {{ port?: number }} */ told) => resolve(told.port))
  })
}

/** @param {import('./settings.mjs').Settings} settings @param {string} url */
function greet(settings, url) {
  console.log(`Holdfast demo: ${url}`)
  console.log(sourceOfAnswers(settings.upstream))
  if (settings.redisUrl)
    console.log('They are kept in Redis: other processes with the same REDIS_URL know them, too.')
}

/**
 * Whoever presses Ctrl+C does not want to wait; who deploys wants the answers to come to their ends. A supervisor says so
 * in place of the signals, which reach the two of us together or one at a time.
 * @param {import('./server.mjs').RunningServer} server
 */
function supervised(server) {
  const leave = (/** @type {number} */ graceMs) => void server.drain(graceMs).then(() => process.exit(0))
  for (const [name, graceMs] of Object.entries({ SIGINT: 0, SIGTERM: 10_000 })) {
    if (!process.send) process.once(name, () => leave(graceMs))
  }
  process.send?.({ port: server.port })
  process.on('message', (/** @type {{ graceMs: number }} */ { graceMs }) => leave(graceMs))
}

/** As a crash would: nothing is drained, nothing is said. */
function die() {
  process.kill(process.pid, 'SIGKILL')
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
