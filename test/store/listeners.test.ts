/** Whoever shows a conversation may fail: the others hear of it all the same, and nothing is left unhandled. */
import { expect, test, vi } from 'vitest'
import { stream } from '../../src/index.ts'
import { createConversation } from '../../src/store/conversation.ts'
import { scriptedFetch } from '../../src/testing/index.ts'

test('a listener that throws is reported, and keeps nobody from the end of the answer', async () => {
  const told = vi.spyOn(console, 'error').mockImplementation(() => {})
  const end = { choices: [{ index: 0, delta: { content: 'Hello' }, finish_reason: 'stop' }] }
  const fetch = scriptedFetch({ events: [end, '[DONE]'] })
  const chat = createConversation({
    ask: (messages, own) => stream('https://provider.invalid', { ...own, fetch, json: { messages } }),
  })
  const broken = new Error('cannot draw')
  chat.subscribe(() => {
    throw broken
  })
  const heard: string[] = []
  chat.subscribe(() => void heard.push(chat.getSnapshot().status))
  chat.ask('Hi')
  await vi.waitFor(() => expect(heard.at(-1)).toBe('done'))
  expect(told).toHaveBeenCalledWith(broken)
  told.mockRestore()
})

/** One whose answers never come. */
function silent() {
  const fetch = scriptedFetch({ end: 'stall' })
  return createConversation({
    ask: (messages, own) => stream('https://provider.invalid', { ...own, fetch, json: { messages } }),
  })
}

test('a function that has subscribed twice is told until both have gone, and nothing is cancelled before', async () => {
  vi.useFakeTimers()
  const chat = silent()
  const heard = vi.fn()
  const [first, second] = [chat.subscribe(heard), chat.subscribe(heard)]
  first()
  chat.ask('Hi')
  await vi.advanceTimersByTimeAsync(10)
  expect(chat.getSnapshot().status).toBe('asking')
  expect(heard).toHaveBeenCalled()
  second()
  await vi.advanceTimersByTimeAsync(10)
  expect(chat.getSnapshot().status).toBe('stopped')
  vi.useRealTimers()
})

test('a listener that subscribes anew whenever it is told is told once of each change', () => {
  const chat = silent()
  const heard = vi.fn(() => {
    // Or the test would never end.
    if (heard.mock.calls.length > 9) return
    off()
    off = chat.subscribe(heard)
  })
  let off = chat.subscribe(heard)
  chat.ask('Hi')
  expect(heard).toHaveBeenCalledOnce()
  chat.stop()
})
