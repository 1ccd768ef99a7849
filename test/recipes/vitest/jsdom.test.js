// @vitest-environment jsdom
import { scriptedFetch } from 'holdfast/testing'
import { beforeEach, expect, test, vi } from 'vitest'
import { PAGE, startChat } from '../app/chat.js'

const delta = (content) => ({ choices: [{ delta: { content } }] })
const text = (selector) => document.querySelector(selector).textContent

beforeEach(() => {
  document.body.innerHTML = PAGE
  startChat(document)
})

test('shows the answer, though the first connection breaks', async () => {
  const fetch = scriptedFetch({ offline: true }, { events: [delta('Hel'), delta('lo'), '[DONE]'] })
  vi.stubGlobal('fetch', fetch)
  document.querySelector('button').click()
  await expect.poll(() => text('[role=status]')).toBe('Done')
  expect(text('#answer')).toBe('Hello')
  expect(fetch.requests).toHaveLength(2)
})

test('shows half an answer as half an answer', async () => {
  vi.stubGlobal('fetch', scriptedFetch({ events: [delta('Hel')] }))
  document.querySelector('button').click()
  await expect.poll(() => text('[role=status]')).toBe('Failed: truncated')
  expect(text('#answer')).toBe('Hel')
})
