import { beforeEach, expect, test } from '@jest/globals'
import { scriptedFetch } from 'holdfast/testing'
import { PAGE, startChat } from '../app/chat.js'

const delta = (content) => ({ choices: [{ delta: { content } }] })
const text = (selector) => document.querySelector(selector).textContent

beforeEach(() => {
  document.body.innerHTML = PAGE
  startChat(document)
})

async function ask(...scripts) {
  globalThis.fetch = scriptedFetch(...scripts)
  document.querySelector('button').click()
  while (!/^(Done|Failed)/.test(text('[role=status]'))) await new Promise((resolve) => setTimeout(resolve, 5))
}

test('shows the answer, though the first connection breaks', async () => {
  await ask({ offline: true }, { events: [delta('Hel'), delta('lo'), '[DONE]'] })
  expect(text('[role=status]')).toBe('Done')
  expect(text('#answer')).toBe('Hello')
  expect(fetch.requests).toHaveLength(2)
})

test('shows half an answer as half an answer', async () => {
  await ask({ events: [delta('Hel')] })
  expect(text('[role=status]')).toBe('Failed: truncated')
  expect(text('#answer')).toBe('Hel')
})
