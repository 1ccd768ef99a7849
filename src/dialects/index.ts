/** The table of contents of `holdfast/dialects`. */

export { agui } from './agui.ts'
export { anthropic } from './anthropic.ts'
export { auto } from './auto.ts'
export { cohere } from './cohere.ts'
export { completions } from './completions.ts'
export { coze } from './coze.ts'
export { dashscope, dashscopeCumulative } from './dashscope.ts'
export type {
  About,
  ContinuedRequest,
  Dialect,
  DialectFunction,
  DialectReader,
  Meaning,
  Verdict,
} from './dialect.ts'
export { dify } from './dify.ts'
export { gemini } from './gemini.ts'
export { geminiInteractions } from './gemini-interactions.ts'
export { jsonEvents, jsonStrings } from './json-events.ts'
export { langgraph } from './langgraph.ts'
export { llamaCpp } from './llama-cpp.ts'
export { ollama } from './ollama.ts'
export { openaiChat, openaiChoice } from './openai-chat.ts'
export { openaiResponses } from './openai-responses.ts'
export { plain } from './plain.ts'
export { endsAtClose, text } from './text.ts'
export { textDialect } from './text-dialect.ts'
export { tgi } from './tgi.ts'
export { uiMessages } from './ui-messages.ts'
