// @ts-check
import { dice, hash } from './dice.mjs'
import { markdown, markdownZh } from './markdown.mjs'
import { topics as topicsEn } from './topics.mjs'
import { topicsZh } from './topics-zh.mjs'

/** @typedef {'told' | 'retold'} Telling the answer, or the same in other words after its first sentence */

/**
 * The answer to a question: always the same for the same question and telling.
 * @param {string} question
 * @param {Telling} [telling]
 * @returns {readonly string[]} its tokens
 */
export function answerTo(question, telling = 'told') {
  const seed = hash(question)
  const isZh = isChinese(question)
  const topics = isZh ? topicsZh : topicsEn
  // Who does not ask for Markdown never gets it: it is not among those to fall back on.
  const about = [isZh ? markdownZh : markdown, ...topics].find((topic) => topic.words.test(question))
  const topic = about ?? topics[seed % topics.length]
  if (!topic) throw new Error('The model knows no topic')
  const opening = about ? topic.opening(quote(question)) : topic.detour(quote(question))
  const space = isZh ? '' : ' '
  return tokenize(`${opening}${space}${topic[telling].join('\n\n')}`, seed)
}

/** @param {string} text */
const isChinese = (text) => /\p{Script=Han}/u.test(text)

/**
 * Pieces of three to five characters, or one or two Chinese ones; never half of one, as no provider sends half a character either.
 * @param {string} text
 * @param {number} [seed]
 */
export function tokenize(text, seed = hash(text)) {
  const roll = dice(seed)
  const characters = Array.from(text)
  const [least, range] = isChinese(text) ? [1, 2] : [3, 3]
  const tokens = []
  for (let at = 0; at < characters.length; ) {
    const length = least + Math.floor(roll() * range)
    tokens.push(characters.slice(at, at + length).join(''))
    at += length
  }
  return tokens
}

/** @param {string} question */
function quote(question) {
  const characters = Array.from(question.replace(/\s+/g, ' ').trim())
  if (characters.length <= 60) return `“${characters.join('')}”`
  const start = characters.slice(0, 60).join('')
  return `“${start.replace(/[\s\p{P}]+\S*$/u, '') || start}…”`
}
