// @ts-check
import { $ } from './element.js'

/** @typedef {import('./keep.js').Call} Call */

// `crypto.randomUUID` is not there for pages from another machine without TLS.
const random = () => Math.random().toString(36).slice(2, 13).padEnd(11, '0')

/** How the next question is to be asked, as picked below it. @returns {Call} */
export function pickedCall() {
  const { value, label } = $('fault').selectedOptions[0]
  return {
    ask: `${Date.now().toString(36)}-${random()}${random()}`,
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
    const options = faults.map(({ name, label, description }) => {
      const option = new Option(label, name, false, name === $('fault').value)
      option.dataset.description = description
      return option
    })
    $('fault').replaceChildren(...options)
    describeFault()
  } catch {
    $('fault-description').textContent = 'The list of faults could not be loaded.'
  }
}
