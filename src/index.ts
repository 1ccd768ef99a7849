/** Everything: ky carries the requests, and `auto` finds out which dialect is spoken. */
import { type CreateClient, createClientVia, newBudget } from './client.ts'
import { auto } from './dialects/auto.ts'
import { textDialect } from './dialects/text-dialect.ts'
import { type CreateFetch, createFetchVia } from './fetch/create-fetch.ts'
import { respond } from './fetch/respond.ts'
import type { Entry } from './reply.ts'
import { viaKy } from './request/ky.ts'
import { failover } from './request/several.ts'
import { recovery } from './run/recovery.ts'
import { type Stream, streamVia } from './stream.ts'

const EVERYTHING: Entry = {
  transport: viaKy,
  dialect: auto,
  ofFunction: textDialect,
  recovering: recovery,
  failover,
  newBudget,
  respond,
}

/** {@inheritDoc Stream} */
export const stream: Stream = /* @__PURE__ */ streamVia(EVERYTHING)

/** {@inheritDoc CreateClient} */
export const createClient: CreateClient = /* @__PURE__ */ createClientVia(EVERYTHING)

/** {@inheritDoc CreateFetch} */
export const createFetch: CreateFetch = /* @__PURE__ */ createFetchVia(
  // ky would make another request of what the caller has made.
  /* @__PURE__ */ createClientVia({ recovering: recovery, failover, newBudget }),
  auto,
)

export type { Client, ClientOptions, CreateClient } from './client.ts'
export * from './dialects/index.ts'
export type { RenderOptions } from './dom/options.ts'
export { render } from './dom/sink.ts'
export type { StatusWords } from './dom/status.ts'
export type { Writer } from './dom/writer.ts'
export type { CreateFetch, FetchOptions } from './fetch/create-fetch.ts'
export * from './names.ts'
export type { Stream } from './stream.ts'
