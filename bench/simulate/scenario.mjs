// @ts-check
/**
 * What is assumed. Where there was a choice, the hand-written loops got the benefit of it.
 *
 * - A client has one breaker and one budget and knows nothing of the others. It is a page in a browser with one user, or
 *   a relay: a server that asks for many users at once, each of whom has one stream.
 * - A user asks, reads the answer or the error, and asks again after a while: exponential gaps, measured from the end
 *   of the last ask. An ask that the open circuit refuses has ended, too. Nobody gives up for good, nobody gets
 *   impatient (the table over the gaps shows what that would do).
 * - The server takes up `capacity` times the normal load, first come, first served; an answer then takes `serviceMs`,
 *   `firstMs` of them until the first delta.
 *   Whoever finds the queue full gets a 503 at once. A refusal costs the server nothing, which flatters whoever asks
 *   often: real servers go down by refusing.
 * - The outage cuts every answer under way at once. That is the crowd that could come back in step. While it lasts,
 *   everybody gets `status` after `refusalMs`, without a `Retry-After`. A blip is an outage of 0 ms: it only cuts.
 * - Text that was shown may be taken back. Streams that can be resumed are as long as those asked for anew.
 * - Nobody times out: the queue is shorter than any of the default clocks.
 *
 * @typedef {object} Scenario
 * @property {number} clients
 * @property {number} users - of each client.
 * @property {number} seed
 * @property {number} gapMs - the mean from the end of an ask to the user's next one.
 * @property {number} firstMs - from being taken up to the first delta.
 * @property {number} serviceMs - from being taken up to the whole answer.
 * @property {number} capacity - requests the server takes up, as a multiple of the normal load.
 * @property {number} queueMs - how long the longest queue takes to serve.
 * @property {number} refusalMs - how long it takes to be told no.
 * @property {{ fromMs: number, lastsMs: number, share: number, status: number }} outage - `share` of the requests fail.
 * @property {boolean} isResumable - whether a stream that was cut after its first delta can be gone on with.
 * @property {number} afterMs - how long to look on when the outage is over.
 */

/** Pages. @type {Readonly<Scenario>} */
export const scenarioDefaults = Object.freeze({
  clients: 100_000,
  users: 1,
  seed: 1,
  gapMs: 30_000,
  firstMs: 1_000,
  serviceMs: 5_000,
  capacity: 1.25,
  queueMs: 5_000,
  refusalMs: 50,
  outage: Object.freeze({ fromMs: 120_000, lastsMs: 300_000, share: 1, status: 503 }),
  isResumable: false,
  afterMs: 180_000,
})

/** Relays: of 1,400 users each, a seventh are being answered, which makes 200 streams under way. */
export const relayDefaults = Object.freeze({ ...scenarioDefaults, clients: 50, users: 1_400 })

/** One relay's streams are all cut at once; the server is well, and large enough for all of them to come back. */
export const blipDefaults = Object.freeze({
  ...relayDefaults,
  clients: 1,
  users: 1_500,
  capacity: 10,
  outage: Object.freeze({ ...scenarioDefaults.outage, lastsMs: 0 }),
  afterMs: 60_000,
})

/**
 * The offered load with a server that works, in requests per second.
 *
 * @param {Scenario} scenario
 */
export function normalLoad({ clients, users, gapMs, serviceMs }) {
  return ((clients * users) / (gapMs + serviceMs)) * 1000
}

/** @param {Scenario} scenario */
export function outageEndMs({ outage }) {
  return outage.fromMs + outage.lastsMs
}

/** @param {Scenario} scenario */
export function endMs(scenario) {
  return outageEndMs(scenario) + scenario.afterMs
}
