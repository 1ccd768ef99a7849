/** For whoever counts bytes: plain `fetch` or an `http` of the caller's, one dialect given, and nothing else. */
import { type Client, type ClientOptions, createClientVia } from './client.ts'
import type { StreamOptions } from './options.ts'
import type { Entry, Reply } from './reply.ts'
import { type Spoken, streamVia } from './stream.ts'

const NOTHING: Entry = {}

/**
 * The `stream()` of `holdfast`, but that the call, or each of its endpoints, has to bring its `dialect`.
 *
 * @throws TypeError for a bad URL or option, naming it and the value received; also without a dialect.
 * @example
 * ```ts
 * import { stream } from 'holdfast/core'
 * import { openaiChat } from 'holdfast/dialects'
 * stream('/api/chat', { dialect: openaiChat, json: { messages }, onChunk: (text) => output.append(text) })
 * ```
 */
export const stream: (input: string | URL, options: Spoken<StreamOptions>) => Reply =
  /* @__PURE__ */ streamVia(NOTHING)

/** The `createClient()` of `holdfast`; without a dialect of its own each call has to bring one. */
export const createClient: (options?: ClientOptions) => Client = /* @__PURE__ */ createClientVia(NOTHING)

export type { Client, ClientOptions } from './client.ts'
export * from './names.ts'
export type { Spoken } from './stream.ts'
