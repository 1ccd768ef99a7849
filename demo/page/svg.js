// @ts-check

const SVG = 'http://www.w3.org/2000/svg'

/**
 * @param {string} name
 * @param {{ [name: string]: string | number }} [attributes]
 */
export function svgElement(name, attributes = {}) {
  const element = document.createElementNS(SVG, name)
  setAttributes(element, attributes)
  return element
}

/**
 * Touches what has changed and nothing else.
 * @param {Element} element
 * @param {{ [name: string]: string | number }} attributes
 */
export function setAttributes(element, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    if (element.getAttribute(name) !== String(value)) element.setAttribute(name, String(value))
  }
}
