// @ts-check
/**
 * The library's own policy, bundled from its sources with one change: `time/clock.ts`, its only door to time and
 * chance, leads to `clock.mjs`. Nothing is copied, so the simulation cannot disagree with what is shipped.
 */
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

/**
 * @typedef {typeof import('../../src/policy/retry.ts')} Retry
 * @typedef {typeof import('../../src/policy/breaker.ts')} Breaking
 * @typedef {typeof import('../../src/policy/budget.ts')} Budgeting
 * @typedef {Pick<Retry, 'decide' | 'askedMs' | 'retryDefaults'> & Pick<Breaking, 'Breaker' | 'breakerDefaults'>
 *   & Pick<Budgeting, 'Budget'> & Pick<typeof import('../../src/errors/errors.ts'), 'HttpError'>
 *   & { readonly clock: typeof import('./clock.mjs') }} Policies
 */

const ENTRY = `
  export { askedMs, decide, retryDefaults } from './policy/retry.ts'
  export { Breaker, breakerDefaults } from './policy/breaker.ts'
  export { Budget } from './policy/budget.ts'
  export { HttpError } from './errors/errors.ts'
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
