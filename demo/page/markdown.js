// @ts-check
// Markdown as it arrives, harmless: `streaming-markdown` makes elements and never HTML text, so what is left to
// refuse is what attributes and images can do. What a model says is somebody else's text.
import {
  Attr,
  default_add_token,
  default_renderer,
  default_set_attr,
  parser,
  parser_end,
  parser_write,
  Token,
} from '/vendor/streaming-markdown.js'

/**
 * The writer for `render(reply, element, { writer: markdown })`.
 * @param {Element} element
 * @returns {import('../../src/index.ts').Writer}
 */
export function markdown(element) {
  const begin = () => parser(harmless(/** @type {HTMLElement} */ (element)))
  let state = begin()
  const write = (/** @type {string} */ text) => parser_write(state, text)
  return {
    write,
    rewind(text) {
      // An incremental parser cannot go back: it begins anew with what stays.
      element.replaceChildren()
      state = begin()
      write(text)
    },
    end: () => parser_end(state),
  }
}

/** @param {HTMLElement} root */
function harmless(root) {
  return { ...default_renderer(root), add_token: addToken, set_attr: setAttribute }
}

/** @typedef {import('streaming-markdown').Default_Renderer_Data} Data */

/** @param {Data} data @param {import('streaming-markdown').Token} type */
function addToken(data, type) {
  switch (type) {
    case Token.Image:
      // A picture would be fetched unasked, and its address can carry off what was said: it becomes a link.
      default_add_token(data, Token.Link)
      here(data).className = 'image'
      return
    case Token.Table:
      enter(data, document.createElement('table'), 'wide')
      letScroll(here(data).parentElement, 'Table')
      return
    case Token.Code_Block:
    case Token.Code_Fence:
      default_add_token(data, type)
      letScroll(here(data).parentElement, 'Code')
      return
    case Token.Checkbox:
      default_add_token(data, type)
      here(data).setAttribute('aria-label', 'done')
      return
    default:
      default_add_token(data, isHeading(type) ? below(type) : type)
  }
}

/** @param {import('streaming-markdown').Token} type */
const isHeading = (type) => type >= Token.Heading_1 && type <= Token.Heading_6

/** The page's own title is the only one of the first rank. @param {import('streaming-markdown').Token} type */
const below = (type) =>
  /** @type {import('streaming-markdown').Token} */ (Math.min(type + 1, Token.Heading_6))

/**
 * In a box that scrolls by itself where the page is narrow.
 * @param {Data} data
 * @param {HTMLElement} element
 * @param {string} className
 */
function enter(data, element, className) {
  const box = document.createElement('div')
  box.className = className
  box.append(element)
  here(data).append(box)
  data.nodes[++data.index] = element
}

/**
 * What scrolls has to do so by keyboard, too.
 * @param {HTMLElement | null} box
 * @param {string} name
 */
function letScroll(box, name) {
  box?.setAttribute('tabindex', '0')
  box?.setAttribute('role', 'group')
  box?.setAttribute('aria-label', name)
}

/** @param {Data} data */
const here = (data) => /** @type {HTMLElement} */ (data.nodes[data.index])

/** @param {Data} data @param {import('streaming-markdown').Attr} type @param {string} value */
function setAttribute(data, type, value) {
  switch (type) {
    case Attr.Href:
    case Attr.Src:
      setAddress(here(data), value)
      return
    case Attr.Lang:
      // The default is a class, and the page's classes are not the model's to use.
      here(data).dataset.language = value
      return
    default:
      default_set_attr(data, type, value)
  }
}

/** What a link may lead to: elsewhere, and by its full name, never to a script, to data or into this page. */
const schemes = new Set(['http:', 'https:', 'mailto:'])

/**
 * @param {HTMLElement} link
 * @param {string} value
 */
function setAddress(link, value) {
  const url = URL.canParse(value) ? new URL(value) : undefined
  if (!url || !schemes.has(url.protocol)) {
    link.dataset.refused = ''
    link.title = `Not linked: ${value}`
    return
  }
  link.setAttribute('href', url.href)
  link.setAttribute('rel', 'noopener noreferrer nofollow')
  link.setAttribute('target', '_blank')
  link.title = url.href
}
