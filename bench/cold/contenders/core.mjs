// @ts-check
import { stream } from '../../../dist/core.js'
import { openaiChat } from '../../../dist/dialects.js'
import { question } from '../question.mjs'

/** @type {import('../question.mjs').Ask} */
export async function ask(url, onText) {
  await stream(url, { dialect: openaiChat, json: question, onChunk: (text) => onText(text) }).answer()
}
