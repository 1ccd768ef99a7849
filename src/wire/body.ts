/** A response that is not the event stream it should be: what it is instead. */
import { brief } from '../errors/brief.ts'
import { ApiError, ProtocolError, TruncatedError } from '../errors/errors.ts'
import { providerError } from '../errors/provider-error.ts'
import { redact, redactAll } from '../errors/redact.ts'
import { jsonIn } from '../json-value.ts'
import { schedule } from '../time/clock.ts'

/** A response's body, being read. */
export interface Body extends Pick<ReadableStreamDefaultReader<Uint8Array>, 'read' | 'cancel'> {
  /** Where the platform cannot stream (React Native): the text, when all of it has come. */
  readonly whole?: Promise<string>
}

export function bodyOf(response: Response): Body {
  if (response.body) return response.body.getReader()
  const whole = response.text()
  // Not everybody reads on; who does, hears of it.
  whole.catch(() => {})
  let rest: typeof whole | undefined = whole
  let end = () => {}
  return {
    whole,
    read: () =>
      new Promise((resolve, reject) => {
        end = () => resolve({ done: true, value: undefined })
        if (!rest) return end()
        rest.then((text) => resolve({ done: false, value: new TextEncoder().encode(text) }), reject)
        rest = undefined
      }),
    cancel: async () => end(),
  }
}

// An error body is a few hundred bytes. A server that sends more, or slowly, shall not delay the news.
const BODY_BYTES = 65_536
const BODY_MS = 5_000

/** A short body, or what was read of it. */
export interface ShortBody {
  readonly text: string
  /** `false`: there was more than we read, or it was slower than we wait. A body that broke off has ended. */
  readonly hasEnded: boolean
}

/**
 * Reads a short body. It never throws: what a broken or slow connection delivered is better than nothing, for it
 * only explains a failure that is certain already, or follows an answer that is whole.
 *
 * @param ms - the longest wait.
 */
export async function readShort(body: Body, ms: number = BODY_MS): Promise<ShortBody> {
  const decoder = new TextDecoder()
  let isLate = false
  const stop = schedule(ms, () => {
    isLate = true
    release(body)
  })
  let text = ''
  try {
    for (let bytes = 0; bytes < BODY_BYTES; ) {
      const part = await body.read()
      if (part.done) return { text, hasEnded: !isLate }
      text += decoder.decode(part.value.subarray(0, BODY_BYTES - bytes), { stream: true })
      bytes += part.value.length
    }
    return { text, hasEnded: false }
  } catch {
    // Cut off: the part that came has to do.
    return { text, hasEnded: true }
  } finally {
    stop()
  }
}

/** Gives a body up and with it the socket. */
export function release(body: Pick<Body, 'cancel'> | null | undefined): void {
  // A body that has failed already refuses to be cancelled; there is nothing left to close then.
  body?.cancel().catch(() => {})
}

/** A short body, understood as far as it can be. */
export interface BodyFacts {
  /** Parsed if it was JSON, else its first 500 characters. */
  readonly body: unknown
  readonly isJson: boolean
  /** The one line a person wants to see: the provider's message, the page's title, or what stands for it in XML. */
  readonly says: string | undefined
}

export function understand(text: string, secrets: readonly string[]): BodyFacts {
  // Some gateways send their errors as events, whatever the status.
  const [, data = text] = /^data: ?([{[].*)/m.exec(text) ?? []
  const parsed = redactAll(jsonIn(data), secrets)
  if (parsed !== undefined) return { body: parsed, isJson: true, says: providerError(parsed)?.message }
  const clean = redact(text, secrets)
  // Bounded, for the page is a stranger's: an endless tag would be searched from each of its beginnings.
  // A title that is no more than the status says less than the first paragraph (Django, Werkzeug, Apache).
  const title = /<(?:title|message)[^<>]{0,200}>(?:\d{3} [\s\S]{0,2000}?<p>)?([^<]{1,200})/i
    .exec(clean)?.[1]
    ?.trim()
  const body = clean.slice(0, 500)
  // What Go's servers and proxies write, and PHP in bold: one line of text.
  const line = /^\s*(?![<{[])(\S.{0,200})/.exec(body.replace(/<\/?br?\b[^<>]*>/g, ''))?.[1]?.trim()
  return { body, isJson: false, says: title || line }
}

/** What a response was instead of a stream that can be understood; `text` and `events` come with what to do about it. */
export type Instead = 'empty' | 'html' | 'json' | 'text' | 'events'

/** The error for a 2xx response of which nothing was understood. */
export function notUnderstood(
  kind: Instead,
  status: number,
  { text, hasEnded }: ShortBody,
  secrets: readonly string[],
  advice = '',
): ApiError | ProtocolError | TruncatedError {
  const { body, isJson, says } = understand(text, secrets)
  const answered = `The server answered ${status}`
  const page = says ? `: ${JSON.stringify(says)}` : ''
  const refused = (what: string) => new ProtocolError(what, { status, body })
  switch (kind) {
    case 'empty':
      return new ProtocolError(`${answered} without a body: the route returned no stream`, { status })
    case 'html':
      return refused(
        `${answered} with an HTML page instead of a stream${page} (a login, a proxy, another address?)`,
      )
    case 'text':
      return refused(`${answered} with text instead of events: ${brief(redact(text, secrets))}. ${advice}`)
    case 'events':
      return refused(
        `Nothing in the stream was understood. It began with ${brief(redact(text, secrets))}. ${advice}`,
      )
    case 'json': {
      const error = isJson ? providerError(body) : undefined
      if (error) return new ApiError(error)
      if (!isJson && hasEnded) return new TruncatedError(`${answered} with JSON that breaks off`)
      return refused(
        `${answered} with a JSON document instead of a stream (does the request say stream: true?)`,
      )
    }
  }
}
