/** A response that is not the stream asked for, as an error. */
import { HttpError, type StreamError } from '../errors/errors.ts'
import { providerError } from '../errors/provider-error.ts'
import { withoutSecrets } from '../errors/redact.ts'
import { wallClock } from '../time/clock.ts'
import { type Body, type Instead, notUnderstood, readShort, understand } from './body.ts'
import { HEARD_CHARS } from './json.ts'
import { rateLimitResetMs, retryAfterMs } from './retry-after.ts'

/** A status other than 2xx, with what the server says about it. */
export async function httpError(
  response: Response,
  body: Body,
  requestUrl: string,
  secrets: readonly string[],
): Promise<HttpError> {
  const { status, headers } = response
  const facts = understand((await readShort(body)).text, secrets)
  const says = facts.says ? `: ${facts.says}` : ''
  const named = providerError(facts.body)
  const today = wallClock()
  const verdict = headers.get('x-should-retry')
  return new HttpError(`The server answered ${status}${says}`, {
    status,
    url: withoutSecrets(response.url || requestUrl),
    body: facts.body,
    // The header is meant for this; the text is nearer to the truth than a reset that may be hours away.
    retryAfterMs:
      retryAfterMs(headers, today) ??
      named?.retryAfterMs ??
      (status === 429 ? rateLimitResetMs(headers, today) : undefined),
    requestId: headers.get('x-request-id')?.slice(0, HEARD_CHARS),
    named,
    shouldRetry: verdict === 'true' || (verdict === 'false' ? false : undefined),
  })
}

/** A 2xx of which nothing was understood. */
export function refusal(
  kind: Instead,
  { status }: Response,
  text: string,
  secrets: readonly string[],
  advice?: string,
): StreamError {
  return notUnderstood(kind, status, { text, hasEnded: text.length < HEARD_CHARS }, secrets, advice)
}
