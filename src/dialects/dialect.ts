import type { StreamError } from '../errors/errors.ts'
import type { Delta, ServerEvent } from '../events.ts'

/**
 * What a provider's events mean. A dialect is a value without state; {@link Dialect.open} makes the reader of one
 * response.
 */
export interface Dialect {
  readonly name: string
  /**
   * @param state - what {@link DialectReader.state} gave before the stream broke; absent at its start.
   * @param headers - those of the response.
   */
  open(state?: unknown, headers?: Headers): DialectReader
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
  /** Hears an event stream as it comes, each piece of it before the events in it are read. */
  hear?(text: string): void
  /**
   * Whether a body has no events, but is the text itself; `undefined`: too little of it has come to tell.
   *
   * @param head - how the body begins; with `isOver` there is no more of it.
   */
  isText?(head: string, headers: Headers, isOver: boolean): boolean | undefined
  /** Appends what a piece of such a body means. */
  readText?(text: string, deltas: Delta[]): Verdict
  /**
   * The stream ended without `'end'`. A dialect whose answers end with the file appends its `finish` delta here;
   * one that leaves this out calls such an answer truncated, unless it has given a `finish` delta before.
   */
  close?(deltas: Delta[]): void
  /**
   * Why a stream that has ended without an end is no answer, where more can be said than that it is truncated.
   *
   * @param words - its last line, if that was none of an event: it may say why.
   */
  unfinished?(words?: string): StreamError | undefined
  /**
   * What it takes to go on after the events read so far, as a JSON value: a cursor of the provider's, an index that
   * later events refer to. It is asked for after each network read; `undefined` until there is something.
   */
  state?(): unknown
  /** Who makes the answer; asked for after each network read, `undefined` until it is known. */
  about?(): About | undefined
  /** The dialect that was found to be spoken; absent where there was nothing to find out. */
  readonly name?: string | undefined
  /** What would read a stream of which nothing was understood, in a clause. */
  advice?(first: ServerEvent): string | undefined
}

/**
 * What an event was. `'more'` – understood: go on. `'active'` – understood, and the model or one of its tools is at work,
 * so the clocks begin anew, though there is nothing for the answer in it. `'ping'` – a sign of life that says nothing.
 * `'foreign'` – none of this language's events: passed over. `'malformed'` – it could not be read, was skipped, and
 * `onWarning` is told. `'end'` – the terminal marker: nothing follows, the socket can be closed. An error – what the reply
 * is to end with: an `ApiError` for one the provider reported in-band.
 *
 * A stream that ends when all of it was `'foreign'` or `'malformed'` was not understood: that is no answer.
 */
export type Verdict = 'more' | 'active' | 'ping' | 'foreign' | 'malformed' | 'end' | StreamError

/** The short form of a dialect: what an event means in one word or two. `undefined`: nothing. */
export type DialectFunction = (event: ServerEvent) => string | Meaning | undefined

/** What an event means, as a {@link DialectFunction} says it. */
export interface Meaning {
  /** A piece of the answer. */
  readonly text?: string | undefined
  /** A piece of the model's reasoning. */
  readonly reasoning?: string | undefined
  /** The answer ends here: `true`, or the server's word for why. */
  readonly end?: boolean | string | undefined
  /** The answer failed: what the server says about it. */
  readonly error?: string | undefined
}
