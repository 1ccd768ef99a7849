import type { Dialect, DialectFunction } from './dialects/dialect.ts'
import { resolve, type StreamOptions } from './options.ts'
import { type Entry, Reply } from './reply.ts'

/**
 * Asks for a streamed answer. The request starts at once; the {@link Reply} is read as an async iterator, as a
 * promise, by callbacks or by `render()`, in any combination.
 *
 * @throws TypeError for a bad URL or option, naming it and the value received.
 * @example
 * ```ts
 * stream('/api/chat', { json: { messages }, onChunk: (text) => output.append(text) })
 * ```
 */
export type Stream = (input: string | URL, options?: StreamOptions) => Reply

/** The options of `holdfast/core`: they say which dialect is spoken, and ask for nothing that it leaves out. */
export interface CoreOptions
  extends Omit<StreamOptions, 'dialect' | 'endpoints' | 'from' | 'resume' | 'recovery'> {
  /** What the events mean: a value from `holdfast/dialects`, or a function that finds the text in an event. */
  readonly dialect: Dialect | DialectFunction
  /** After output has been handed out a broken stream has failed. */
  readonly recovery?: 'auto' | 'fail' | undefined
}

/** The `stream()` of an entry. */
export function streamVia(entry: Entry): Stream {
  return (input, options = {}) => new Reply(resolve(input, options, entry), entry)
}
