/** The id of a response is one part of a path, whatever a server writes. */
import { describe, expect, test } from 'vitest'
import { geminiInteractions } from '../../src/dialects/gemini-interactions.ts'
import { langgraph } from '../../src/dialects/langgraph.ts'
import { openaiResponses } from '../../src/dialects/openai-responses.ts'

const url = 'https://a.example/v1/responses/?api-version=1'

/** How each goes on with a response of this id. */
const ways: Record<string, (id: unknown) => string | undefined> = {
  responses: (id) => openaiResponses.resume?.(url, { background: true, id, sequence: 4 })?.url,
  interactions: (id) => geminiInteractions.resume?.(url, { memory: { id, last: 'e/1' } })?.url,
  langgraph: (run) => langgraph.resume?.('https://a.example/threads/t/runs/stream', { memory: { run } })?.url,
}

describe.each(Object.entries(ways))('%s', (_name, way) => {
  test.each(['', '.', '..', '../files', 'a/b', '\\', 'a\\b', '%2e%2e', '..%2f', 'a\nb', '\ud800', 7, null])(
    'is not gone on with by the id %j',
    (id) => {
      expect(way(id)).toBeUndefined()
    },
  )

  test.each(['resp_1', 'v1_Chd=', '...', 'a b', 'a?b', 'a#b', 'é'])('is gone on with by the id %j', (id) => {
    const path = new URL(way(id) as string).pathname
    expect(path.split('/')).toHaveLength(way === ways.langgraph ? 6 : 4)
    expect(decodeURIComponent(path)).toContain(id)
  })
})

test('both providers are asked alike: below the first address, with its query', () => {
  expect(ways.responses?.('r')).toBe(
    'https://a.example/v1/responses/r?api-version=1&stream=true&starting_after=4',
  )
  expect(ways.interactions?.('r')).toBe(
    'https://a.example/v1/responses/r?api-version=1&stream=true&last_event_id=e%2F1',
  )
})
