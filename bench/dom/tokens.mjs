// @ts-check
// A long answer, as models write them: paragraphs, now and then a list, some letters of more than one byte.

const WORDS =
  'the holdfast clings to its rock while waves pull at every frond über Ålesund 🌊 and holds'.split(' ')

/**
 * @param {number} count
 * @returns {string[]} a word and what follows it each; the same at every call
 */
export function tokens(count) {
  return Array.from({ length: count }, (_, i) => `${WORDS[(i * 7 + (i >> 4)) % WORDS.length]}${after(i)}`)
}

/** @param {number} i */
function after(i) {
  if (i % 90 === 89) return '.\n\n'
  const isInList = i % 900 > 850
  return isInList && i % 10 === 9 ? '\n- ' : ' '
}

/**
 * One event in OpenAI's chat format, as recorded from the real API.
 * @param {string} content
 */
export function event(content) {
  const head = '"object":"chat.completion.chunk","created":1778031210,"model":"gpt-4o-mini-2024-07-18"'
  const choice = `{"index":0,"delta":{"content":${JSON.stringify(content)}},"logprobs":null,"finish_reason":null}`
  return `data: {"id":"chatcmpl-D",${head},"service_tier":"default","choices":[${choice}],"usage":null}\n\n`
}
