/** What a decision about another attempt depends on, for the tables of `decide`. */

import { HttpError } from '../../src/errors/errors.ts'
import { providerError } from '../../src/errors/provider-error.ts'
import type { Progress, Recovery, ResolvedRetry } from '../../src/policy/retry.ts'

/** Where a row differs from {@link early}, the defaults and `'auto'`. */
export interface Case {
  readonly progress?: Partial<Progress>
  readonly options?: Partial<ResolvedRetry>
  readonly recovery?: Recovery
  readonly chance?: number
}

/** After the first attempt, before any output. */
export const early: Progress = {
  attempts: 1,
  failures: 1,
  committed: false,
  canResume: false,
  isRestRefused: false,
  canRewind: true,
  canResend: true,
  canRefresh: false,
  hasBudget: true,
  hasAlternative: false,
  askedMs: 0,
  longTimeouts: 0,
  remainingMs: Number.POSITIVE_INFINITY,
}

export function http(
  status: number,
  facts: { readonly body?: unknown; readonly retryAfterMs?: number; readonly shouldRetry?: boolean } = {},
): HttpError {
  const { body, retryAfterMs, shouldRetry } = facts
  const request = { url: 'https://api.example.com', requestId: undefined }
  return new HttpError('x', {
    ...request,
    status,
    body,
    retryAfterMs,
    shouldRetry,
    named: providerError(body),
  })
}
