/** What is a secret: by which names headers and search parameters hold keys, and in which spellings these may show up. */

const NAMES =
  /(^|[-_.])(auth|authorization|bearer|cookie|credentials?|jwt|pass(word|wd|phrase)?|pwd|secret|session|sig|signature|(api|auth|access)?(key|token))$/i
// They go with a request without opening anything.
const HARMLESS = /csrf|xsrf|idempot|cache|partition|page|continuation|websocket/i

/** Whether a header or a search parameter of this name is a credential. */
export function isCredential(name: string): boolean {
  // What nearly every request has; the expressions cost an engine more than all else that a first request needs.
  if (name === 'accept' || name === 'content-type') return false
  return NAMES.test(name.replace(/([a-z])([A-Z])/g, '$1-$2')) && !HARMLESS.test(name)
}

/**
 * What no text about a request may show, in each spelling that a server or an engine may quote; the longest first, so that
 * none leaves a tail of another.
 */
export function secretsIn(headers: Headers, url: string): string[] {
  const found = new Set<string>()
  const add = (text: string, written = text): void => void found.add(text).add(written).add(encoded(text))
  headers.forEach((value, name) => {
    if (isCredential(name)) for (const part of partsOf(name, value)) add(part)
  })
  const [, user = '', query = ''] = /^(?:[^/?#]*\/\/([^/?#]*)@)?[^?#]*\??([^#]*)/.exec(url) ?? []
  for (const part of [user, ...user.split(':')]) add(decoded(part), part)
  for (const pair of query.split('&'))
    for (const [name, value] of new URLSearchParams(pair))
      if (isCredential(name)) add(value, pair.slice(pair.indexOf('=') + 1))
  return inOrder(found)
}

/** The longest first. A very short one would redact ordinary words. */
export function inOrder(secrets: Iterable<string>): string[] {
  return [...secrets].filter((secret) => secret.length >= 6).sort((a, b) => b.length - a.length)
}

/** A header's value without its scheme, and what it is made of: cookies, parameters, user and password. */
function partsOf(name: string, value: string): string[] {
  const bare = value.replace(/^[a-z][\w-]*\s+(?=\S)/i, '')
  const pair = /^basic\s/i.test(value) ? basic(bare) : ''
  const pieces = bare.split(/[\s,;]+/).map((piece) => piece.replace(/^[^=]*="?(?=[^="])|"$/g, ''))
  // The word before a key is a scheme, but not everywhere.
  return [/auth/i.test(name) ? bare : value, bare, ...pieces, pair, ...pair.split(/:(.*)/s)]
}

function basic(base64: string): string {
  try {
    return new TextDecoder().decode(Uint8Array.from(atob(base64), (char) => char.charCodeAt(0)))
  } catch {
    return ''
  }
}

// In a query, but for what stands there as it is.
function encoded(text: string): string {
  return new URLSearchParams([['', text]]).toString().slice(1)
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** A URL, relative or not, without user, password and the search parameters that are credentials. */
export function withoutKeys(url: string): string {
  const [, path = '', query = '', hash = ''] = /^([^?#]*)\??([^#]*)(.*)$/s.exec(url) ?? []
  const kept = query.split('&').filter((pair) => ![...new URLSearchParams(pair).keys()].some(isCredential))
  const address = path.replace(/^([^/]*\/\/)[^/]*@/, '$1')
  return address + (kept.join('&') && `?${kept.join('&')}`) + hash
}
