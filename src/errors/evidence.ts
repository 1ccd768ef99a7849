import type { Answer } from '../events.ts'
import { hide, type StreamError } from './errors.ts'

/** What only the spine knows about an error. */
export interface Evidence {
  readonly attempts: number
  readonly retryable: boolean
  readonly answer: Answer
}

/** Adds the evidence. */
export function withEvidence<E extends StreamError>(error: E, evidence: Evidence): E {
  Object.assign(error, { attempts: evidence.attempts, retryable: evidence.retryable })
  hide(error, 'answer', evidence.answer)
  return error
}
