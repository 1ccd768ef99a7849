// @ts-check
import { copyOf, partOf } from './element.js'
import { words } from './language.js'
import { linkTo } from './second-tab.js'

/**
 * An answer that was over before the page was loaded: its text and how it ended. Its timeline and log are gone.
 * @param {import('./keep.js').Turn} turn
 * @param {import('../../src/index.ts').RenderOptions['writer']} writer
 * @param {() => void} again
 */
export function restored(turn, writer, again) {
  const { question, text, state, status, error, call } = turn
  const element = copyOf('answer')
  const part = (/** @type {string} */ selector) => partOf(element, selector)
  element.setAttribute('aria-label', words.card.answerTo(question))
  element.dataset.state = state
  part('.text').classList.toggle('markdown', call.markdown)
  if (writer) {
    const { write, end } = writer(part('.text'))
    write(text)
    end?.()
  } else part('.text').textContent = text
  part('.status').textContent = status
  part('.error').textContent = error
  part('.error').hidden = error === ''
  part('.again').hidden = state !== 'failed'
  part('.again').addEventListener('click', again)
  linkTo(turn, element)
  part('.timeline').remove()
  part('.log').remove()
  return element
}
