// @ts-check
import { once } from 'node:events'
import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'

/**
 * @typedef {{ readonly name: string, readonly scenario: import('./scenario.mjs').Scenario }} Job
 * @typedef {object} Result
 * @property {import('./record.mjs').Figures} figures
 * @property {import('./record.mjs').Cuts} cuts
 * @property {readonly number[]} load
 */

// A crowd of 100,000 takes some 200 MB.
const MOST = 4

/**
 * Plays scenarios side by side: each has its own dice, so the order in which they end changes nothing.
 *
 * @param {readonly Job[]} jobs
 * @returns {Promise<Map<Job, Result>>}
 */
export async function playAll(jobs) {
  const size = Math.min(MOST, availableParallelism(), jobs.length)
  const workers = Array.from({ length: size }, () => new Worker(new URL('./worker.mjs', import.meta.url)))
  /** @type {Map<Job, Result>} */
  const results = new Map()
  const queue = jobs.values()
  try {
    await Promise.all(workers.map((worker) => work(worker, queue, results)))
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()))
  }
  return results
}

/** @type {(worker: Worker, queue: Iterable<Job>, results: Map<Job, Result>) => Promise<void>} */
async function work(worker, queue, results) {
  // All share one iterator: who is free takes the next.
  for (const job of queue) {
    worker.postMessage(job)
    const [result] = await once(worker, 'message')
    results.set(job, result)
    const { clients, users } = job.scenario
    console.error(`${job.name}, ${clients} ${users === 1 ? 'pages' : 'relays'}: done`)
  }
}
