/** What servers say about their errors. */

/** A provider's error object, read leniently: every field may be missing. */
export interface ProviderError {
  readonly message: string | undefined
  readonly type: string | undefined
  readonly code: string | undefined
  /** How long it asks to be left alone, in ms. */
  readonly retryAfterMs?: number | undefined
  /** It says itself that another attempt is in vain: `retryable: false`. */
  readonly isFinal?: boolean | undefined
}

/** What a response said about itself when it was not the stream asked for. */
export interface ResponseFacts {
  readonly status: number
  /** Who answered, without user, password and query. */
  readonly url: string
  /** The body, parsed if it was JSON, else its first 500 characters. */
  readonly body: unknown
  /** How long the server asked to wait, in ms. */
  readonly retryAfterMs: number | undefined
  /** The `x-request-id` header, for the provider's support. */
  readonly requestId: string | undefined
}

/** What else a status other than 2xx came with. */
export interface HttpFacts extends ResponseFacts {
  readonly shouldRetry: boolean | undefined
  /** The provider's error, if the body held one. */
  readonly named?: ProviderError | undefined
}
