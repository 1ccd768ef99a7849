import { expect } from '../checks.ts'
import type { DeltaSource } from '../events.ts'

/**
 * Consents to a replay, for who can take text back.
 *
 * @throws TypeError for what has no deltas: an `async` function gives a promise of a reply, say.
 */
export function consent(name: string, source: DeltaSource): void {
  expect(name, source?.[Symbol.asyncIterator], 'be a reply, and no promise of one', source)
  source.acceptRewind?.()
}
