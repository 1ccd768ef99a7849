/** What happens when the connection is lost after output has been handed out. */
import { describe, expect, test } from 'vitest'
import { type Delta, type StreamFailure, type StreamOptions, stream } from '../../src/index.ts'
import { begun, whole } from '../support/chat.ts'
import { useServer } from '../support/use-server.ts'

const server = useServer()
const quick: StreamOptions = { json: { model: 'm' }, retry: { baseMs: 1 } }

/** Reads with `for await` and honours `rewind`, like a page would. */
async function read(
  options: StreamOptions,
): Promise<{ shown: string; deltas: Delta[]; error?: StreamFailure }> {
  let shown = ''
  const deltas: Delta[] = []
  try {
    for await (const delta of stream(server.url, { ...quick, ...options })) {
      deltas.push(delta)
      if (delta.type === 'text') shown += delta.text
      if (delta.type === 'rewind') shown = shown.slice(0, delta.text)
    }
    return { shown, deltas }
  } catch (error) {
    return { shown, deltas, error: error as StreamFailure }
  }
}

const rewinds = (deltas: readonly Delta[]) => deltas.filter((delta) => delta.type === 'rewind')

describe('a cut answer', () => {
  test('goes on without a seam when the new one repeats it', async () => {
    server.play(begun(['The sea ', 'holds'], 'RST'), whole('The ', 'sea holds', ' fast.'))
    const { shown, deltas } = await read({ recovery: 'replay' })
    expect(shown).toBe('The sea holds fast.')
    expect(rewinds(deltas)).toEqual([])
    expect(deltas.filter((delta) => delta.type === 'text').map((delta) => delta.text)).toEqual([
      'The sea ',
      'holds',
      ' fast.',
    ])
  })

  test('is taken back to the common beginning when the new one differs', async () => {
    server.play(begun(['The sea ', 'holds'], 'END'), whole('The sea', ' heaves'))
    const { shown, deltas } = await read({ recovery: 'replay' })
    expect(shown).toBe('The sea heaves')
    expect(rewinds(deltas)).toEqual([{ type: 'rewind', text: 9, reasoning: 0 }])
  })

  test('is taken back to its own length when the new one is shorter', async () => {
    server.play(begun(['The sea holds'], 'END'), whole('The sea'))
    expect((await read({ recovery: 'replay' })).shown).toBe('The sea')
  })

  test('stays as it is when every replay fails earlier', async () => {
    server.play(begun(['The sea holds'], 'END'), begun(['The'], 'END'))
    const { shown, error } = await read({ recovery: 'replay' })
    expect(shown).toBe('The sea holds')
    expect(error).toMatchObject({ code: 'truncated', attempts: 3 })
    expect(error?.answer?.text).toBe('The sea holds')
  })

  test('is replayed for an onRewind callback, which is told how much stays', async () => {
    server.play(begun(['ab', 'cd'], 'RST'), whole('ab', 'xy'))
    const told: unknown[] = []
    let shown = ''
    const answer = await stream(server.url, {
      ...quick,
      onChunk: (text) => {
        shown += text
      },
      onRewind: ({ text }, { text: live }) => {
        shown = shown.slice(0, text)
        told.push([text, live])
      },
    }).answer()
    expect(told).toEqual([[2, 'ab']])
    expect(shown).toBe('abxy')
    expect(answer.text).toBe('abxy')
  })

  test('is replayed for a caller who has seen nothing yet', async () => {
    server.play(begun(['ab', 'cd'], 'RST'), whole('xy'))
    expect(await stream(server.url, quick).text()).toBe('xy')
  })

  test('is an error with the partial text for a caller who cannot take text back', async () => {
    server.play(begun(['ab'], 'RST'), whole('abc'))
    const { shown, error } = await read({})
    expect(shown).toBe('ab')
    expect(error).toMatchObject({ code: 'network', attempts: 1, retryable: true })
    expect(error?.answer?.text).toBe('ab')
    expect(server.requests).toHaveLength(1)
  })

  test("is an error with recovery: 'fail', whatever the caller can do", async () => {
    server.play(begun(['ab'], 'RST'), whole('abc'))
    const error = await stream(server.url, {
      ...quick,
      recovery: 'fail',
      onChunk: () => {},
      onRewind: () => {},
    })
      .answer()
      .catch((reason: StreamFailure) => reason)
    expect(error).toMatchObject({ code: 'network', attempts: 1 })
  })
})

test('skipped data is counted and told, and the rest of the answer arrives', async () => {
  server.play(begun(['a'], 'data: {"choices":[{"ind\n\n', ...(whole('b').steps ?? [])))
  const warnings: string[] = []
  const answer = await stream(server.url, {
    ...quick,
    onWarning: ({ code, message }) => void warnings.push(`${code}: ${message}`),
  }).answer()
  expect(answer.text).toBe('ab')
  expect(answer.stats.malformed).toBe(1)
  expect(warnings).toEqual(['malformed: Skipped data that openai-chat does not understand (1 so far)'])
})
