// @ts-check
// The same fault at the same moment, in two panes: what others make of it, and what this library does.
import { apart, timeouts } from './client.js'
import { $, announce, partOf } from './element.js'
import { words } from './language.js'
import { readers } from './readers.js'
import { addScore, showScores } from './scores.js'
import { newAsk, setting } from './settings.js'
import { now } from './words.js'

/** @typedef {keyof typeof readers} ReaderName */
/** @typedef {import('./readers.js').Seen} Seen */

const say = words.panes
/** For so long nothing may come after Holdfast is done; then whoever still waits is called hanging. */
const HUNG_MS = 4000

/** @type {AbortController | undefined} the comparison under way */
let current

export function showPanes() {
  for (const [name, label] of Object.entries(say.readers)) $('reader').add(new Option(label, name))
  $('reader').value = setting('reader') ?? 'loop'
  if (!$('reader').value) $('reader').value = 'loop'
  $('reader').addEventListener('change', () => {
    setting('reader', $('reader').value)
    nameLeft()
  })
  nameLeft()
  pane('right').text.setAttribute('aria-label', say.right)
  pane('left').verdict.textContent = say.idle
  pane('right').verdict.textContent = say.idleRight
  showScores()
  for (const chip of document.querySelectorAll('[data-compare]')) {
    const question = chip.querySelector('small')?.textContent ?? ''
    chip.addEventListener('click', () => compare(chip.getAttribute('data-compare') ?? '', question))
  }
}

function nameLeft() {
  pane('left').text.setAttribute('aria-label', say.left($('reader').selectedOptions[0].label))
}

/** @param {'left' | 'right'} side */
function pane(side) {
  return { text: partOf($(side), '.pane-text'), verdict: partOf($(side), '.verdict'), element: $(side) }
}

/**
 * Nobody waits for both: whoever picks another fault leaves this one.
 * @param {string} fault
 * @param {string} question
 */
async function compare(fault, question) {
  current?.abort('left')
  const scope = new AbortController()
  current = scope
  const name = /** @type {ReaderName} */ ($('reader').value)
  for (const side of /** @type {const} */ (['left', 'right'])) {
    pane(side).text.textContent = ''
    judge(side, 'busy', say.asking)
  }
  const right = askHoldfast(fault, question, scope.signal)
  const [left] = await Promise.all([askOther(name, fault, question, scope, right), right])
  if (scope.signal.reason === 'left') return
  addScore(name, left)
  addScore('holdfast', await right)
  announce(`${pane('left').verdict.textContent} Holdfast: ${pane('right').verdict.textContent}`)
}

/** @param {string} fault */
const addressFor = (fault) => `/answers?${new URLSearchParams({ fault, ask: newAsk() })}`
/** @param {string} question */
const bodyFor = (question) => ({
  ...{ model: 'simulated', stream: true },
  messages: [{ role: 'user', content: question }],
})

/**
 * @param {ReaderName} name
 * @param {string} fault
 * @param {string} question
 * @param {AbortController} scope
 * @param {Promise<unknown>} right
 * @returns {Promise<boolean>} whether it is whole
 */
async function askOther(name, fault, question, scope, right) {
  const { text } = pane('left')
  const hang = new AbortController()
  scope.signal.addEventListener('abort', () => hang.abort())
  /** @type {Seen} */
  const seen = { isEnded: false, lost: 0 }
  let [starts, heardAt] = [1, now()]
  const watch = watchSilence(right, () => heardAt, hang)
  /** @type {unknown} */
  let thrown
  try {
    await readers[name]({
      url: addressFor(fault),
      init: {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(bodyFor(question)),
        signal: hang.signal,
      },
      onText(piece) {
        heardAt = now()
        if (text.textContent === '') judge('left', 'busy', say.reading)
        append(text, piece)
      },
      onAgain: () => void (text.textContent && starts++),
      seen,
    })
  } catch (error) {
    thrown = error
  }
  clearInterval(watch)
  if (scope.signal.aborted) return false
  const [isWhole, told] = verdict(thrown, hang.signal.aborted, seen, starts, text.textContent !== '')
  judge('left', isWhole ? 'whole' : 'lost', told)
  return isWhole
}

/**
 * @param {unknown} thrown
 * @param {boolean} isHung
 * @param {Seen} seen
 * @param {number} starts
 * @param {boolean} hasText
 * @returns {[isWhole: boolean, told: string]}
 */
function verdict(thrown, isHung, { isEnded, lost }, starts, hasText) {
  if (isHung) return [false, say.hung]
  if (thrown) return [false, say.threw(thrown instanceof Error ? thrown.message : String(thrown))]
  if (!hasText) return [false, say.empty]
  if (starts > 1) return [false, say.doubled]
  if (lost > 0) return [false, say.holes(lost)]
  return isEnded ? [true, say.whole] : [false, say.half]
}

/**
 * Ends what would wait for ever, once the other side is done.
 * @param {Promise<unknown>} right
 * @param {() => number} heardAt
 * @param {AbortController} hang
 */
function watchSilence(right, heardAt, hang) {
  let doneAt = Number.POSITIVE_INFINITY
  void right.then(() => {
    doneAt = now()
  })
  return setInterval(() => {
    const silentMs = now() - heardAt()
    if (silentMs > 2000) judge('left', 'busy', say.silent(Math.floor(silentMs / 1000)))
    if (now() - Math.max(doneAt, heardAt()) > HUNG_MS) hang.abort()
  }, 250)
}

/**
 * @param {string} fault
 * @param {string} question
 * @param {AbortSignal} signal
 * @returns {Promise<boolean>}
 */
async function askHoldfast(fault, question, signal) {
  const { text } = pane('right')
  let isRewound = false
  try {
    const reply = apart.stream(addressFor(fault), {
      json: bodyFor(question),
      signal,
      timeouts: timeouts(),
      onChunk(piece) {
        if (text.textContent === '') judge('right', 'busy', say.reading)
        append(text, piece)
      },
      onStall: ({ silentMs }) => judge('right', 'busy', say.silent(Math.floor(silentMs / 1000))),
      onRetry: ({ reason, error }) => judge('right', 'busy', say.retrying(words.reason(reason, error.code))),
      onRewind: (rewind) => {
        isRewound = true
        text.textContent = (text.textContent ?? '').slice(0, rewind.text)
      },
    })
    const { stats } = await reply.answer()
    judge('right', 'whole', isRewound ? say.wholeRewound : say.wholeAfter(stats.attempts.length))
    return true
  } catch (error) {
    if (!signal.aborted) judge('right', 'lost', say.told(/** @type {Error} */ (error).message))
    return false
  }
}

/** The end stays in sight. @param {HTMLElement} element @param {string} piece */
function append(element, piece) {
  element.append(piece)
  element.scrollTop = element.scrollHeight
}

/**
 * @param {'left' | 'right'} side
 * @param {'busy' | 'whole' | 'lost'} state
 * @param {string} told
 */
function judge(side, state, told) {
  const { element, verdict } = pane(side)
  element.dataset.state = state
  if (verdict.textContent !== told) verdict.textContent = told
}
