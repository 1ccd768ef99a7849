// @ts-check
import { fetchEventSource } from '@microsoft/fetch-event-source'
import { body } from '../question.mjs'

/** @type {import('../question.mjs').Ask} */
export async function ask(url, onText) {
  await fetchEventSource(url, {
    ...body,
    openWhenHidden: true,
    onmessage({ data }) {
      if (data === '[DONE]') return
      const text = JSON.parse(data).choices[0].delta.content
      if (text) onText(text)
    },
    onerror(error) {
      throw error
    },
  })
}
