// @ts-check
import ky from 'ky'
import { parseServerSentEvents } from 'parse-sse'
import { question } from '../question.mjs'

/** @type {import('../question.mjs').Ask} */
export async function ask(url, onText) {
  const response = await ky.post(url, { json: question, timeout: false })
  for await (const { data } of parseServerSentEvents(response)) {
    if (data === '[DONE]') return
    const text = JSON.parse(data).choices[0].delta.content
    if (text) onText(text)
  }
}
