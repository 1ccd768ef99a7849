/** What the README promises, wherever the library runs: forty checks against a server that fails. Plain text and JSON go in and out. */
import { CLIENTS } from './conformance/clients.mjs'
import { ENDING } from './conformance/ending.mjs'
import { ENTRIES } from './conformance/entries.mjs'
import { FAILING } from './conformance/failing.mjs'
import { READING } from './conformance/reading.mjs'
import { RECOVERY } from './conformance/recovery.mjs'
import { playsAt } from './conformance/wire.mjs'

/**
 * @typedef {import('./conformance/wire.mjs').Tools} Tools
 * @typedef {{ name: string, ok: boolean, found: string }} Result
 */

/** @type {import('./conformance/wire.mjs').Checks} */
const CHECKS = { ...READING, ...FAILING, ...RECOVERY, ...ENDING, ...CLIENTS, ...ENTRIES }

/** What hangs shall not hang the others; nothing that works takes so long, even on a machine that is busy. */
const PATIENCE_MS = 20_000

/**
 * One after the other: in a browser they share six connections.
 *
 * @param {import('./conformance/wire.mjs').Library} library
 * @param {import('./conformance/wire.mjs').Addresses} addresses
 * @returns {Promise<Result[]>}
 */
export async function run(library, addresses) {
  const tools = { library, addresses, play: playsAt(addresses) }
  const results = []
  for (const [name, check] of Object.entries(CHECKS)) {
    const found = await foundBy(check, tools)
    results.push({ name, ok: found === '', found })
  }
  return results
}

/** @type {(check: (tools: Tools) => Promise<void>, tools: Tools) => Promise<string>} */
async function foundBy(check, tools) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not done after ${PATIENCE_MS} ms`)), PATIENCE_MS)
  })
  try {
    await Promise.race([check(tools), late])
    return ''
  } catch (error) {
    return String(error instanceof Error && error.message ? error.message : error)
  } finally {
    clearTimeout(timer)
  }
}
