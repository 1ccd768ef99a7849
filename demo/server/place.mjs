// @ts-check
import { Refusal } from './refusal.mjs'

/**
 * Where in which answer a stream begins.
 * @typedef {object} Place
 * @property {import('./model.mjs').Telling} telling
 * @property {number} from the number of the first event to send
 * @property {((at: number) => string) | undefined} idOf what the events are called, if they are to have ids
 */

/**
 * The start of an answer, or the place after the event that `Last-Event-ID` names. The simulated model says the same
 * each time, so it needs no memory to go on. Only who asks for it (`resume=yes`) gets ids: a server that can go on
 * and one that cannot are both worth seeing.
 *
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html#the-last-event-id-header
 * @param {import('./exchange.mjs').Exchange} exchange
 * @param {import('./model.mjs').Telling} telling of an answer from its start
 * @returns {Place}
 * @throws {Refusal} 404 for an id that is none of ours
 */
export function placeFor({ query, request }, telling) {
  if (query.get('resume') !== 'yes') return { telling, from: 0, idOf: undefined }
  const last = request.headers['last-event-id']
  if (last === undefined) return numbered(telling, 0)
  const [, told, at] = /^(told|retold)-(\d{1,6})$/.exec(String(last)) ?? []
  if (!told) throw new Refusal(404, `No event is called ${JSON.stringify(last)}.`, { code: 'unknown_event' })
  return numbered(/** @type {import('./model.mjs').Telling} */ (told), Number(at) + 1)
}

/**
 * @param {import('./model.mjs').Telling} telling
 * @param {number} from
 */
const numbered = (telling, from) => ({
  telling,
  from,
  idOf: (/** @type {number} */ at) => `${telling}-${at}`,
})
