/** Whatever never ends is bounded in what is kept of it. */
import { expect, test } from 'vitest'
import { inUse, outcomeOf } from '../support/endless.ts'
import { KINDS } from '../support/endless-kinds.ts'

const MB = 1024 * 1024
// Once and a half both bounds, of a million characters each; strings of these are a byte a character. What a dialect
// keeps has a bound of its own, of 4 Mi characters with all that stands behind them; ids have one of 2 Mi.
const MOST = 1.5 * (2e6 + 4 * MB)

test.each(KINDS)('%s: little is kept', async (_what, message, endless) => {
  const { mb = 16 } = endless
  const before = inUse()
  let reads = 0
  let most = 0
  const look = () => {
    most = Math.max(most, inUse() - before)
  }
  const error = await outcomeOf(endless, mb * MB, () => {
    reads++
    // More often at first: most kinds meet their bound early.
    if (reads < 64 ? reads % 8 === 0 : reads % 256 === 0) look()
  })
  look()
  expect(error.message).toMatch(message)
  expect(most).toBeLessThan(MOST)
})
