/** A response that is not the event stream it should be: what it is instead. */
import { ApiError, ProtocolError, providerError, redact, TruncatedError } from '../errors.ts'
import { schedule } from '../time/clock.ts'

/** What a body holds, going by status and content type. A type we do not know is taken for events. */
export type BodyKind = 'events' | 'html' | 'json' | 'empty'

export function bodyKind(response: Response): BodyKind {
  if (response.status === 204 || response.status === 205 || !response.body) return 'empty'
  const type = (response.headers.get('content-type') ?? '').toLowerCase()
  if (/\bhtml\b/.test(type)) return 'html'
  return /^application\/(?:[\w.-]+\+)?json\b/.test(type) ? 'json' : 'events'
}

// An error body is a few hundred bytes. A server that sends more, or slowly, shall not delay the news.
const BODY_CHARS = 65_536
const BODY_MS = 5_000

/**
 * Reads a short body. It never throws: what a broken or slow connection delivered is better than nothing, for it
 * only explains a failure that is certain already.
 */
export async function readShort(body: ReadableStreamDefaultReader<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder()
  const stop = schedule(BODY_MS, () => release(body))
  let text = ''
  try {
    while (text.length < BODY_CHARS) {
      const part = await body.read()
      if (part.done) break
      text += decoder.decode(part.value, { stream: true })
    }
  } catch {
    // Cut off: the part that came has to do.
  } finally {
    stop()
  }
  return text
}

/** Gives a body up and with it the socket. */
export function release(body: { cancel(reason?: unknown): Promise<void> } | null | undefined): void {
  // A body that has failed already refuses to be cancelled; there is nothing left to close then.
  body?.cancel().catch(() => {})
}

/** A short body, understood as far as it can be. */
export interface BodyFacts {
  /** Parsed if it was JSON, else its first 500 characters. */
  readonly body: unknown
  /** The one line a person wants to see: the provider's message or the page's title. */
  readonly says: string | undefined
}

export function understand(text: string, secrets: readonly string[]): BodyFacts {
  const clean = redact(text, secrets)
  const parsed = parseJson(clean)
  if (parsed !== undefined) return { body: parsed, says: providerError(parsed)?.message }
  const title = /<title[^>]*>([^<]{1,200})/i.exec(clean)?.[1]?.trim()
  return { body: clean.slice(0, 500), says: title || undefined }
}

/** The error for a 2xx response whose body is not events. */
export function notEvents(
  kind: Exclude<BodyKind, 'events'>,
  status: number,
  text: string,
  secrets: readonly string[],
): ApiError | ProtocolError | TruncatedError {
  const { body, says } = understand(text, secrets)
  switch (kind) {
    case 'empty':
      return new ProtocolError(`The server answered ${status} without a body`, { status })
    case 'html':
      return new ProtocolError(
        `The server answered ${status} with an HTML page instead of a stream${says ? `: ${JSON.stringify(says)}` : ''}`,
        { status, body },
      )
    case 'json': {
      const error = providerError(body)
      if (error) return new ApiError(error)
      return typeof body === 'object'
        ? new ProtocolError(
            `The server answered ${status} with a JSON document instead of a stream (did the request ask for one?)`,
            { status, body },
          )
        : new TruncatedError(`The server answered ${status} with JSON that breaks off`)
    }
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
