// @ts-check
import { createOpenAICompatible } from '@ai-sdk/openai-compatible'
import { streamText } from 'ai'
import { question } from '../question.mjs'

/** @type {import('../question.mjs').Ask} */
export async function ask(url, onText) {
  const baseURL = new URL('..', url).href.slice(0, -1)
  const model = createOpenAICompatible({ name: 'bench', baseURL })(question.model)
  const { textStream } = streamText({ model, messages: question.messages })
  for await (const text of textStream) onText(text)
}
