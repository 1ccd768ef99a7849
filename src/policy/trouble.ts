/** What an error speaks of: one table for the retries, the breaker and the failover. */
import type { ApiError, HttpError, StreamFailure, TimeoutError } from '../errors/errors.ts'

/** What a provider calls its error. */
interface Named {
  readonly type: string | undefined
  readonly providerCode: string | undefined
}

// What providers call a trouble that passes. Their words, lower-cased; a number is an HTTP status in disguise.
const PASSING =
  /^(5\d\d|429|408)$|overloaded|rate_?limit|server_?error|internal|unavailable|timeout|resource_?exhausted|capacity/i

// The bill is not paid or the plan is used up: waiting does not help, and hammering does harm.
const QUOTA = /insufficient_quota|quota_exceeded|billing|usage_limit/i

export function isQuota(error: StreamFailure): boolean {
  return (error.code === 'http' || error.code === 'api') && says(error, QUOTA)
}

const SERVER_TROUBLE = /overloaded|server_?error|internal|unavailable|^5\d\d$/i

/** Whether the same request may well succeed later. */
export function isRetryable(
  error: StreamFailure,
  { statuses }: { readonly statuses: readonly number[] },
): boolean {
  return isTheServers(error, (said) => {
    if (isQuota(said)) return false
    return said.code === 'http' ? (said.shouldRetry ?? statuses.includes(said.status)) : says(said, PASSING)
  })
}

/** Whether an error speaks of the server's health: not an abort, not a 4xx, not what the caller's own code did. */
export function blamesServer(error: StreamFailure): boolean {
  return isTheServers(error, (said) =>
    said.code === 'http' ? said.status >= 500 : says(said, SERVER_TROUBLE),
  )
}

/** Whether it happened at the server or on the way there. Of what a server said in words, `judge` tells. */
function isTheServers(error: StreamFailure, judge: (said: HttpError | ApiError) => boolean): boolean {
  switch (error.code) {
    case 'network':
    case 'truncated':
      return true
    case 'timeout':
      return isServerClock(error)
    case 'http':
    case 'api':
      return judge(error)
    case 'aborted':
    case 'protocol':
    case 'circuit-open':
    case 'callback':
      return false
  }
}

/** Whether a clock waits for the server. The others wait for the caller's functions, or bound the whole reply. */
export function isServerClock({ phase }: TimeoutError): boolean {
  return phase !== 'total' && phase !== 'headers' && phase !== 'resume'
}

function says({ type, providerCode }: Named, words: RegExp): boolean {
  return words.test(providerCode ?? '') || words.test(type ?? '')
}

/** An error in one clause, for `onRetry` and for people. */
export function reason(error: StreamFailure): string {
  switch (error.code) {
    case 'network':
      return error.phase === 'connect' ? 'the request did not get through' : 'the connection broke'
    case 'timeout':
      return error.message.charAt(0).toLowerCase() + error.message.slice(1)
    case 'truncated':
      return 'the stream ended before the answer did'
    case 'http':
      return `the server answered ${error.status}`
    case 'api':
      return `the provider reported ${error.type ?? error.providerCode ?? 'an error'}`
    case 'protocol':
      return 'the response is not a stream'
    case 'circuit-open':
      return 'the circuit is open'
    case 'aborted':
      return 'the reply was aborted'
    case 'callback':
      return `the caller's ${error.callback} threw`
  }
}
