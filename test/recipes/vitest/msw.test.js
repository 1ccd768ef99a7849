// @vitest-environment node
import { HttpResponse, http } from 'msw'
import { setupServer } from 'msw/node'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { createAsk, URL } from '../app/ask.js'

const server = setupServer()
beforeAll(() => server.listen({ onUnhandledRequest: 'error' }))
afterEach(() => server.resetHandlers())
afterAll(() => server.close())

const delta = (content) => ({ choices: [{ delta: { content } }] })

/** An answer event by event; where there is an `error` the connection breaks. */
function streamed(events, error) {
  const texts = events.map(
    (event) => `data: ${typeof event === 'string' ? event : JSON.stringify(event)}\n\n`,
  )
  const body = new ReadableStream({
    pull(controller) {
      const text = texts.shift()
      if (text) controller.enqueue(new TextEncoder().encode(text))
      else if (error) controller.error(error)
      else controller.close()
    },
  })
  return new HttpResponse(body, { headers: { 'content-type': 'text/event-stream' } })
}

test('asks again when the server was busy', async () => {
  const asked = []
  server.use(
    http.post(URL, async ({ request }) => {
      asked.push(await request.json())
      if (asked.length === 1) return new HttpResponse(null, { status: 503 })
      return streamed([delta('Hel'), delta('lo'), '[DONE]'])
    }),
  )
  expect(await createAsk()('How?')).toBe('Hello')
  expect(asked).toEqual([{ question: 'How?' }, { question: 'How?' }])
})

test('takes half an answer for half an answer', async () => {
  server.use(http.post(URL, () => streamed([delta('Hel')])))
  await expect(createAsk()('How?')).rejects.toMatchObject({ code: 'truncated', answer: { text: 'Hel' } })
})

test('says that the connection broke', async () => {
  server.use(http.post(URL, () => streamed([delta('Hel')], new Error('reset'))))
  await expect(createAsk()('How?')).rejects.toMatchObject({ code: 'network', phase: 'body' })
})
