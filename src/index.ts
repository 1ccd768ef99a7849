/** Everything: ky carries the requests, and `auto` finds out which dialect is spoken. */
import { type CreateClient, createClientVia, newBudget } from './client.ts'
import { auto } from './dialects/auto.ts'
import type { Entry } from './reply.ts'
import { viaKy } from './request/ky.ts'
import { failover } from './request/several.ts'
import { recovery } from './run/recovery.ts'
import { type Stream, streamVia } from './stream.ts'

const EVERYTHING: Entry = {
  transport: viaKy,
  dialect: auto,
  recovering: recovery,
  failover,
  newBudget,
}

/** {@inheritDoc Stream} */
export const stream: Stream = /* @__PURE__ */ streamVia(EVERYTHING)

/** {@inheritDoc CreateClient} */
export const createClient: CreateClient = /* @__PURE__ */ createClientVia(EVERYTHING)

export type { Client, ClientOptions, CreateClient } from './client.ts'
export * from './dialects/index.ts'
export type { RenderOptions } from './dom/options.ts'
export { render } from './dom/sink.ts'
export type { StatusWords } from './dom/status.ts'
export type { Writer } from './dom/writer.ts'
export * from './names.ts'
export type { Stream } from './stream.ts'
