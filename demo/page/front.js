// @ts-check
// The first screen: what it is, and in which language.
import { $, announce } from './element.js'
import { switchLanguage, words } from './language.js'

export function showFront() {
  const { other, otherLang } = words.language
  $('language').textContent = other
  $('language').lang = otherLang
  $('language').addEventListener('click', switchLanguage)
  $('copy').addEventListener('click', copy)
}

/** The first screen makes room for a conversation. @param {boolean} isTalking */
export function makeRoom(isTalking) {
  document.body.classList.toggle('talking', isTalking)
  $('front').hidden = isTalking
}

async function copy() {
  let told = words.copied
  try {
    await navigator.clipboard.writeText($('install').textContent)
  } catch {
    // Not allowed, or not there without TLS: the reader's own copying does it.
    getSelection()?.selectAllChildren($('install'))
    told = words.notCopied
  }
  announce(told)
  $('copy').textContent = told
  setTimeout(() => {
    $('copy').textContent = words.page.copy
  }, 2000)
}
