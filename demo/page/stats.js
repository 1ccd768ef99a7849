// @ts-check
import { textElement } from './element.js'
import { words } from './language.js'
import { number, seconds } from './words.js'

/**
 * What an answer took, as the entries of a list. Requests that an open circuit kept back were not sent.
 * @param {import('../../src/index.ts').Answer} answer
 */
export function statsOf({ text, usage, stats }) {
  const { firstDeltaMs, totalMs, attempts, bytes } = stats
  const names = words.stats
  const sent = attempts.filter(({ error }) => error !== 'circuit-open').length
  // Where nothing was sent there is nothing to count.
  if (sent === 0) return []
  const facts = [
    [names.first, firstDeltaMs === undefined ? names.none : seconds(firstDeltaMs)],
    ...(totalMs === undefined ? [] : [[names.total, seconds(totalMs)]]),
    [names.requests, number(sent)],
    [names.characters, number(text.length)],
    ...(usage?.outputTokens === undefined ? [] : [[names.tokens, number(usage.outputTokens)]]),
    [names.received, bytes < 1000 ? `${bytes} ${names.bytes}` : `${(bytes / 1000).toFixed(1)} kB`],
  ]
  return facts.map(([name = '', value = '']) => {
    const row = document.createElement('div')
    row.append(textElement('dt', name), textElement('dd', value))
    return row
  })
}
