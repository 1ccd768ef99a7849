// @ts-check
import { once } from 'node:events'
import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'

/**
 * @typedef {{ readonly name: string, readonly scenario: import('./scenario.mjs').Scenario }} Job
 * @typedef {{ readonly figures: import('./record.mjs').Figures, readonly load: readonly number[] }} Result
 */

// A crowd of 100,000 takes some 200 MB.
const MOST = 4

/**
 * Plays scenarios side by side: each has its own dice, so the order in which they end changes nothing.
 *
 * @param {readonly Job[]} jobs
 * @returns {Promise<Result[]>} in the order of the jobs.
 */
export async function playAll(jobs) {
  const size = Math.min(MOST, availableParallelism(), jobs.length)
  const workers = Array.from({ length: size }, () => new Worker(new URL('./worker.mjs', import.meta.url)))
  /** @type {Result[]} */
  const results = []
  const queue = jobs.entries()
  try {
    await Promise.all(workers.map((worker) => work(worker, queue, results)))
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()))
  }
  return results
}

/** @type {(worker: Worker, queue: Iterable<[number, Job]>, results: Result[]) => Promise<void>} */
async function work(worker, queue, results) {
  // All share one iterator: who is free takes the next.
  for (const [at, job] of queue) {
    worker.postMessage(job)
    const [result] = await once(worker, 'message')
    results[at] = result
    console.error(`${job.name}, ${job.scenario.clients} clients: done`)
  }
}
