/** For whoever counts bytes: plain `fetch` or an `http` of the caller's, one dialect given, and nothing else. */
import { type Client, type ClientOptions, createClientVia } from './client.ts'
import type { Entry, Reply } from './reply.ts'
import { type CoreOptions, streamVia } from './stream.ts'

const NOTHING: Entry = {}

/**
 * The `stream()` of `holdfast`, but that the call has to bring its `dialect`, and that a stream which breaks after output
 * has failed. Whoever wants more of it makes a `stream` of his own: `streamVia({ recovering: recovery, failover })`.
 *
 * @throws TypeError for a bad URL or option, naming it and the value received; also without a dialect.
 * @example
 * ```ts
 * import { stream } from 'holdfast/core'
 * import { openaiChat } from 'holdfast/dialects'
 * stream('/api/chat', { dialect: openaiChat, json: { messages }, onChunk: (text) => output.append(text) })
 * ```
 */
export const stream: (input: string | URL, options: CoreOptions) => Reply = /* @__PURE__ */ streamVia(NOTHING)

/** The `createClient()` of `holdfast`; without a dialect of its own each call has to bring one. */
export const createClient: (options?: ClientOptions) => Client = /* @__PURE__ */ createClientVia(NOTHING)

export { type Client, type ClientOptions, type CreateClient, createClientVia } from './client.ts'
export * from './names.ts'
export type { Entry, Respond } from './reply.ts'
export type { Failover } from './request/endpoints.ts'
export { failover } from './request/several.ts'
export { recovery } from './run/recovery.ts'
export type { Recovering } from './run/run.ts'
export { type CoreOptions, type Stream, streamVia } from './stream.ts'
