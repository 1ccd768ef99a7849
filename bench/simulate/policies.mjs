// @ts-check
/**
 * The library's own retry state and policy, bundled from its sources with one change: `time/clock.ts`, its only door
 * to time and chance, leads to `clock.mjs`. Nothing is copied, so the simulation cannot disagree with what is shipped.
 */
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

/**
 * @typedef {typeof import('../../src/run/retry-state.ts')} Stating
 * @typedef {import('../../src/run/retry-state.ts').RetryState} RetryState
 * @typedef {typeof import('../../src/policy/retry.ts')} Retrying
 * @typedef {typeof import('../../src/policy/breaker.ts')} Breaking
 * @typedef {typeof import('../../src/policy/budget.ts')} Budgeting
 * @typedef {typeof import('../../src/errors/errors.ts')} Failing
 * @typedef {Pick<Stating, 'next'> & Pick<Retrying, 'retryDefaults'>
 *   & Pick<Breaking, 'Breaker' | 'breakerDefaults'> & Pick<Budgeting, 'Budget'>
 *   & Pick<Failing, 'HttpError' | 'NetworkError'>
 *   & { readonly clock: typeof import('./clock.mjs'), readonly start: RetryState }} Policies
 */

// All replies begin with the same state: one server, nothing asked yet. States are never changed.
const ENTRY = `
  import { retryState } from './run/retry-state.ts'
  export const start = retryState(1)
  export { next } from './run/retry-state.ts'
  export { retryDefaults } from './policy/retry.ts'
  export { Breaker, breakerDefaults } from './policy/breaker.ts'
  export { Budget } from './policy/budget.ts'
  export { HttpError, NetworkError } from './errors/errors.ts'
  export * as clock from './time/clock.ts'
`

/** @type {import('esbuild').Plugin} */
const virtualTime = {
  name: 'virtual time',
  setup({ onResolve }) {
    const path = fileURLToPath(new URL('./clock.mjs', import.meta.url))
    onResolve({ filter: /\/clock\.ts$/ }, () => ({ path }))
  },
}

/** @returns {Promise<Policies>} */
export async function loadPolicies() {
  const resolveDir = fileURLToPath(new URL('../../src', import.meta.url))
  const { outputFiles } = await build({
    stdin: { contents: ENTRY, resolveDir, loader: 'ts' },
    plugins: [virtualTime],
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'node',
    target: 'node20',
  })
  const code = Buffer.from(outputFiles[0]?.contents ?? '').toString('base64')
  return import(`data:text/javascript;base64,${code}`)
}
