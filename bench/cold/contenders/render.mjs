// @ts-check
/** Not raced, but looked at: `render()`, `onChunk` into a Text node, and a bare loop into one. */
import { render, stream } from '../../../dist/index.js'
import { question } from '../question.mjs'
import { ask as bare } from './bare.mjs'

/** @type {Record<string, (url: string, element: HTMLElement) => Promise<unknown>>} */
export const writers = {
  'bare loop': (url, element) => bare(url, appendTo(element)),
  onChunk: (url, element) => stream(url, { json: question, onChunk: appendTo(element) }).answer(),
  'render()': (url, element) => render(stream(url, { json: question }), element),
}

/** @param {HTMLElement} element */
function appendTo(element) {
  const node = element.appendChild(document.createTextNode(''))
  return (/** @type {string} */ text) => node.appendData(text)
}
