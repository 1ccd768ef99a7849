/** Servers that can stand in for each other. */
import { checkNames, over, shown } from '../checks.ts'
import { withoutSecrets } from '../errors/redact.ts'
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
import { headersOver } from './headers.ts'
import { type PreparedRequest, REQUEST_NAMES } from './prepare.ts'
import { isAbsolute, resolveUrl } from './url.ts'

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
  return checkedEndpoints(endpoints, surroundings.baseUrl).map((each) => {
    const { url, ...own } = each
    const json = over(surroundings.chat ?? call.json, own.json)
    const headers = headersOver(call.headers, own.headers)
    const baseUrl = resolveUrl(url, surroundings.baseUrl)
    const chat = surroundings.chat && (json as object)
    return endpointOf(input, { ...over(call, own), json, headers }, added, { ...surroundings, baseUrl, chat })
  })
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
    if (typeof endpoint.url !== 'string' && !(endpoint.url instanceof URL))
      throw new TypeError(`${name}.url must be a string or a URL; received ${shown(endpoint.url)}`)
    resolveUrl(endpoint.url, baseUrl, `${name}.url`)
    if (endpoint.dialect !== undefined) checkedDialect(endpoint.dialect, `${name}.dialect`)
  }
  return given
}
