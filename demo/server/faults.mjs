// @ts-check
import { Refusal, sendRefusal } from './refusal.mjs'

/** @typedef {import('./exchange.mjs').Exchange} Exchange */

/**
 * A way to fail, and where in the answer it happens.
 * @typedef {object} Fault
 * @property {string} name
 * @property {string} label
 * @property {string} description
 * @property {number} [times] how many requests of one question it hits, unless the query says otherwise; 1
 * @property {(exchange: Exchange) => Promise<unknown>} [instead] happens in place of an answer
 * @property {(exchange: Exchange) => unknown} [midway] happens after some tokens, in place of the rest
 * @property {boolean} [forgets] the server then knows nothing of the answer, and words the next one differently
 * @property {boolean} [slow] it is the model that is slow, and only the simulated one can be told to
 */

/** @type {Fault} */
const healthy = {
  name: 'none',
  label: 'No fault',
  description: 'The answer arrives whole, at the first attempt.',
}

/** @type {readonly Fault[]} */
export const faults = [
  healthy,
  {
    name: 'cut',
    label: 'Cut in the middle',
    description:
      'The response ends cleanly part-way: no [DONE], no error. What is left is read at the answer’s address.',
    midway: (exchange) => exchange.end(),
  },
  {
    name: 'rewind',
    label: 'Cut, and forgotten',
    description: 'Like the cut, but the server has lost the answer. Asked anew, it words it differently.',
    midway: (exchange) => exchange.end(),
    forgets: true,
  },
  {
    name: 'reset',
    label: 'Connection reset',
    description: 'Some tokens arrive, then the connection breaks with a TCP reset.',
    midway: (exchange) => exchange.reset(),
  },
  {
    name: 'stall',
    label: 'Silent in the middle',
    description: 'Some tokens arrive, then nothing more; the connection stays open for ever.',
    midway: (exchange) => exchange.silence(),
  },
  {
    name: 'error',
    label: 'Error in the stream',
    description: 'Some tokens arrive, then an error event under status 200, as providers send it.',
    midway: sendErrorEvent,
  },
  {
    name: 'silent-headers',
    label: 'No response at all',
    description: 'The request is accepted, but no header is ever sent.',
    instead: (exchange) => exchange.silence(),
  },
  {
    name: 'heartbeats',
    label: 'Only keep-alives',
    description: 'The stream opens and sends a keep-alive every 500 ms for ever, but never a token.',
    instead: sendHeartbeats,
  },
  {
    name: 'slow-first',
    label: 'Slow first token',
    description: 'Keep-alives for 6 s, then the first token; all is well. Patience, no retry.',
    slow: true,
  },
  {
    name: '503',
    label: 'Overloaded (503)',
    description:
      'Status 503, and no word on when to return. It takes two refusals until the server recovers.',
    times: 2,
    instead: refuseOverloaded,
  },
  {
    name: '429',
    label: 'Rate limit (429)',
    description: 'Status 429 with Retry-After: 2, so the next attempt has to wait for at least 2 s.',
    instead: refuseRateLimit,
  },
  {
    name: 'html',
    label: 'Proxy sign-in page',
    description: 'Status 200, but what arrives is the HTML page of a proxy that wants a sign-in.',
    instead: sendSignInPage,
  },
]

/**
 * What happens to this request of this question, and in which manner a simulated model answers it.
 * @param {URLSearchParams} query
 * @param {import('./asks.mjs').Asks} asks
 * @returns {{ fault: Fault, manner: 'plain' | 'slow' | 'retold' }}
 */
export function faultFor(query, asks) {
  const fault = named(query.get('fault') || healthy.name)
  const times = timesOf(query.get('times'), fault)
  const earlier = asks.next(query.get('ask'))
  const isHit = earlier < times
  if (fault.slow) return { fault: healthy, manner: isHit ? 'slow' : 'plain' }
  return { fault: isHit ? fault : healthy, manner: fault.forgets && earlier > 0 ? 'retold' : 'plain' }
}

/**
 * What can happen to an answer at any moment.
 * @param {string | null} name
 */
export function faultNow(name) {
  const sudden = faults.filter(({ midway, forgets }) => midway && !forgets)
  const fault = sudden.find((known) => known.name === name)
  if (fault) return fault
  const names = sudden.map((known) => known.name).join(', ')
  throw new Refusal(400, `fault must be one of ${names}, not ${JSON.stringify(name)}.`, { param: 'fault' })
}

/** @param {string} name */
function named(name) {
  const fault = faults.find((known) => known.name === name)
  if (fault) return fault
  const names = faults.map((known) => known.name).join(', ')
  throw new Refusal(400, `Unknown fault ${JSON.stringify(name)}. Known faults: ${names}.`, { param: 'fault' })
}

/**
 * @param {string | null} times
 * @param {Fault} fault
 */
function timesOf(times, fault) {
  if (!times) return fault.times ?? 1
  if (times === 'always') return Number.POSITIVE_INFINITY
  if (/^\d{1,6}$/.test(times)) return Number(times)
  const message = `times must be a whole number or "always", not ${JSON.stringify(times)}.`
  throw new Refusal(400, message, { param: 'times' })
}

/** @param {Exchange} exchange */
async function sendErrorEvent(exchange) {
  const message = 'The server had an error while processing your request'
  await exchange.event({ error: { message, type: 'server_error', param: null, code: null } })
  exchange.end()
}

/** @param {Exchange} exchange */
async function sendHeartbeats(exchange) {
  await exchange.open()
  await exchange.keepAlive(Number.POSITIVE_INFINITY, 500)
}

/** @param {Exchange} exchange */
async function refuseOverloaded({ response }) {
  const message = 'The engine is currently overloaded, please try again later'
  sendRefusal(response, new Refusal(503, message, { type: 'server_error' }))
}

/** @param {Exchange} exchange */
async function refuseRateLimit({ response }) {
  const message = 'Rate limit reached for requests. Please try again in 2s.'
  const headers = { 'retry-after': '2' }
  sendRefusal(response, new Refusal(429, message, { type: 'requests', code: 'rate_limit_exceeded', headers }))
}

/** @param {Exchange} exchange */
async function sendSignInPage({ response }) {
  response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' })
  response.end(
    '<!doctype html><html lang="en"><title>Sign in</title><h1>Network sign-in</h1>' +
      '<p>Please sign in to use this network.</p><form><input name="user"><button>Sign in</button></form></html>\n',
  )
}
