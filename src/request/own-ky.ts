/** A ky instance of the caller's, or a function that takes ky's options: what it brings stays, and what it lacks is added. */
import { complete, hasCredential } from './headers.ts'
import {
  type HttpFunction,
  type HttpOptions,
  isStream,
  type KyOptions,
  type PreparedRequest,
} from './prepare.ts'

/** Whether something is a ky instance, which can tell what it brings itself; a plain function cannot. */
export function isKy(http: HttpFunction): boolean {
  return 'retry' in http
}

/**
 * Our last word, once ky has put together the instance's options and ours.
 *
 * @param carry - its own `fetch`, or ours where there is none, watched.
 */
export function finishing(
  request: PreparedRequest,
  carry: (own: typeof fetch | undefined) => typeof fetch,
): NonNullable<HttpOptions['hooks']> {
  const finish = (options: KyOptions): void => {
    const { redirect, retry, body } = options
    options.headers = complete(new Headers(options.headers as HeadersInit), request)
    // A hook may ask again by `ky.retry()`, and needs a request of which the body has not been read; ky's own retries,
    // which go by the method, are off.
    const own = typeof retry === 'object' ? retry : { limit: retry }
    options.retry = { ...own, ...(isStream(body) && { limit: 0 }), methods: [] }
    const send = carry(options.fetch)
    options.fetch = send
    if (redirect !== undefined) return
    // A hook may add a credential, so nothing is followed until the request is known, and what a hook makes of it neither.
    options.redirect = 'manual'
    options.fetch = (input, rest) => {
      const isFree = typeof input === 'object' && 'headers' in input && !hasCredential(input.headers)
      return send(input, isFree ? { ...rest, redirect: 'follow' } : rest)
    }
  }
  return { init: [finish] }
}
