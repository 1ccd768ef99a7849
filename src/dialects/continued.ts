/** How a response that a server knows by an id is asked for once more. */
import type { ContinuedRequest } from './dialect.ts'
import { wordOf } from './values.ts'

/** An id as one part of a path; `undefined` for what is none, or would be more: nobody lets a server lead elsewhere. */
export function pathPart(id: unknown): string | undefined {
  const word = wordOf(id)
  return word && /^(?!\.\.?$)[^/\\%\p{C}]+$/u.test(word) ? encodeURIComponent(word) : undefined
}

/**
 * The request for the rest of a response, at its own address below the one that made it.
 *
 * @param url - may be relative (a ky prefix), and its query may name the API's version (Azure).
 */
export function continuedAt(
  url: string,
  id: unknown,
  params: Readonly<Record<string, string>>,
): ContinuedRequest | undefined {
  const part = pathPart(id)
  if (part === undefined) return undefined
  const [path = '', query = ''] = url.split('?')
  const search = new URLSearchParams(query)
  for (const [name, value] of Object.entries({ stream: 'true', ...params })) search.set(name, value)
  return { url: `${path.replace(/\/$/, '')}/${part}?${search}`, method: 'GET' }
}
