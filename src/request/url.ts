/** Which address a request goes to. */
import { present } from '../checks.ts'
import { withoutSecrets } from '../errors/redact.ts'
import { withoutKeys } from '../errors/secrets.ts'
import { pageAddress } from '../time/page.ts'

/**
 * The absolute URL of a request.
 *
 * @param baseUrl - goes before a relative `input`, joined by one slash: `https://api.example.com/v1` and
 *   `/chat/completions` make `https://api.example.com/v1/chat/completions`.
 * @param name - the option's name, for the message.
 * @throws TypeError when the two do not make an http(s) URL here (outside a page a relative one has no base).
 */
export function resolveUrl(input: string | URL, baseUrl?: string | URL, name = 'input'): string {
  const given = String(input)
  const joined = baseUrl === undefined || isAbsolute(given) ? given : joinedUrl(String(baseUrl), given)
  try {
    const url = absoluteUrl(joined)
    // Chromium lets `htps://` through and then fails as if the network were down. A relative URL is the page's own.
    if (!isAbsolute(joined) || /^https?:/i.test(url)) return url
  } catch {
    // Thrown below, with the value.
  }
  throw new TypeError(
    `${name} must be an http(s) URL, or a relative one where there is a page or a baseUrl; received ${JSON.stringify(withoutSecrets(joined))}`,
  )
}

// Making a `Request` takes an engine ten times as long, but React Native's `URL` puts a slash behind everything. Jest's jsdom
// has no `Request`.
function absoluteUrl(url: string): string {
  const { href, username, password } = new URL(url, pageAddress())
  const isDoubtful = href === `${url}/` || username + password !== ''
  return isDoubtful && typeof Request === 'function' ? new Request(url).url : href
}

/** Whether this is a text or a URL, also another window's, whose class is not ours. */
export function isUrl(given: string | URL | null): boolean {
  return typeof given === 'string' || given?.href === String(given)
}

/** Whether a URL names its server. */
export function isAbsolute(url: string | URL): boolean {
  return /^([a-z][a-z\d+.-]*:|\/\/)/i.test(String(url))
}

/** Whether a URL names this machine. */
export function isLoopback(url: string): boolean {
  return /^https?:\/\/(([^/:]+\.)?localhost|127\.\d+\.\d+\.\d+|\[::1\])([:/]|$)/i.test(url)
}

/** Whether two URLs name the same server; of which a relative one is, only the page knows. */
export function isSameOrigin(one: string, other: string): boolean {
  if (!isAbsolute(one) || !isAbsolute(other)) return !isAbsolute(one) && !isAbsolute(other)
  try {
    return new URL(one).origin === new URL(other).origin
  } catch {
    return false
  }
}

/** One path after the other; a query of the base's (an API version) stays at the end. */
function joinedUrl(base: string, given: string): string {
  if (given === '') return base
  const [, path = '', query = ''] = /^([^?#]*)(.*)$/s.exec(base) ?? []
  const rest = given.includes('?') ? query.replace('?', '&') : query
  return `${path.replace(/\/+$/, '')}/${given.replace(/^\/+/, '')}${rest}`
}

/** Query parameters; an `undefined` one is left out. */
export type SearchParams =
  | string
  | URLSearchParams
  | Readonly<Record<string, string | number | boolean | undefined>>

/** A URL, relative or not, with more parameters behind its own. */
export function withSearch(url: string, given: SearchParams | undefined): string {
  // By its shape, because it may come from another window, whose class is not ours.
  const isList = typeof given === 'object' && !('append' in given)
  const all = isList ? new URLSearchParams(present(given) as Record<string, string>) : (given ?? '')
  const query = String(all).replace(/^\?/, '')
  return url.replace(/^[^#]*/, (path) => path + (query && (path.includes('?') ? '&' : '?') + query))
}

/** Search parameters without those that are credentials. */
export function withoutSearchKeys(given: SearchParams | undefined): string | undefined {
  return given && withoutKeys(withSearch('', given))
}
