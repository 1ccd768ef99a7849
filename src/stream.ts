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

/** Options that say which dialect is spoken. */
export type Spoken<Options extends StreamOptions> = Options &
  (
    | { readonly dialect: Dialect | DialectFunction }
    | { readonly endpoints: readonly { readonly dialect: Dialect | DialectFunction }[] }
  )

/** The `stream()` of an entry. */
export function streamVia(entry: Entry): Stream {
  return (input, options = {}) => new Reply(resolve(input, options, entry), entry.recovering)
}
