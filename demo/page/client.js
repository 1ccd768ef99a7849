// @ts-check
import { createClient } from '/dist/holdfast.min.js'
import { kept } from './keep.js'
import { setting } from './settings.js'

export const retries = 2
export const breaker = { failures: 5, windowMs: 300_000, cooldownMs: 15_000 }

/** @type {Set<(change: import('../../src/index.ts').StateChange) => void>} */
export const breakerListeners = new Set()

const onStateChange = (/** @type {import('../../src/index.ts').StateChange} */ change) => {
  for (const listener of breakerListeners) listener(change)
}

/**
 * How long to wait: far shorter than one would choose for a real model, so that the faults show before you look away; or
 * as one would.
 */
export const timeouts = () =>
  setting('patience') === 'long'
    ? { connectMs: 30_000, firstMs: 60_000, idleMs: 30_000, totalMs: 600_000 }
    : { connectMs: 8000, firstMs: 10_000, idleMs: 5000, totalMs: 90_000 }

/** @type {import('../../src/index.ts').ClientOptions} */
const options = {
  timeouts: timeouts(),
  stallMs: 2000,
  retry: { limit: retries },
  breaker: { ...breaker, onStateChange },
}

export const ai = clientWith(kept?.breakers)

/** For comparisons: what breaks there on purpose is no reason to leave the server alone here. */
export const apart = createClient({ ...options, breaker: false })

/** @param {import('../../src/index.ts').SavedBreakers | undefined} saved */
function clientWith(saved) {
  try {
    return createClient({ ...options, breaker: { ...options.breaker, saved } })
  } catch {
    // Kept by another version of the page.
    return createClient(options)
  }
}
