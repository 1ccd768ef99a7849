/** Events whose data is the text, and dialects made of a function. */
import { describe, expect, test } from 'vitest'
import type { Dialect } from '../../src/dialects/dialect.ts'
import { plain } from '../../src/dialects/plain.ts'
import { textDialect } from '../../src/dialects/text-dialect.ts'
import type { Delta, ServerEvent } from '../../src/events.ts'

const finish: Delta = { type: 'finish', reason: 'unknown', raw: undefined }

function read(dialect: Dialect, ...events: readonly ServerEvent[]) {
  const reader = dialect.open()
  const deltas: Delta[] = []
  const verdicts = events.map((event) => reader.read(event, deltas))
  return { reader, deltas, verdicts }
}

describe('plain', () => {
  test('takes the data for the text', () => {
    const { deltas, verdicts } = read(
      plain,
      { data: 'a' },
      { data: ' b\n' },
      { data: '' },
      { data: '{"c":1}' },
    )
    expect(deltas).toEqual(['a', ' b\n', '{"c":1}'].map((text) => ({ type: 'text', text })))
    expect(verdicts).toEqual(['more', 'more', 'ping', 'more'])
  })

  test('ends with [DONE] and not with the file', () => {
    const { reader, deltas, verdicts } = read(plain, { data: '[DONE]' })
    expect([deltas, verdicts]).toEqual([[finish], ['end']])
    expect(reader.close).toBeUndefined()
    expect(plain.name).toBe('plain')
  })
})

describe('a dialect made of a function', () => {
  const words = textDialect('words', ({ event, data }) => (event === 'word' ? data : undefined))

  test('has its name and hands out what the function finds', () => {
    const { deltas } = read(words, { data: 'a', event: 'word' }, { data: 'b', event: 'ping' }, { data: 'c' })
    expect(words.name).toBe('words')
    expect(deltas).toEqual([{ type: 'text', text: 'a' }])
  })

  test('hands out text, and numbers as such, whatever the function finds', () => {
    const values = textDialect('values', (({ data }: ServerEvent) => JSON.parse(data).value) as never)
    const events = ['5', '0', 'null', 'true', '["a"]', '"a"'].map((value) => ({ data: `{"value":${value}}` }))
    const texts = read(values, ...events).deltas.map((delta) => 'text' in delta && delta.text)
    expect(texts).toEqual(['5', '0', 'a'])
    const numbers = textDialect('numbers', (({ data }: ServerEvent) => Number(data)) as never)
    expect(read(numbers, { data: 'five' }).deltas).toEqual([])
  })

  test('is not asked about [DONE]', () => {
    const all = textDialect('all', ({ data }) => data)
    expect(read(all, { data: '[DONE]' })).toMatchObject({ deltas: [finish], verdicts: ['end'] })
  })

  test('that throws ends the reply with its own error', () => {
    const thrown = new SyntaxError('Unexpected token')
    const { deltas, verdicts } = read(
      textDialect('json', () => {
        throw thrown
      }),
      { data: 'x' },
    )
    expect(deltas).toEqual([])
    expect(verdicts).toEqual([
      expect.objectContaining({ code: 'callback', callback: 'dialect', cause: thrown }),
    ])
  })

  test.each([
    [{}, undefined],
    [{ endsAtClose: false }, undefined],
    [{ endsAtClose: true }, [finish]],
  ])('with %o ends with the file: %o', (options, expected) => {
    const { reader } = read(textDialect('mine', ({ data }) => data, options))
    const deltas: Delta[] = []
    reader.close?.(deltas)
    expect(reader.close && deltas).toEqual(expected)
  })
})
