/** Who speaks is found out by the first event that tells; what says nothing decides nothing. */
import { describe, expect, test } from 'vitest'
import { type Answer, type StreamFailure, stream } from '../../src/index.ts'
import { scriptedFetch } from '../../src/testing/index.ts'

const chunk = (content: string) => ({ choices: [{ index: 0, delta: { content } }] })
const overload = { error: { type: 'overloaded_error', message: 'Overloaded' } }

async function read(...events: readonly unknown[]): Promise<Answer | StreamFailure> {
  return stream('https://provider.invalid', { fetch: scriptedFetch({ events }), json: {}, retry: false })
    .answer()
    .catch((error: StreamFailure) => error)
}

describe('what comes before the answer', () => {
  test.each([
    ['nothing', ''],
    ['blanks', '  '],
    ['half an object', '{"choi'],
    ['an object of nobody’s', '{"status":"queued"}'],
    ['a list', '[]'],
  ])('%s decides nothing', async (_what, first) => {
    expect(await read(first, chunk('Hi'), '[DONE]')).toMatchObject({ text: 'Hi' })
    expect(await read(first, overload)).toMatchObject({ code: 'api', answer: { text: '' } })
  })

  test('a word before the first chunk is none of the answer’s', async () => {
    expect(await read('connected', chunk('Hi'), '[DONE]')).toMatchObject({ text: 'Hi' })
    expect(await read('connected', overload)).toMatchObject({ code: 'api', answer: { text: 'connected' } })
  })
})

test('text is read as text, objects of nobody’s in it included', async () => {
  expect(await read('Hello ', '{"a":1}', ' {b', '[DONE]')).toMatchObject({ text: 'Hello {"a":1} {b' })
})

test('nothing but nonsense is refused', async () => {
  expect(await read('{', '', '{"x":1}')).toMatchObject({ code: 'protocol' })
})
