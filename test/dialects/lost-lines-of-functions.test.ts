/** A function of the caller's that finds text in an event: it, too, has no whole answer where a part of the text was lost. */
import { describe, expect, test } from 'vitest'
import { stream as coreStream } from '../../src/core.ts'
import { auto, type DialectFunction, endsAtClose, plain, textDialect } from '../../src/dialects/index.ts'
import { createClient, type StreamFailure, stream } from '../../src/index.ts'
import { scriptedFetch } from '../../src/testing/index.ts'

const DONE = 'data: [DONE]\n\n'
const CUTS = [undefined, 1, 2, 5, 7]
const OWN = 'https://own.invalid'
const asItIs: DialectFunction = ({ data }) => data

/** What comes of this body, however it was cut; nothing may be asked for twice. */
async function expectOf(dialect: Parameters<typeof textDialect>[1], body: string, expected: object) {
  for (const end of ['\n', '\r\n', '\r'])
    for (const pieceBytes of CUTS) {
      const fetch = scriptedFetch({ body: body.replaceAll('\n', end), pieceBytes })
      const answer = stream(OWN, { fetch, json: {}, dialect }).answer()
      expect(await answer.catch((error: StreamFailure) => error)).toMatchObject(expected)
      expect(fetch.requests).toHaveLength(1)
    }
}

const lost = (line: string) => ({
  code: 'protocol',
  message: expect.stringContaining(`its line "${line}" has no "data:"`),
})

describe('a function that finds the text', () => {
  const FINDERS: readonly (readonly [string, DialectFunction])[] = [
    ['as it is', asItIs],
    ['in events of one name', ({ event, data }) => (event === 'end' ? { end: true } : data)],
    ['and calls it so', ({ data }) => ({ text: data })],
    ['and makes something of it', ({ data }) => data.replaceAll('\\n', '\n')],
    ['behind a number', ({ data }) => data.replace(/^\d+\|/, '')],
  ]

  test.each(FINDERS)('%s is told of a line that was lost', async (_how, find) => {
    await expectOf(find, `data: one\ntwo\n\ndata:  three\n\n${DONE}`, {
      ...lost('two'),
      answer: { text: 'one three' },
    })
    await expectOf(find, `data: one\n\ntwo\n\ndata:  three\n\n${DONE}`, lost('two'))
    await expectOf(find, 'data: one\ntwo\n\ndata:  three\n\nevent: end\ndata: -\n\n', {
      ...lost('two'),
    })
    await expectOf(find, `data: one\n\n\ndata: two\n\ndata: three\n\n${DONE}`, {
      code: 'protocol',
      message: expect.stringContaining('line breaks'),
    })
  })

  test.each(FINDERS)('%s has back the blanks that words begin with', (_how, find) =>
    expectOf(find, 'data:La\n\ndata: frase\n\ndata: \n\ndata:come\n\ndata: stai\n\ndata:[DONE]\n\n', {
      text: 'La frase come stai',
    }),
  )

  test('and ends with the file is told, too', async () => {
    const dialect = textDialect('mine', asItIs, { endsAtClose: true })
    for (const each of [dialect, endsAtClose(dialect)]) {
      const fetch = scriptedFetch({ body: 'data: one\ntwo\n\ndata:  three\n\n' })
      await expect(stream(OWN, { fetch, dialect: each }).answer()).rejects.toMatchObject(lost('two'))
    }
    const fetch = scriptedFetch({ body: 'data: one\n\ndata:  three\n\n' })
    expect(await stream(OWN, { fetch, dialect }).text()).toBe('one three')
  })

  test('is told by a client, too', async () => {
    const reply = createClient().stream(OWN, {
      fetch: scriptedFetch({ body: `data: one\ntwo\n\n${DONE}` }),
      dialect: asItIs,
    })
    await expect(reply.answer()).rejects.toMatchObject(lost('two'))
  })

  test('is not told by holdfast/core, unless it is a dialect of holdfast/dialects', async () => {
    const body = `data: one\ntwo\n\n${DONE}`
    expect(await coreStream(OWN, { fetch: scriptedFetch({ body }), dialect: asItIs }).text()).toBe('one')
    const dialect = textDialect('mine', asItIs)
    const reply = coreStream(OWN, { fetch: scriptedFetch({ body }), dialect })
    await expect(reply.text()).rejects.toMatchObject(lost('two'))
  })

  test('sees each event as the standard has it', async () => {
    const seen: string[] = []
    const body = 'data:La\n\ndata: frase\n\ndata: END\n\n'
    const find: DialectFunction = ({ data }) => {
      seen.push(data)
      return data === 'END' ? { end: true } : data
    }
    expect(await stream(OWN, { fetch: scriptedFetch({ body }), dialect: find }).text()).toBe('La frase')
    expect(seen).toEqual(['La', 'frase', 'END'])
  })
})

describe('a function is not told of lines', () => {
  const json: DialectFunction = ({ data }) => JSON.parse(data).text
  const tokens: DialectFunction = ({ event, data }) => (event === 'token' ? data : undefined)
  const token = (text: string) => `event: token\ndata: ${text}\n\n`

  test.each<[string, DialectFunction, string]>([
    ['where it reads JSON', json, 'data: {"text":"one"}\nWarning\n\n1f\n\ndata: {"text":" two"}\n\n'],
    [
      'nor of breaks between JSON',
      json,
      'data: {"text":"one"}\n\n\ndata: \n\ndata: {"text":" two"}\n\n'.replace('data: \n\n', ''),
    ],
    [
      'of an event that is none of the answer',
      tokens,
      `${token('one')}event: sources\ndata: [\nfirst,\nsecond\n]\n\n\n${token(' two')}`,
    ],
    ['of one that it passes over', tokens, `event: log\ndata: x\nraw\n\n${token('one')}${token(' two')}`],
    ['before the first', asItIs, 'hello\n\n: hi\n\nserver 1.2\n\ndata: one\n\ndata:  two\n\n'],
  ])('%s', (_which, find, body) => expectOf(find, `${body}${DONE}`, { text: 'one two' }))

  test('nor has it blanks put before its text for what it passes over', () =>
    expectOf(tokens, `event: start\ndata:go\n\n${token('one')}${token(' two')}${DONE}`, { text: 'one two' }))

  test('and ends as it did: by its own end, an error, a fault of its own', async () => {
    const find: DialectFunction = ({ event, data }) => {
      if (event === 'no') return { error: data }
      if (event === 'bug') throw new RangeError(data)
      return event === 'over' ? { end: 'length' } : data
    }
    const text = 'data: one\n\n'
    await expectOf(find, `${text}event: over\ndata: x\n\n`, { text: 'one', finishReason: 'length' })
    await expectOf(find, `${text}event: no\ndata: full\n\n`, { code: 'api', message: 'full' })
    await expectOf(find, `${text}event: bug\ndata: x\n\n`, { code: 'callback', answer: { text: 'one' } })
  })
})

describe.each([plain, auto, asItIs])('a line that is no field, read by %o', (dialect) => {
  const of = (body: string, expected: object) =>
    expectOf(dialect as DialectFunction, `${body}${DONE}`, expected)

  test.each([
    'trace: 1\ndata: one\n\ntrace: 2\ndata:  two\n\n',
    'data: one\n\nevent: token\ntrace: 2\nspan: 3\ndata:  two\n\n',
    'data: one\n\nping\n\ndata:  two\n\nkeep-alive\n\n',
  ])('is none of the text where it stands before the data, or is a sign of life (%j)', (body) =>
    of(body, { text: 'one two' }),
  )

  test.each([
    'data: one\n\ntwo\n\ndata: three\n\n',
    'data: one\n\ntwo\nmore\n\ndata: three\n\n',
    'data: one\n\ndata: and\n\ntwo\n\n',
    'data: one\ntwo\nid: 5\n\n',
  ])('is of the text where nothing follows it in its event (%j)', (body) => of(body, lost('two')))
})

test('a greeting without a blank says nothing of the words', async () => {
  for (const dialect of [plain, auto, asItIs])
    for (const greeting of ['data:connected\n\n', 'event: open\ndata:x\n\n', 'event: ping\ndata:x\n\n'])
      for (const pieceBytes of CUTS) {
        const body = `${greeting}data: tok\n\ndata:  two\n\ndata:  three\n\n${DONE}`
        const fetch = scriptedFetch({ body, pieceBytes })
        expect(await stream(OWN, { fetch, dialect }).text()).toMatch(/^(connected|x)?tok two three$/)
      }
})

test('a line that is lost in the very read in which a server goes back to an earlier place is told', async () => {
  const [one, two] = ['id: 1\ndata: one\n\n', 'id: 2\ndata:  two\n\n']
  const again = `${one}id: 2\ndata:  two\nlost\n\nid: 3\ndata:  three\n\nid: 4\n${DONE}`
  for (const dialect of [plain, auto, asItIs])
    for (const pieceBytes of CUTS) {
      const fetch = scriptedFetch({ body: one + two, end: 'reset' }, { body: again, pieceBytes })
      const reply = stream(OWN, { fetch, json: {}, dialect, recovery: 'resume', retry: { baseMs: 1 } })
      await expect(reply.answer()).rejects.toMatchObject(lost('lost'))
    }
})

test('a line that the file ends in is told, a name of a field that it was cut off in is not', async () => {
  const mine = textDialect('mine', asItIs, { endsAtClose: true })
  for (const dialect of [endsAtClose(plain), endsAtClose(auto), mine])
    for (const pieceBytes of CUTS) {
      const read = (body: string) =>
        stream(OWN, { fetch: scriptedFetch({ body, pieceBytes }), dialect }).text()
      await expect(read('data: one\n\ndata:  and\n\nbehind')).rejects.toMatchObject(lost('behind'))
      expect(await read('data: one\n\ndata:  and\n\nretry')).toBe('one and')
    }
})
