import type { StreamError } from '../errors.ts'
import type { Delta, ServerEvent } from '../events.ts'

/**
 * What a provider's events mean. A dialect is a value without state; {@link Dialect.open} makes the reader of one
 * response.
 */
export interface Dialect {
  readonly name: string
  open(): DialectReader
}

/** Understands the events of one response, in order. */
export interface DialectReader {
  /** Appends what the event means to `deltas` and says how things stand. It does not throw. */
  read(event: ServerEvent, deltas: Delta[]): Verdict
  /**
   * The stream ended without `'end'`. A dialect whose answers end with the file appends its `finish` delta here;
   * one that leaves this out calls such an answer truncated, unless it has given a `finish` delta before.
   */
  close?(deltas: Delta[]): void
}

/**
 * `'more'` – go on. `'end'` – the terminal marker: nothing follows, the socket can be closed. `'malformed'` – the
 * event could not be understood and was skipped. An error – what the reply is to
 * end with: an `ApiError` for one the provider reported in-band.
 */
export type Verdict = 'more' | 'end' | 'malformed' | StreamError

/** The short form of a dialect: the text in an event, or `undefined` where there is none. */
export type DialectFunction = (event: ServerEvent) => string | undefined
