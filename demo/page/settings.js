// @ts-check
// How the next question is to be asked, as picked below it; over a reload, and for other tabs.
import { $ } from './element.js'
import { words } from './language.js'

const KEY = 'holdfast-demo-settings'
/** @type {{ [name: string]: string }} */
const settings = read()

function read() {
  try {
    return JSON.parse(localStorage.getItem(KEY) ?? '{}') ?? {}
  } catch {
    return {}
  }
}

/** What is kept under a name, or to be kept from now on. @param {string} name @param {string} [value] */
export function setting(name, value) {
  if (value === undefined) return settings[name]
  settings[name] = value
  try {
    localStorage.setItem(KEY, JSON.stringify(settings))
  } catch {
    // Full or switched off: then it is forgotten with the page.
  }
  return value
}

/** Shows what was picked before, and remembers what is picked from now on. */
export function restoreSettings() {
  if (settings.fault) pickFault(settings.fault)
  if (settings.patience) $('patience').value = settings.patience
  for (const box of ['always', 'markdown']) $(box).checked = settings[box] === 'true'
  for (const pick of ['fault', 'patience', 'always', 'markdown']) {
    const field = $(pick)
    field.addEventListener('change', () => {
      setting(pick, field.type === 'checkbox' ? String(field.checked) : field.value)
    })
  }
}

/** @typedef {import('./keep.js').Call} Call */

// `crypto.randomUUID` is not there for pages from another machine without TLS.
const random = () => Math.random().toString(36).slice(2, 13).padEnd(11, '0')

/** The id of a question that is new. */
export const newAsk = () => `${Date.now().toString(36)}-${random()}${random()}`

/** @returns {Call} */
export function pickedCall() {
  const { value, label } = $('fault').selectedOptions[0]
  return {
    ask: newAsk(),
    fault: value,
    label,
    always: $('always').checked,
    markdown: $('markdown').checked,
  }
}

/** @param {string} name */
export function pickFault(name) {
  $('fault').value = name
  // The list is not here yet, or could not be loaded.
  if ($('fault').value !== name) $('fault').add(new Option(name, name, false, true))
  describeFault()
}

export function describeFault() {
  $('fault-description').textContent = $('fault').selectedOptions[0]?.dataset.description ?? ''
}

/** Fills the picker with what the server can do. */
export async function listFaults() {
  try {
    const response = await fetch('/faults.json')
    const faults = /** @type {{ name: string, label: string, description: string }[]} */ (
      await response.json()
    )
    const options = faults.map(({ name, ...own }) => {
      const [label, description] = words.faults[name] ?? [own.label, own.description]
      const option = new Option(label, name, false, name === $('fault').value)
      option.dataset.description = description
      return option
    })
    $('fault').replaceChildren(...options)
    describeFault()
  } catch {
    $('fault-description').textContent = words.composer.noFaults
  }
}
