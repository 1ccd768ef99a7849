// @ts-check
import { createEventSource } from 'eventsource-client'
import { body } from '../question.mjs'

/** @type {import('../question.mjs').Ask} */
export function ask(url, onText) {
  return new Promise((resolve) => {
    const source = createEventSource({
      url,
      ...body,
      onMessage({ data }) {
        if (data === '[DONE]') {
          source.close()
          resolve()
          return
        }
        const text = JSON.parse(data).choices[0].delta.content
        if (text) onText(text)
      },
    })
  })
}
