/** The table of contents of `holdfast/testing`. */
export { type FetchScript, type ScriptedFetch, scriptedFetch } from './fetch.ts'
export { type MakeStore, type StoreTest, storeConformance } from './store-conformance.ts'
