/** One set of options over another: a call's over its client's, an endpoint's over its call's. */
import { present } from '../checks.ts'
import { checkedHeaders, type RequestOptions } from './transport.ts'

/** Part by part, if both are made of parts; what is no object is for the checks to refuse. */
export function over<T>(below: T, above: T): T {
  if (above === undefined) return below
  return isObject(below) && isObject(above) ? { ...below, ...present(above) } : above
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

type GivenHeaders = RequestOptions['headers']

/** Header by header; a function is asked for each attempt, as it would be alone. */
export function headersOver(below: GivenHeaders, above: GivenHeaders): GivenHeaders {
  if (below === undefined || above === undefined) return above ?? below
  if (typeof below !== 'function' && typeof above !== 'function') return joined(below, above)
  return async (context) =>
    joined(
      typeof below === 'function' ? await below(context) : below,
      typeof above === 'function' ? await above(context) : above,
    )
}

function joined(below: HeadersInit, above: HeadersInit): Headers {
  const headers = checkedHeaders(below)
  checkedHeaders(above).forEach((value, name) => {
    headers.set(name, value)
  })
  return headers
}
