/** What the README promises is kept in three engines: in a page, and in each kind of worker. */
import { fileURLToPath } from 'node:url'
import { beforeAll, describe, test } from 'vitest'
import { library, task } from '../runtimes/bundles.ts'
import { startConformanceServer } from '../runtimes/conformance/server.mjs'
import type { Result } from '../runtimes/conformance.mjs'
import { expectConformance, promised } from '../runtimes/exceptions.ts'
import { engines } from './engines.ts'
import { useBrowser } from './use-browser.ts'

// Runs in all kinds of workers: a SharedWorker's first message comes by way of a connection.
const worker = `
  import * as library from '/library.js'
  import { run } from '/conformance.js'
  const hear = (event) => {
    const { data, ports: [port] } = event
    const work = run(library, data).then((results) => port.postMessage(results))
    // A ServiceWorker that seems to do nothing is ended.
    event.waitUntil?.(work)
  }
  addEventListener('message', hear)
  addEventListener('connect', ({ ports: [port] }) => { port.onmessage = hear })`

const page = `<!doctype html><script type="module">
  import * as library from '/library.js'
  import { run } from '/conformance.js'
  const type = 'module'
  // Whom a worker's first message is sent to.
  const started = {
    async Worker() { return new Worker('/worker.js', { type }) },
    async SharedWorker() { return new SharedWorker('/worker.js', { type }).port },
    async ServiceWorker() {
      await navigator.serviceWorker.register('/worker.js', { type })
      return (await navigator.serviceWorker.ready).active
    },
  }
  globalThis.conformanceIn = async (context, addresses) => {
    if (context === 'page') return run(library, addresses)
    const target = await started[context]()
    return new Promise((resolve, reject) => {
      const { port1, port2 } = new MessageChannel()
      port1.onmessage = ({ data }) => resolve(data)
      target.addEventListener('error', ({ message }) => reject(new Error('The worker failed: ' + message)))
      target.postMessage(addresses, [port2])
    })
  }
</script>`

const conformance = fileURLToPath(new URL('../runtimes/conformance.mjs', import.meta.url))
const files = () => ({
  '/': page,
  '/worker.js': worker,
  '/library.js': library(),
  '/conformance.js': task(conformance),
})
const contexts = ['page', 'Worker', 'SharedWorker', 'ServiceWorker'] as const

// At once, for most of a promise is waiting; but one context after the other, for they share an engine's six connections.
describe.concurrent.each(engines)('$name keeps', (engine) => {
  const { driver, server } = useBrowser(engine, () => startConformanceServer(files()))
  beforeAll(() => driver.goto(`${server.origin}/`))

  test.sequential.each(contexts.map((context) => [promised(`${engine.name} ${context}`), context]))(
    '%s promises in a %s',
    async (_count, context) => {
      const { origin, other, dead } = server
      const call = `conformanceIn('${context}', ${JSON.stringify({ origin, other, dead })})`
      expectConformance(`${engine.name} ${context}`, await driver.evaluate<Result[]>(call))
    },
    120_000,
  )
})
