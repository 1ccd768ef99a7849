// @ts-check
// What an answer that a relay keeps lives through, one click each.
import { underWay } from './conversation.js'
import { $, announce, partOf } from './element.js'
import { words } from './language.js'

/** The server can be killed where something starts it again. */
let isKept = false

export async function offerTricks() {
  for (const button of document.querySelectorAll('[data-trick]')) {
    button.addEventListener('click', () => tricks[button.getAttribute('data-trick') ?? '']?.())
  }
  try {
    const about = await (await fetch('/about.json')).json()
    isKept = about.store === 'redis'
    for (const button of document.querySelectorAll('[data-trick=kill]'))
      button.toggleAttribute('hidden', !about.isSupervised)
  } catch {
    // Then it is not offered.
  }
}

/** @type {{ [name: string]: () => unknown }} */
const tricks = {
  reload: () => location.reload(),
  second() {
    const card = underWay()
    const link = card && /** @type {HTMLAnchorElement} */ (partOf(card.element, '.second'))
    if (link && !link.hasAttribute('data-nowhere')) link.click()
  },
  kill,
}

async function kill() {
  const card = underWay()
  const told = isKept ? words.composer.redis : words.composer.memory
  card?.log(told)
  card?.record.note('fault', told)
  $('now-note').textContent = told
  announce(told)
  // It may be gone before it has answered.
  await fetch('/process/kill', { method: 'POST' }).catch(() => {})
}
