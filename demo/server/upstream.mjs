// @ts-check
import { createClient } from '../../dist/index.js'

/** @typedef {{ url: string, key?: string | undefined, model?: string | undefined }} UpstreamOptions */
/** @typedef {{ baseUrl: string, search: string, key: string | undefined, model: string | undefined }} Upstream */

/**
 * Checks which provider answers.
 * @param {UpstreamOptions} options `url` is the provider's base, such as `https://host/v1`, or all of it
 * @returns {Upstream}
 * @throws {Error} with a sentence for whoever set it; the key is never part of it
 */
export function resolveUpstream({ url, key, model }) {
  const address = URL.canParse(url) ? new URL(url) : undefined
  if (address?.username || address?.password) {
    throw new Error('UPSTREAM_URL must not contain a user name or a password; put the key into UPSTREAM_KEY.')
  }
  if (!address || !/^https?:$/.test(address.protocol)) {
    throw new Error(`UPSTREAM_URL must be an http or https address such as https://host/v1, not "${url}".`)
  }
  if (key && !/^[\x21-\x7e]+$/.test(key)) {
    throw new Error('UPSTREAM_KEY contains a character that cannot be part of a key, such as a space.')
  }
  const path = address.pathname.replace(/(\/chat\/completions)?\/*$/, '')
  const { origin, search } = address
  return { baseUrl: origin + path, search, key: key || undefined, model: model || undefined }
}

/**
 * Who asks the provider: one breaker and one budget for all pages, and the key.
 * @param {Upstream} upstream
 */
export function clientOf({ baseUrl, search, key }) {
  return createClient({ baseUrl, ...(search && { searchParams: search }), ...(key && { apiKey: key }) })
}
