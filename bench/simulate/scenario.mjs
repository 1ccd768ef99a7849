// @ts-check
/**
 * What is assumed. Where there was a choice, the hand-written loops got the benefit of it.
 *
 * - A client is a page in a browser: it has a breaker and a budget of its own and knows nothing of the others.
 * - A user asks, reads the answer or the error, and asks again after a while: exponential gaps, measured from the end
 *   of the last ask. An ask that the open circuit refuses has ended, too. Nobody gives up for good, nobody gets
 *   impatient (the table over the gaps shows what that would do).
 * - The server takes up `capacity` times the normal load, first come, first served; an answer then takes `serviceMs`.
 *   Whoever finds the queue full gets a 503 at once. A refusal costs the server nothing, which flatters whoever asks
 *   often: real servers go down by refusing.
 * - The outage cuts every answer under way at once. That is the crowd that could come back in step. While it lasts,
 *   everybody gets `status` after `refusalMs`, without a `Retry-After`.
 * - Nobody times out: the queue is shorter than any of the default clocks.
 *
 * @typedef {object} Scenario
 * @property {number} clients
 * @property {number} seed
 * @property {number} gapMs - the mean from the end of an ask to the user's next one.
 * @property {number} serviceMs - from being taken up to the whole answer.
 * @property {number} capacity - requests the server takes up, as a multiple of the normal load.
 * @property {number} queueMs - how long the longest queue takes to serve.
 * @property {number} refusalMs - how long it takes to be told no.
 * @property {{ fromMs: number, lastsMs: number, share: number, status: number }} outage - `share` of the requests fail.
 * @property {number} afterMs - how long to look on when the outage is over.
 */

/** @type {Readonly<Scenario>} */
export const scenarioDefaults = Object.freeze({
  clients: 100_000,
  seed: 1,
  gapMs: 30_000,
  serviceMs: 5_000,
  capacity: 1.25,
  queueMs: 5_000,
  refusalMs: 50,
  outage: Object.freeze({ fromMs: 120_000, lastsMs: 300_000, share: 1, status: 503 }),
  afterMs: 180_000,
})

/**
 * The offered load with a server that works, in requests per second.
 *
 * @param {Scenario} scenario
 */
export function normalLoad({ clients, gapMs, serviceMs }) {
  return (clients / (gapMs + serviceMs)) * 1000
}

/** @param {Scenario} scenario */
export function outageEndMs({ outage }) {
  return outage.fromMs + outage.lastsMs
}

/** @param {Scenario} scenario */
export function endMs(scenario) {
  return outageEndMs(scenario) + scenario.afterMs
}
