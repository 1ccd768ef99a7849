/** The model's own tools keep a reply alive; signs of life alone do not. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { interactive, type StreamFailure, stream } from '../../src/index.ts'
import { scriptedFetch } from '../../src/testing/index.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

const responses = {
  before: [
    { type: 'response.created', response: { id: 'r', status: 'in_progress' } },
    { type: 'response.output_text.delta', output_index: 0, delta: 'Let me look. ' },
  ],
  search: { type: 'response.web_search_call.searching', output_index: 1, item_id: 'ws' },
  after: [
    { type: 'response.output_text.delta', output_index: 2, delta: 'Found.' },
    { type: 'response.completed', response: { id: 'r', status: 'completed' } },
  ],
}
const anthropic = {
  before: [
    { type: 'message_start', message: { id: 'm' } },
    { type: 'content_block_start', index: 0, content_block: { type: 'text', text: 'Let me look. ' } },
    { type: 'content_block_stop', index: 0 },
    { type: 'content_block_start', index: 1, content_block: { type: 'server_tool_use', name: 'web_search' } },
  ],
  search: {
    type: 'content_block_delta',
    index: 1,
    delta: { type: 'input_json_delta', partial_json: '{"query"' },
  },
  after: [
    { type: 'content_block_delta', index: 2, delta: { type: 'text_delta', text: 'Found.' } },
    { type: 'message_delta', delta: { stop_reason: 'end_turn' } },
    { type: 'message_stop' },
  ],
}
const uiMessages = {
  before: [{ type: 'start-step' }, { type: 'text-delta', id: '1', delta: 'Let me look. ' }],
  search: { type: 'data-search', data: { found: 3 } },
  after: [
    { type: 'text-delta', id: '1', delta: 'Found.' },
    { type: 'finish', finishReason: 'stop' },
    '[DONE]',
  ],
}
const agui = {
  before: [
    { type: 'RUN_STARTED', runId: 'r' },
    { type: 'TEXT_MESSAGE_CONTENT', messageId: 'm', delta: 'Let me look. ' },
  ],
  search: { type: 'ACTIVITY_DELTA', messageId: 'a', patch: [] },
  after: [
    { type: 'TEXT_MESSAGE_CONTENT', messageId: 'm', delta: 'Found.' },
    { type: 'RUN_FINISHED', runId: 'r' },
  ],
}

// A search of two minutes that tells of itself every half minute.
const STEP_MS = 30_000
const SEARCH = 4

function reading(events: readonly unknown[]) {
  const outcome = stream('https://provider.invalid', {
    ...{ json: {}, retry: false },
    fetch: scriptedFetch({ events, pieceMs: STEP_MS }),
    // The whole reply may take as long as it takes.
    timeouts: { ...interactive, totalMs: 0 },
  })
    .answer()
    .catch((error: StreamFailure) => error)
  return outcome
}

describe.each(Object.entries({ responses, anthropic, uiMessages, agui }))(
  '%s',
  (_name, { before, search, after }) => {
    test('searches the web for two minutes between two pieces of text', async () => {
      const events = [...before, ...Array.from({ length: SEARCH }, () => search), ...after]
      const outcome = reading(events)
      await vi.advanceTimersByTimeAsync((events.length + 2) * STEP_MS)
      expect(await outcome).toMatchObject({ text: 'Let me look. Found.', finishReason: 'stop' })
    })

    test('searches before the first piece of text', async () => {
      const [first] = before
      const events = [first, ...Array.from({ length: SEARCH }, () => search), ...before.slice(1), ...after]
      const outcome = reading(events)
      await vi.advanceTimersByTimeAsync((events.length + 2) * STEP_MS)
      expect(await outcome).toMatchObject({ text: expect.stringContaining('Found.') })
    })

    test('only pings, and is given up', async () => {
      const events = [...before, ...Array.from({ length: 20 }, () => ({ type: 'ping' })), ...after]
      const outcome = reading(events)
      await vi.advanceTimersByTimeAsync((events.length + 2) * STEP_MS)
      expect(await outcome).toMatchObject({ code: 'timeout', phase: 'idle' })
    })
  },
)

test('who is at work does not stall', async () => {
  const onStall = vi.fn()
  const { before, search, after } = responses
  const outcome = stream('https://provider.invalid', {
    ...{ json: {}, retry: false, onStall, stallMs: STEP_MS + 1_000 },
    fetch: scriptedFetch({
      events: [...before.slice(1), search, search, search, ...after],
      pieceMs: STEP_MS,
    }),
    timeouts: { ...interactive, totalMs: 0 },
  }).answer()
  await vi.advanceTimersByTimeAsync(10 * STEP_MS)
  expect(await outcome).toMatchObject({ text: 'Let me look. Found.' })
  expect(onStall).not.toHaveBeenCalled()
})
