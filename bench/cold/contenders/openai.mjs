// @ts-check
import OpenAI from 'openai'
import { question } from '../question.mjs'

/** @type {import('../question.mjs').Ask} */
export async function ask(url, onText) {
  const baseURL = new URL('..', url).href.slice(0, -1)
  const client = new OpenAI({ baseURL, apiKey: 'none', dangerouslyAllowBrowser: true })
  for await (const chunk of await client.chat.completions.create({ ...question, stream: true })) {
    const text = chunk.choices[0]?.delta.content
    if (text) onText(text)
  }
}
