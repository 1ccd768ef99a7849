import { findLeaks } from './leaks.mjs'
import { withKey } from './with-key.mjs'

/**
 * @param {typeof import('../../src/index.ts')} library
 * @param {{ origin: string, dead: string }} addresses - of a `LeakServer`.
 * @param {(value: unknown) => string} [inspect] - the engine's own, if it has one.
 */
export async function run(library, { origin, dead }, inspect) {
  return { ...(await findLeaks(library, origin, dead, inspect)), ...(await withKey(library, origin)) }
}
