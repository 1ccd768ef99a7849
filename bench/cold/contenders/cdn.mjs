// @ts-check
/** The file for pages without a bundler, as it is: the page loads it by itself. */
import { question } from '../question.mjs'

/** @type {typeof import('../../../dist/index.js')} */
const { stream } = await import(new URL('holdfast.min.js', import.meta.url).href)

/** @type {import('../question.mjs').Ask} */
export async function ask(url, onText) {
  await stream(url, { json: question, onChunk: (text) => onText(text) }).answer()
}
