/** The table of contents of `holdfast/dom`. */
export type { RenderOptions } from './options.ts'
export { render } from './sink.ts'
export type { StatusWords } from './status.ts'
export type { Writer } from './writer.ts'
