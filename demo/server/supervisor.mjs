// @ts-check
// Runs the demo in a process of its own and starts it again when that is killed, so that the page may kill it.
import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const main = fileURLToPath(new URL('main.mjs', import.meta.url))
/** The port that the first process was given. @type {number | undefined} */
let port

start()

function start() {
  const again = port === undefined ? {} : { PORT: String(port), DEMO_AGAIN: '1' }
  const child = fork(main, { env: { ...process.env, ...again } })
  child.on('message', (/** @type {{ port: number }} */ told) => {
    port = told.port
  })
  const signals = Object.entries({ SIGINT: 0, SIGTERM: 10_000 }).map(([name, graceMs]) => {
    const leave = () => void (child.connected && child.send({ graceMs }))
    process.on(name, leave)
    return () => process.off(name, leave)
  })
  child.once('exit', (code, signal) => {
    for (const forget of signals) forget()
    if (signal === 'SIGKILL' && port !== undefined) start()
    else process.exitCode = code ?? 1
  })
}
