// @ts-check
// The conversation: questions, their answers, and what of them outlives a reload.
import { render } from '/dist/holdfast.min.js'
import { Card } from './card.js'
import { ai, breakerListeners, timeouts } from './client.js'
import { undock } from './dock.js'
import { $, announce, copyOf, partOf } from './element.js'
import { makeRoom } from './front.js'
import { keep, kept } from './keep.js'
import { words } from './language.js'
import { restored } from './restored.js'
import { elsewhere } from './second-tab.js'
import { pickedCall } from './settings.js'
import { strike } from './strike.js'

/** @typedef {import('./keep.js').Turn} Turn */
/** @typedef {import('./keep.js').Call} Call */

/** @type {Turn[]} */
const turns = []
/** @type {{ reply: import('../../src/index.ts').Reply, card: Card, turn: Turn } | undefined} the answer under way */
let current
/** @type {Set<Card>} the cards whose words change with time; a countdown may outlive its answer */
const live = new Set()
// Without it the page still has plain text. Waited for here: whoever asks at once shall have it, too.
const { markdown } = await import('./markdown.js').catch(() => ({ markdown: undefined }))

export const isBusy = () => current !== undefined
/** At the server, too. */
export const stop = () => current?.reply.stop()

/** Called whenever something begins or ends. @type {() => void} */
let changed = () => {}

/** Shows what a reload has left, and goes on with it. @param {() => void} onChange */
export function begin(onChange) {
  changed = onChange
  breakerListeners.add(({ to }) => {
    for (const { record } of live) if (!record.isOver) record.turn(to)
  })
  $('markdown').disabled = !markdown
  if (elsewhere) answer(elsewhere, itemFor(elsewhere))
  else for (const turn of kept?.turns ?? []) restore(turn)
  addEventListener('pagehide', leave)
  addEventListener('pageshow', () => {
    isLeaving = false
  })
}

/** Brings all words up to date; true while some go on changing by themselves. */
export function tick() {
  for (const card of live) if (!card.tick()) live.delete(card)
  return live.size > 0
}

/** @param {string} question */
export function ask(question) {
  const call = pickedCall()
  /** @type {Turn} */
  const turn = { question, text: '', call, state: undefined, status: '', error: '' }
  turns.push(turn)
  answer(turn, itemFor(turn))
}

/** @param {Turn} turn */
function itemFor({ question }) {
  const item = copyOf('turn')
  partOf(item, '.question').textContent = question
  partOf(item, '.question').hidden = question === ''
  $('conversation').append(item)
  makeRoom(true)
  return item
}

/**
 * Asks; or reads on, if the answer has an address.
 * @param {Turn} turn
 * @param {HTMLElement} item
 */
function answer(turn, item) {
  const { call, address } = turn
  Object.assign(turn, { text: '', state: undefined })
  const card = new Card(turn, ai.health().state)
  card.onAgain(() => again(turn, item))
  append(item, card.element)
  card.dock()
  const { onOpen, ...callbacks } = card.callbacks
  const reply = ai.stream(turn === elsewhere ? String(address) : '/answers', {
    ...(turn !== elsewhere && requestFor(call)),
    from: address === undefined ? undefined : { version: 2, url: location.origin + address },
    timeouts: timeouts(),
    ...callbacks,
    onOpen: (opened) => void [onOpen?.(opened), keepAddress(turn, reply, card)],
    onComplete: (whole) => over(turn, card, 'done', whole.text, () => card.complete(whole)),
    onAbort: (error) => over(turn, card, 'stopped', error.answer?.text ?? '', () => card.stop(error)),
    onError: (error) => fail(turn, card, error),
  })
  card.record.start()
  current = { reply, card, turn }
  live.add(card)
  const { asking, complete, stopped } = words.said
  const told = { start: asking, done: complete, stopped, error: '' }
  const writer = call.markdown ? markdown : undefined
  // Its error is the one that onError and onAbort have told of.
  render(reply, card.text, { follow: true, status: $('announcer'), words: told, writer }).catch(() => {})
  document.scrollingElement?.scrollTo({ top: document.scrollingElement.scrollHeight, behavior: 'instant' })
  changed()
}

/**
 * The newest answer: the only one that can be tried again, with a timeline if the one before has it unfolded.
 * @param {HTMLElement} item
 * @param {HTMLElement} element
 */
function append(item, element) {
  for (const button of document.querySelectorAll('.again')) button.remove()
  undock()
  const before = [...document.querySelectorAll('.timeline')].at(-1)
  if (before) element.querySelector('.timeline')?.toggleAttribute('open', before.hasAttribute('open'))
  item.append(element)
}

/** @param {Turn} turn @param {HTMLElement} item */
function again(turn, item) {
  // The button is about to go; those below take over from it.
  $('send').focus()
  Object.assign(turn, { call: pickedCall(), address: undefined })
  answer(turn, item)
}

/** @param {Call} call */
function requestFor({ fault, ask, always }) {
  return {
    searchParams: { fault, ask, ...(always && { times: 'always' }) },
    json: { model: 'simulated', stream: true, stream_options: { include_usage: true }, messages: messages() },
    // Of a page that is loaded again before it knows the answer's address: the same question is given the same answer.
    idempotencyKey: ask,
  }
}

/**
 * @param {Turn} turn
 * @param {Card} card
 * @param {import('../../src/index.ts').StreamFailure} error
 */
function fail(turn, card, error) {
  const isStopped = error.code === 'api' && error.providerCode === 'stopped'
  const [state, finish] = isStopped
    ? /** @type {const} */ (['stopped', () => card.stop(error)])
    : /** @type {const} */ (['failed', () => card.fail(error)])
  over(turn, card, state, error.answer?.text ?? '', finish)
}

/**
 * @param {Turn} turn
 * @param {Card} card
 * @param {Turn['state']} state
 * @param {string} text
 * @param {() => void} finish
 */
function over(turn, card, state, text, finish) {
  finish()
  if (current?.card === card) current = undefined
  Object.assign(turn, { text, state, status: lasting(card.status), error: card.error })
  save()
  changed()
}

/** Without a countdown. @param {string} status */
const lasting = (status) => status.replace(/ ?[(（][\d.]+ (s|秒)[)）]$/, '')

/** What has been said so far; an answer that broke off counts as far as it came. */
function messages() {
  return turns.flatMap(({ question, text, state }) => [
    { role: 'user', content: question },
    ...(text && state ? [{ role: 'assistant', content: text }] : []),
  ])
}

export function startOver() {
  if (elsewhere) {
    location.assign('/')
    return
  }
  stop()
  current = undefined
  live.clear()
  turns.length = 0
  undock()
  $('conversation').replaceChildren()
  makeRoom(false)
  save()
  changed()
  $('question').focus()
  // After the last words of what was left.
  setTimeout(() => announce(words.said.fresh))
}

/** What a trick is to be done to. */
export const underWay = () => current?.card

/** Breaks the answer under way. @param {string} fault @param {string} label */
export async function breakNow(fault, label) {
  if (current) await strike(current.turn.call.ask, fault, label, current.card)
}

// ---------------------------------------------------------------------------------------------------------------
// Over a reload

let isLeaving = false

/**
 * The address is all that a page needs to know of an answer, and it knows it with the headers.
 * @param {Turn} turn
 * @param {import('../../src/index.ts').Reply} reply
 * @param {Card} card
 */
function keepAddress(turn, reply, card) {
  const checkpoint = reply.checkpoint()
  if (checkpoint?.version !== 2) return
  turn.address = new URL(checkpoint.url).pathname
  card.showAddress(turn)
  save()
}

function save() {
  // A page that goes breaks its own connections: that is no failure to remember.
  if (!isLeaving && !elsewhere) keep({ turns, breakers: ai.saveBreakers() })
}

function leave() {
  save()
  isLeaving = true
}

/** @param {Turn} turn */
function restore(turn) {
  turns.push(turn)
  const item = itemFor(turn)
  if (turn.state === undefined) {
    answer(turn, item)
    return
  }
  append(
    item,
    restored(turn, turn.call.markdown ? markdown : undefined, () => again(turn, item)),
  )
}
