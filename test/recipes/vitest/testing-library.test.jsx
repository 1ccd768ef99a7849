// @vitest-environment happy-dom
import { cleanup, configure, render, screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { scriptedFetch } from 'holdfast/testing'
import { afterEach, expect, test, vi } from 'vitest'
import { Chat } from '../app/Chat.jsx'

configure({ asyncUtilTimeout: 10_000 })
afterEach(cleanup)

const delta = (content) => ({ choices: [{ delta: { content } }] })

async function ask(...scripts) {
  const fetch = scriptedFetch(...scripts)
  vi.stubGlobal('fetch', fetch)
  render(<Chat />)
  await userEvent.type(screen.getByLabelText('Your question'), 'How?')
  await userEvent.click(screen.getByRole('button', { name: 'Ask' }))
  return fetch
}

test('shows the question and its answer', async () => {
  const fetch = await ask({ events: [delta('Hel'), delta('lo'), '[DONE]'] })
  expect(await screen.findByText('Hello')).toBeTruthy()
  expect(screen.getAllByRole('listitem').map((turn) => turn.textContent)).toEqual(['How?', 'Hello'])
  expect(await fetch.requests[0].json()).toEqual({ messages: [{ role: 'user', content: 'How?' }] })
})

test('shows what there is of an answer that broke off, and says so', async () => {
  await ask({ events: [delta('Hel')], end: 'reset' })
  expect((await screen.findByRole('alert')).textContent).toMatch(/connection broke/)
  expect(screen.getByText('Hel')).toBeTruthy()
})
