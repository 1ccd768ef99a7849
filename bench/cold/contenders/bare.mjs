// @ts-check
/** The yardstick: the least anyone has to do to get the text out of an answer. */
import { body } from '../question.mjs'

/** @type {import('../question.mjs').Ask} */
export async function ask(url, onText) {
  const response = await fetch(url, body)
  const reader = /** @type {ReadableStream<Uint8Array>} */ (response.body).getReader()
  const decoder = new TextDecoder()
  let buffer = ''
  for (;;) {
    const { value, done } = await reader.read()
    if (done) return
    buffer += decoder.decode(value, { stream: true })
    const blocks = buffer.split('\n\n')
    buffer = blocks.pop() ?? ''
    for (const block of blocks) {
      if (block === 'data: [DONE]') continue
      const text = JSON.parse(block.slice(6)).choices[0].delta.content
      if (text) onText(text)
    }
  }
}
