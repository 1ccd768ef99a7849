import type { StreamError } from '../errors/errors.ts'
import type { Delta, ServerEvent } from '../events.ts'

/**
 * What a provider's events mean. A dialect is a value without state; {@link Dialect.open} makes the reader of one
 * response.
 */
export interface Dialect {
  readonly name: string
  /** @param state - what {@link DialectReader.state} gave before the stream broke; absent at its start. */
  open(state?: unknown): DialectReader
  /**
   * How a stream is gone on with, where the provider can: the request that gives the rest. Without this, or when it
   * returns `undefined`, only `Last-Event-ID` is left to ask with.
   */
  resume?(url: string, state: unknown): ContinuedRequest | undefined
  /**
   * The request for a streamed chat; without it there is no `client.chat()`.
   *
   * @param body - the provider's own, to be left as it is but for what makes it stream.
   */
  chat?(body: object, baseUrl: string): ChatRequest
  /** The headers that carry a key; without it, or where it returns `undefined`, `authorization: Bearer …`. */
  auth?(apiKey: string, baseUrl: string): Readonly<Record<string, string>> | undefined
}

/** How a chat is asked for. */
export interface ChatRequest {
  /** What follows the base URL. */
  readonly path: string
  readonly json: unknown
}

/** Who made an answer, as the provider calls it. */
export interface About {
  readonly id: string | undefined
  readonly model: string | undefined
}

/** A request for the rest of a stream: its headers are those of the first one. */
export interface ContinuedRequest {
  readonly url: string
  readonly method: string
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
  /**
   * What it takes to go on after the events read so far, as a JSON value: a cursor of the provider's, an index that
   * later events refer to. It is asked for after each network read; `undefined` until there is something.
   */
  state?(): unknown
  /** Who makes the answer; asked for after each network read, `undefined` until it is known. */
  about?(): About | undefined
  /** The dialect that was found to be spoken; absent where there was nothing to find out. */
  readonly name?: string | undefined
}

/**
 * `'more'` – go on. `'end'` – the terminal marker: nothing follows, the socket can be closed. `'malformed'` – the
 * event could not be understood and was skipped. An error – what the reply is to
 * end with: an `ApiError` for one the provider reported in-band.
 */
export type Verdict = 'more' | 'end' | 'malformed' | StreamError

/** The short form of a dialect: the text in an event, or `undefined` where there is none. */
export type DialectFunction = (event: ServerEvent) => string | undefined
