/** The table of contents of `holdfast/dialects`. */

export { anthropic } from './anthropic.ts'
export { auto } from './auto.ts'
export type { About, ContinuedRequest, Dialect, DialectFunction, DialectReader, Verdict } from './dialect.ts'
export { gemini } from './gemini.ts'
export { ollama } from './ollama.ts'
export { openaiChat, openaiChoice } from './openai-chat.ts'
export { openaiResponses } from './openai-responses.ts'
export { plain, textDialect } from './plain.ts'
