/** A response that tells next to nothing: a redirect that was not followed, or one that a page may not look at. */
import { ProtocolError } from '../errors/errors.ts'
import { withoutSecrets } from '../errors/redact.ts'
import type { PreparedRequest } from './prepare.ts'

/** The error for such a response, with what to do about it; `undefined` for any other. */
export function notSeen(response: Response, { url, options }: PreparedRequest): ProtocolError | undefined {
  const { type, status, headers } = response
  if (type === 'opaque')
    return new ProtocolError(
      `The response cannot be read (mode: '${options.mode ?? 'no-cors'}'): use mode: 'cors', which the server has to allow`,
    )
  const location = headers.get('location')
  // In a page the engine hides even that much.
  const isHidden = type === 'opaqueredirect'
  if (!isHidden && !(location !== null && [301, 302, 303, 307, 308].includes(status))) return undefined
  const to = location === null ? '' : ` to ${withoutSecrets(resolved(location, response.url || url))}`
  const why = options.redirect ? `redirect: '${options.redirect}'` : 'the request may hold a credential'
  return new ProtocolError(
    `The server redirected the request${to}, and this was not followed (${why}): ask the final address, or set redirect: 'follow'`,
    isHidden ? {} : { status },
  )
}

/** Where a `Location` or its like leads. */
export function resolved(location: string, base: string): string {
  try {
    return new URL(location, base).href
  } catch {
    return location
  }
}
