import type { StreamFailure } from '../errors/errors.ts'

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
