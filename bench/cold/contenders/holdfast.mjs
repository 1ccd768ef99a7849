// @ts-check
import { stream } from '../../../dist/index.js'
import { question } from '../question.mjs'

/** @type {import('../question.mjs').Ask} */
export async function ask(url, onText) {
  await stream(url, { json: question, onChunk: (text) => onText(text) }).answer()
}
