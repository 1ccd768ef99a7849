// @ts-check
// What is below the conversation: the question, the faults for the next answer, and those for this moment.
import { ask, breakNow, isBusy, startOver, stop } from './conversation.js'
import { $, announce } from './element.js'
import { words } from './language.js'
import { describeFault, pickFault } from './settings.js'

/** Whether what is written is to be asked when the answer under way is over. */
let isQueued = false

export function listen() {
  $('composer').addEventListener('submit', (/** @type {Event} */ event) => {
    event.preventDefault()
    send()
  })
  $('question').addEventListener('input', fitQuestion)
  $('question').addEventListener('keydown', (/** @type {KeyboardEvent} */ event) => {
    // While a word is being composed, Enter belongs to the input method (229 is how Safari says so).
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing || event.keyCode === 229) return
    event.preventDefault()
    send()
  })
  document.addEventListener('keydown', (event) => {
    if (event.key === 'Escape' && !event.isComposing) stop()
  })
  $('stop').addEventListener('click', stop)
  $('new').addEventListener('click', startOver)
  $('fault').addEventListener('change', describeFault)
  for (const button of $('now').querySelectorAll('[data-now]')) {
    button.addEventListener('click', () => breakNow(button.dataset.now, button.textContent))
  }
  for (const chip of document.querySelectorAll('[data-fault]')) {
    if (chip instanceof HTMLButtonElement) chip.addEventListener('click', () => askFrom(chip))
  }
}

/** What can be pressed at the moment. */
export function showButtons() {
  const isUnderWay = isBusy()
  const [shown, gone] = isUnderWay ? [$('stop'), $('send')] : [$('send'), $('stop')]
  // A focused button that vanishes would take the focus along, so its successor inherits it.
  const isLosing =
    document.activeElement === gone || (!isUnderWay && $('now').contains(document.activeElement))
  shown.hidden = false
  if (isLosing) shown.focus({ preventScroll: true })
  gone.hidden = true
  if ($('now').hidden === isUnderWay) $('now-note').textContent = ''
  $('now').hidden = !isUnderWay
  $('fault-description').hidden = isUnderWay
  $('both').hidden = !isUnderWay
  if (isUnderWay || !isQueued) return
  isQueued = false
  // Not from within the end of the one before.
  setTimeout(send)
}

function send() {
  const question = $('question').value.trim()
  if (!question) return
  if (isBusy()) {
    isQueued = true
    $('now-note').textContent = words.composer.queued
    announce(words.composer.queued)
    return
  }
  $('question').value = ''
  fitQuestion()
  ask(question)
}

/** @param {HTMLButtonElement} chip */
function askFrom(chip) {
  // The chip is about to go; the buttons below take over from Send.
  $('send').focus({ preventScroll: true })
  pickFault(chip.dataset.fault ?? 'none')
  $('markdown').checked = 'markdown' in chip.dataset && !$('markdown').disabled
  $('question').value = chip.querySelector('small')?.textContent ?? ''
  send()
}

function fitQuestion() {
  $('question').style.height = 'auto'
  $('question').style.height = `${$('question').scrollHeight}px`
}
