import { anthropic } from './anthropic.ts'
import type { Dialect } from './dialect.ts'
import { gemini } from './gemini.ts'
import { ollama } from './ollama.ts'
import { openaiChat } from './openai-chat.ts'

/** Before there is an event, only the address tells. */
export function spokenAt(baseUrl: string): Dialect {
  const [, found] = ADDRESSES.find(([pattern]) => pattern.test(baseUrl)) ?? []
  return found ?? openaiChat
}

const ADDRESSES: readonly (readonly [RegExp, Dialect])[] = [
  [/anthropic/i, anthropic],
  // Google serves OpenAI's format, too, under a path that says so.
  [/generativelanguage(?!.*\/openai)/i, gemini],
  [/:11434(?!.*\/v1)/, ollama],
]
