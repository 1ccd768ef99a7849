/** The table of contents of `holdfast/dialects`. */
export type { ContinuedRequest, Dialect, DialectFunction, DialectReader, Verdict } from './dialect.ts'
export { openaiChat } from './openai-chat.ts'
export { plain, textDialect } from './plain.ts'
