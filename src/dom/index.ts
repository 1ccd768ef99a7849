/** The table of contents of `holdfast/dom`. */
export { render } from './sink.ts'
