/** What an error speaks of: one table for the retries, the breaker and the failover. */
import type { ApiError, HttpError, StreamFailure, TimeoutError } from '../errors/errors.ts'

/** What a provider calls its error. */
interface Named {
  readonly type: string | undefined
  readonly providerCode: string | undefined
  readonly message: string
  readonly isFinal?: boolean
}

type Trouble = 'quota' | 'request' | 'rate-limit' | 'server' | 'credential'

// What providers write, the surest first: their names for it, and where those do not tell, their sentences. A number is
// an HTTP status in disguise. One- and new-api relays, DashScope, GLM and MiniMax speak Chinese, too.
const WORDS: readonly (readonly [Trouble, RegExp, RegExp?])[] = [
  // The bill is not paid or the plan is used up: waiting does not help, and hammering does harm.
  [
    'quota',
    /^(?!.*throttling\.allocation).*quota|billing|usage_?limit|balance|arrear|overdue|payment|^(1008|1113|130[489]|1310|2056)$/i,
    /insufficient.{0,9}(balance|fund|quota)|credits?\b|spending limit|free allocated quota|余额不足|额度.{0,4}(用尽|不足|用完)|欠费/i,
  ],
  ['request', /not_?found|prohibited|data_?inspection/i, /^404\b/],
  [
    'rate-limit',
    /^(429|1002|1039|130[235]|1312)$|rate_?limit|too_?many|throttl|resource_?exhausted|limit_(requests|burst)/i,
    /rate limit|too many|频繁|限流|并发/i,
  ],
  [
    'server',
    /^(5\d\d|408)$|overloaded|(server|api|network|upstream)_?error|internal|unavailable|time_?out|capacity|interrupted/i,
    /overload|unavailable|timed? ?out|upstream|\bbusy\b|internal (server )?error|try again|繁忙|负载|稍后/i,
  ],
  ['credential', /authenti|permission|api_?key|unauthori[sz]ed|forbidden|denied|^40[13]$/i, /令牌|鉴权/],
]

/** What kind of trouble a provider speaks of; `undefined`: the request's, or one that we do not know. */
function troubleOf({ type, providerCode, message, isFinal }: Named): Trouble | undefined {
  // A relay that has tried by itself says so: neither another attempt nor another server is of use, and this one is well.
  if (isFinal) return 'request'
  const [found] =
    WORDS.find(([kind, names, sentence]) => {
      const isNamed = names.test(providerCode ?? '') || names.test(type ?? '')
      return isNamed || ((kind === 'quota' || kind === 'request') && sentence?.test(message))
    }) ?? []
  // A name that says no more than that it is an error, or a number of the provider's own.
  const isNamed = !/^(error|about:blank|)$/.test(type ?? '') || /[a-z]/i.test(providerCode ?? '')
  return found ?? (isNamed ? undefined : WORDS.find(([, , sentence]) => sentence?.test(message))?.[0])
}

export function isQuota(error: StreamFailure): boolean {
  return (error.code === 'http' || error.code === 'api') && troubleOf(error) === 'quota'
}

/** Whether the same request may well succeed later. */
export function isRetryable(
  error: StreamFailure,
  { statuses }: { readonly statuses: readonly number[] },
): boolean {
  return isTheServers(error, (said) => {
    const trouble = troubleOf(said)
    if (trouble === 'quota') return false
    if (said.code === 'http') return said.shouldRetry ?? statuses.includes(said.status)
    return trouble === 'server' || trouble === 'rate-limit'
  })
}

/** Whether an error speaks of the server's health: not an abort, not a 4xx, not what the caller's own code did. */
export function blamesServer(error: StreamFailure): boolean {
  return isTheServers(error, (said) =>
    said.code === 'http' ? said.status >= 500 : troubleOf(said) === 'server',
  )
}

/** Whether it happened at the server or on the way there. Of what a server said in words, `judge` tells. */
function isTheServers(error: StreamFailure, judge: (said: HttpError | ApiError) => boolean): boolean {
  switch (error.code) {
    case 'network':
      return true
    case 'truncated':
      return !error.mayBeWhole
    case 'timeout':
      return isServerClock(error)
    case 'http':
    case 'api':
      return judge(error)
    default:
      return false
  }
}

/** Whether a clock waits for the server. The others wait for the caller's functions, or bound the whole reply. */
export function isServerClock({ phase }: TimeoutError): boolean {
  return phase !== 'total' && phase !== 'headers' && phase !== 'resume'
}

/** An error in one clause, for `onRetry` and for people. */
export function reason(error: StreamFailure): string {
  const { code, message } = error
  switch (code) {
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
    default: {
      // What explains it is left out, but for which clock it was.
      const [clause = ''] = code === 'timeout' ? [message] : message.split(/ \(|: | while /)
      return clause.charAt(0).toLowerCase() + clause.slice(1)
    }
  }
}
