/** JSON that a server of plain text adds is none of the answer; JSON that a model answers in is. */
import { describe, expect, test } from 'vitest'
import { auto, endsAtClose, plain } from '../../src/dialects/index.ts'
import { stream } from '../../src/index.ts'
import { scriptedFetch } from '../../src/testing/index.ts'

const DONE = 'data: [DONE]\n\n'
const said = (...data: readonly unknown[]): string =>
  data.map((each) => `data: ${typeof each === 'string' ? each : JSON.stringify(each)}\n\n`).join('')

async function textOf(body: string, dialect = auto) {
  const answers = [undefined, 1].map((pieceBytes) => {
    const fetch = scriptedFetch({ body, pieceBytes })
    return stream('https://own.invalid', { fetch, json: {}, dialect, retry: false }).answer()
  })
  const [one, other] = await Promise.all(answers)
  expect(one?.text).toBe(other?.text)
  return one
}

const BESIDE: readonly object[] = [
  { sources: [{ title: 'Moon', url: 'https://m.invalid' }] },
  { type: 'citations', data: ['a'] },
  { usage: { prompt_tokens: 3, completion_tokens: 2 } },
  { metadata: { took: 2 }, message_id: 'm1' },
  { conversation_id: 'c1' },
]

test.each(BESIDE.map((each) => [each]))('is none of the answer: %j', async (beside) => {
  expect(await textOf(said('one', ' two', beside) + DONE)).toMatchObject({ text: 'one two' })
  expect(await textOf(said('one', beside, ' two') + DONE)).toMatchObject({ text: 'one two' })
  expect(await textOf(said('one', beside) + DONE)).toMatchObject({ text: 'one' })
  expect(await textOf(said('one', ' two', beside), endsAtClose(auto))).toMatchObject({ text: 'one two' })
})

describe('an end', () => {
  test.each([
    [{ done: true }, 'unknown'],
    [{ type: 'done' }, 'unknown'],
    [{ done: true, usage: { total_tokens: 3 }, message_id: 'm' }, 'unknown'],
    [{ finish_reason: 'length' }, 'length'],
  ])('in JSON is one: %j', async (end, finishReason) => {
    expect(await textOf(said('one', ' two', end))).toMatchObject({ text: 'one two', finishReason })
  })

  test('by its name is one, whatever it holds', async () => {
    for (const end of BESIDE)
      expect(await textOf(`${said('one', ' two')}event: end\n${said(end)}`)).toMatchObject({
        text: 'one two',
      })
  })

  test('in JSON does not hide a line that was lost', async () => {
    await expect(textOf(`data: one\ntwo\n\n${said(' and', { done: true })}`)).rejects.toMatchObject({
      code: 'protocol',
      message: expect.stringContaining('two'),
    })
  })
})

test.each([
  { name: 'Ada', id: 3 },
  { id: 3 },
  { source: 'x' },
  { sources: 'many' },
  { usage: { a: 1 }, answer: 'yes' },
  { done: false },
  {},
])('a model may answer in JSON: %j', async (json) => {
  const text = `one two${JSON.stringify(json)}`
  expect(await textOf(said('one', ' two', json) + DONE)).toMatchObject({ text })
})

test('who names the dialect has each event as text', async () => {
  expect(await textOf(said('one', { sources: [] }) + DONE, plain)).toMatchObject({
    text: 'one{"sources":[]}',
  })
})
