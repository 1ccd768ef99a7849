// @ts-check
import { parentPort } from 'node:worker_threads'
import { simulate } from './crowd.mjs'
import { loadPolicies } from './policies.mjs'
import { strategy } from './strategies.mjs'

const policies = await loadPolicies()
parentPort?.on('message', async (/** @type {import('./crew.mjs').Job} */ { scenario, name }) => {
  const record = await simulate(scenario, strategy(name), policies)
  parentPort?.postMessage({ figures: record.figures(1), cuts: record.cuts(), load: record.load(1) })
})
