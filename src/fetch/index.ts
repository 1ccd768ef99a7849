/** A `fetch` that heals streams, for SDKs and chats' transports; plain `fetch` carries the requests. */
import { createClientVia, newBudget } from '../client.ts'
import { auto } from '../dialects/auto.ts'
import { failover } from '../request/several.ts'
import { recovery } from '../run/recovery.ts'
import { type CreateFetch, createFetchVia } from './create-fetch.ts'

/** {@inheritDoc CreateFetch} */
export const createFetch: CreateFetch = /* @__PURE__ */ createFetchVia(
  /* @__PURE__ */ createClientVia({ recovering: recovery, failover, newBudget }),
  auto,
)

export * from '../names.ts'
export type { CreateFetch, FetchOptions } from './create-fetch.ts'
