/** The table of contents of `holdfast/testing`. */
export { type FetchScript, type ScriptedFetch, scriptedFetch } from './fetch.ts'
