// @ts-check
import { ai, breaker } from './client.js'
import { $ } from './element.js'
import { clock, remaining } from './words.js'

/** Shows the circuit breaker's state; true while it will change by itself. */
export function showBreaker() {
  const { state, failures, retryAt = 0 } = ai.health()
  const words = {
    closed: failures ? `Breaker closed, ${failures} of ${breaker.failures} failures` : 'Breaker closed',
    open: `Breaker open until ${clock(retryAt)} (${remaining(retryAt)})`,
    'half-open': 'Breaker half-open: the next answer decides',
    isolated: 'Breaker held open',
  }[state]
  $('breaker').dataset.state = state
  if ($('breaker').textContent !== words) $('breaker').textContent = words
  return state === 'open'
}
