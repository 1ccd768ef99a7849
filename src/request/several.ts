/** Servers that can stand in for each other. */
import { checkNames, over, shown } from '../checks.ts'
import { withoutSecrets } from '../errors/redact.ts'
import { withoutKeys } from '../errors/secrets.ts'
import { advanced, nextServer } from '../policy/failover.ts'
import {
  type CallOptions,
  checkedDialect,
  type Endpoint,
  type EndpointOptions,
  endpointOf,
  type Failover,
  KEY_NAMES,
  type Surroundings,
} from './endpoints.ts'
import { headersOver, withoutCredentials } from './headers.ts'
import { type PreparedRequest, REQUEST_NAMES } from './prepare.ts'
import { isAbsolute, isSameOrigin, isUrl, resolveUrl, withoutSearchKeys } from './url.ts'

/** Brings `endpoints`. */
export const failover: Failover = { resolve: resolveSeveral, nextServer, advanced }

/**
 * Prepares a request for each of the servers that a call lists.
 *
 * @throws TypeError naming the option and the value received.
 */
function resolveSeveral(
  input: string | URL,
  { endpoints = [], ...call }: CallOptions,
  added: PreparedRequest['added'],
  surroundings: Surroundings,
): readonly Endpoint[] {
  if (isAbsolute(input))
    throw new TypeError(
      `input must be relative where there are endpoints; received ${shown(withoutSecrets(String(input)))}`,
    )
  const urls = checkedEndpoints(endpoints, surroundings.baseUrl).map(({ url }) =>
    resolveUrl(url, surroundings.baseUrl),
  )
  return endpoints.map(({ url: _url, ...own }, at) => {
    const baseUrl = urls[at] as string
    // The call's keys are for the server that stands first.
    const isHome = isSameOrigin(baseUrl, urls[0] as string)
    const [path, below] = isHome ? [input, call] : [withoutKeys(String(input)), forOthers(call)]
    const json = over(surroundings.chat ?? call.json, own.json)
    const headers = headersOver(below.headers, own.headers)
    const chat = surroundings.chat && (json as object)
    return endpointOf(path, { ...over(below, own), json, headers }, added, { ...surroundings, baseUrl, chat })
  })
}

function forOthers({ apiKey: _key, headers, searchParams, ...rest }: CallOptions): CallOptions {
  return { ...rest, headers: withoutCredentials(headers), searchParams: withoutSearchKeys(searchParams) }
}

/** @throws TypeError unless this is a list of endpoints that can be asked. */
export function checkedEndpoints(
  given: readonly EndpointOptions[],
  baseUrl?: string | URL,
): readonly EndpointOptions[] {
  if (!Array.isArray(given) || given.length === 0)
    throw new TypeError(
      `endpoints must be a list of at least one endpoint; received ${Array.isArray(given) ? 'an empty one' : shown(given)}`,
    )
  for (const [at, endpoint] of given.entries()) {
    const name = `endpoints[${at}]`
    if (typeof endpoint !== 'object' || endpoint === null)
      throw new TypeError(`${name} must be an object; received ${shown(endpoint)}`)
    checkNames(`${name}.`, endpoint, ['url', 'dialect', ...KEY_NAMES, ...REQUEST_NAMES])
    if (!isUrl(endpoint.url))
      throw new TypeError(`${name}.url must be a string or a URL; received ${shown(endpoint.url)}`)
    resolveUrl(endpoint.url, baseUrl, `${name}.url`)
    if (endpoint.dialect !== undefined) checkedDialect(endpoint.dialect, `${name}.dialect`)
  }
  return given
}
