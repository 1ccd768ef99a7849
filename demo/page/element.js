// @ts-check

/**
 * The page's own elements are known to be there, and their kinds to whoever asks for them.
 * @param {string} id
 * @returns {any}
 */
export const $ = (id) => document.getElementById(id)

/**
 * @param {string} name
 * @param {string} text
 */
export function textElement(name, text) {
  const element = document.createElement(name)
  element.textContent = text
  return element
}

/**
 * A fresh copy of a template's only element.
 * @param {string} id
 * @returns {HTMLElement}
 */
export const copyOf = (id) => $(id).content.firstElementChild.cloneNode(true)

/**
 * A part of such a copy, known to be there.
 * @param {Element} element
 * @param {string} selector
 */
export const partOf = (element, selector) => /** @type {HTMLElement} */ (element.querySelector(selector))

/**
 * Says a change of state to whoever listens instead of looking; never tokens, never a countdown.
 * @param {string} words
 */
export function announce(words) {
  $('announcer').textContent = words
}
