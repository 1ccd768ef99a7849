// @ts-check
// Runs the demo in a process of its own and has another one in its place when that is killed, so that the page may kill
// it. The other one is there before, and only waits to be told the port: a page tries again within half a second.
import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** @typedef {import('node:child_process').ChildProcess} ChildProcess */

const main = fileURLToPath(new URL('main.mjs', import.meta.url))
/** The port that the first process was given. @type {number | undefined} */
let port
/** @type {ChildProcess} */
let current
/** @type {ChildProcess | undefined} */
let next

begin(fork(main))
for (const [name, graceMs] of Object.entries({ SIGINT: 0, SIGTERM: 10_000 })) {
  process.on(name, () => void (current.connected && current.send({ graceMs })))
}

/** @param {ChildProcess} child */
function begin(child) {
  current = child
  child.send({ port })
  child.on('message', (/** @type {{ port: number }} */ told) => {
    port = told.port
    next = fork(main)
  })
  child.once('exit', (code, signal) => {
    if (signal === 'SIGKILL' && next) {
      begin(next)
      return
    }
    next?.disconnect()
    process.exitCode = code ?? 1
  })
}
