// @ts-check
import { ai, breaker } from './client.js'
import { $ } from './element.js'
import { words } from './language.js'
import { clock, remaining } from './words.js'

/** Shows the circuit breaker's state; true while it will change by itself. */
export function showBreaker() {
  const { state, failures, retryAt = 0 } = ai.health()
  const { server } = words
  const told = {
    closed: failures ? server.failures(failures, breaker.failures) : server.closed,
    open: server.open(clock(retryAt), remaining(retryAt)),
    'half-open': server.halfOpen,
    isolated: server.isolated,
  }[state]
  $('breaker').dataset.state = state
  if ($('breaker').textContent !== told) $('breaker').textContent = told
  return state === 'open'
}
