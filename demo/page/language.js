// @ts-check
// In which language the page speaks: as chosen, else as the browser prefers. What is said is in `words/`.

const KEY = 'holdfast-demo-language'
// Set by the first script of index.html, before anything is painted. There is no document where tests run.
const lang = globalThis.document?.documentElement.lang ?? 'en'

/** @type {'en' | 'zh'} */
export const language = lang.startsWith('zh') ? 'zh' : 'en'

/** All words, of one language; the other one is not loaded. */
export const { words } = await (language === 'zh' ? import('./words/zh.js') : import('./words/en.js'))

/** Has what index.html says in English said in this language, in its templates, too. */
export function translate() {
  if (language !== 'en') {
    document.title = words.page.title
    translateIn(document)
    for (const { content } of document.querySelectorAll('template')) translateIn(content)
  }
  document.documentElement.classList.remove('translating')
}

/** @param {Document | DocumentFragment} root */
function translateIn(root) {
  /** @type {{ [key: string]: string }} */
  const { ...page } = words.page
  /** @type {{ [key: string]: string }} */
  const { ...labels } = words.labels
  for (const element of root.querySelectorAll('[data-words]'))
    element.textContent = page[element.getAttribute('data-words') ?? ''] ?? ''
  for (const element of root.querySelectorAll('[data-label]'))
    for (const name of ['aria-label', 'placeholder', 'title'])
      if (element.hasAttribute(name))
        element.setAttribute(name, labels[element.getAttribute('data-label') ?? ''] ?? '')
}

/** Speaks the other language: the page is loaded again, and an answer under way goes on, as after any reload. */
export function switchLanguage() {
  try {
    localStorage.setItem(KEY, words.language.otherLang)
  } catch {
    // Storage that is switched off: then the address has to say it.
  }
  const address = new URL(location.href)
  address.searchParams.set('lang', words.language.otherLang)
  location.assign(address)
}
