/** The table of contents of `holdfast/relay`. */
export { type MemoryStoreOptions, memoryStore } from './memory-store.ts'
export type { AnswerSummary, AskContext, Body, RelayOptions } from './options.ts'
export { createRelay, type Relay } from './relay.ts'
export {
  type AnswerKey,
  type Ending,
  type Known,
  type NewAnswer,
  type Opened,
  type Page,
  type State,
  type Store,
  StoreFullError,
  type StoreSettings,
} from './store.ts'
