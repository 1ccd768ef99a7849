/** A line break that a server of text writes as it is: what follows it is no field, and without it the answer is not whole. */
import { describe, expect, test } from 'vitest'
import { auto, type Dialect, endsAtClose, plain } from '../../src/dialects/index.ts'
import { type Answer, type StreamFailure, stream } from '../../src/index.ts'
import { type FetchScript, scriptedFetch } from '../../src/testing/index.ts'

const DONE = 'data: [DONE]\n\n'

interface Read {
  readonly result: Answer | StreamFailure
  readonly requests: number
}

async function read(dialect: Dialect, ...scripts: readonly FetchScript[]): Promise<Read> {
  const fetch = scriptedFetch(...scripts)
  const reply = stream('https://own.invalid', {
    fetch,
    json: {},
    dialect,
    recovery: 'resume',
    retry: { baseMs: 1 },
  })
  const result = await reply.answer().catch((error: StreamFailure) => error)
  return { result, requests: fetch.requests.length }
}

/** The same bytes at once, each alone, and some at a time. */
const CUTS = [undefined, 1, 2, 5, 7]

const lost = {
  code: 'protocol',
  message: 'Part of the text is lost: its line "two" has no "data:" before it',
}

const breaks = {
  code: 'protocol',
  message: 'Part of the text is lost: there is no "data:" after some of its line breaks',
}

describe.each([plain, auto, endsAtClose(plain), endsAtClose(auto)])(
  'a raw line break, read by %o',
  (dialect) => {
    const isRefused = async (body: string, text: string) => {
      for (const pieceBytes of CUTS) {
        const { result, requests } = await read(dialect, { body, pieceBytes })
        expect(result).toMatchObject({ ...lost, answer: { text } })
        expect(requests).toBe(1)
      }
    }
    const isWhole = async (body: string, text: string) => {
      for (const pieceBytes of CUTS) {
        expect((await read(dialect, { body, pieceBytes })).result).toMatchObject({
          text,
          finishReason: 'unknown',
        })
      }
    }

    test.each(['\n', '\r\n', '\r'])('is told once, with all that could be read (%j)', (end) =>
      isRefused(`data: one\ntwo\n\ndata:  three\n\n${DONE}`.replaceAll('\n', end), 'one three'),
    )

    test('is told where all of a paragraph is lost', () =>
      isRefused(`data: one\n\ntwo\n\ndata:  three\n\n${DONE}`, 'one three'))

    test('is told where the text begins like a field', async () => {
      const body = `data: one\ndata analysis: yes\n\ndata:  three\n\n${DONE}`
      expect((await read(dialect, { body })).result).toMatchObject({
        code: 'protocol',
        message: expect.stringContaining('"data analysis: yes"'),
      })
    })

    test('is told where the stream ends by an event’s name', () =>
      isRefused('data: one\ntwo\n\ndata:  three\n\nevent: done\ndata: bye\n\n', 'one three'))

    test('as the standard has it is a part of the text', () =>
      isWhole(`data: one\ndata: two\n\ndata\n\ndata: three\n\n${DONE}`, 'one\ntwothree'))

    test('is looked for neither before the first field nor after the end', () =>
      isWhole(`Warning\n\n: hi\nid: 1\nretry: 5\ndata: one\n\ndata: two\n\n${DONE}bye\n\n`, 'onetwo'))

    test('is none of a warning’s that PHP writes between events', () =>
      isWhole(`data: one\n\n<br />\n<b>Warning</b>: x in y\n\ndata: two\n\n${DONE}`, 'onetwo'))

    test.each([
      'data: one\n\n\ndata: two\n\n',
      'data: one\n\ndata: \n\n\n\ndata: two\n\n',
      'id: 1\ndata: one\n\nid: 2\ndata: \n\n\nid: 3\ndata: two\n\n',
    ])('is told where it ends a piece of text, or is one (%j)', async (body) => {
      for (const end of ['\n', '\r\n'])
        for (const pieceBytes of CUTS) {
          const sent = `${body}data:  three\n\n${DONE}`.replaceAll('\n', end)
          const { result, requests } = await read(dialect, { body: sent, pieceBytes })
          expect(result).toMatchObject({ ...breaks, answer: { text: 'onetwo three' } })
          expect(requests).toBe(1)
        }
    })

    test('is none where every event ends with more than it has to, or something else stands between', async () => {
      await isWhole(`data: one\n\n\ndata: two\n\n\n${DONE}`, 'onetwo')
      await isWhole(`: hi\n\n\ndata: one\n\n: hi\n\n\nretry: 5\n\n\ndata: two\n\n\n${DONE}`, 'onetwo')
    })

    test('is remembered when the stream is gone on with', async () => {
      for (const before of ['id: 1\ndata: one\ntwo\n\n', 'id: 1\ndata: one\ntwo\n\nid: 2\ndata:  and\n\n']) {
        const { result, requests } = await read(
          dialect,
          { body: before, end: 'reset' },
          { body: `id: 3\ndata:  three\n\nid: 4\n${DONE}` },
        )
        expect([result, requests]).toMatchObject([lost, 2])
      }
    })
  },
)

test('a stream of text that ends without an end has lost a line all the same, and is not asked for again', async () => {
  for (const dialect of [plain, auto]) {
    const { result, requests } = await read(dialect, { body: 'data: one\ntwo\n\ndata:  three\n\n' })
    expect([result, requests]).toMatchObject([lost, 1])
  }
})

test('a key in the line is not shown', async () => {
  const fetch = scriptedFetch({ body: `data: one\nsk-abcdefghijklmnop1234\n\ndata: x\n\n${DONE}` })
  const headers = { authorization: 'Bearer sk-abcdefghijklmnop1234' }
  const reply = stream('https://own.invalid', { fetch, headers, json: {}, dialect: plain })
  const error = await reply.answer().catch((error: StreamFailure) => error)
  expect(error).toMatchObject({ code: 'protocol', message: expect.not.stringContaining('abcdefghijklmnop') })
})

test('a line that is cut where a server goes back to an earlier place is not lost', async () => {
  const [one, two] = ['id: 1\ndata: one\n\n', 'id: 2\ndata:  two\n\n']
  const again = `${one}${two}id: 3\ndata:  three\n\nid: 4\n${DONE}`
  for (const dialect of [plain, auto])
    for (const pieceBytes of [...CUTS, 3, 11, 20, 40]) {
      const { result } = await read(dialect, { body: one + two, end: 'reset' }, { body: again, pieceBytes })
      expect(result).toMatchObject({ text: 'one two three' })
    }
})

describe.each([plain, auto, endsAtClose(plain)])('no blank after `data:`, read by %o', (dialect) => {
  const bodies = [
    // Spring
    'data:La\n\ndata: frase\n\ndata: \n\ndata:come\ndata:  \ndata: st\n\ndata:ai\n\ndata:[DONE]\n\n',
    // Gin
    ['La', ' frase', ' ', 'come\ndata:  \ndata: st', 'ai', '[DONE]']
      .map((text) => `event:message\ndata:${text}\n\n`)
      .join(''),
  ]

  test.each(bodies)('is no reason to take one from the text (%j)', async (body) => {
    for (const end of ['\n', '\r\n', '\r'])
      for (const pieceBytes of [...CUTS, 3]) {
        const { result } = await read(dialect, { body: body.replaceAll('\n', end), pieceBytes })
        expect(result).toMatchObject({ text: 'La frase come\n  \n stai' })
      }
  })

  test('is remembered when the stream is gone on with', async () => {
    const { result } = await read(
      dialect,
      { body: 'id:1\ndata:La\n\nid:2\ndata: frase\n\n', end: 'reset' },
      { body: 'id:3\ndata: come\n\nid:4\ndata:[DONE]\n\n', pieceBytes: 1 },
    )
    expect(result).toMatchObject({ text: 'La frase come' })
  })

  test('is told where that is clear too late', async () => {
    for (const pieceBytes of CUTS) {
      const first = 'data: La\n\ndata:,\n\ndata: frase\n\ndata:[DONE]\n\n'
      const soon = (await read(dialect, { body: first, pieceBytes })).result as Answer
      expect(soon.text.trim()).toBe('La, frase')
      const second = 'data: La\n\ndata: frase\n\ndata:,\n\ndata:come\n\ndata:[DONE]\n\n'
      const { result, requests } = await read(dialect, { body: second, pieceBytes })
      expect([result, requests]).toMatchObject([{ message: expect.stringContaining('no blank') }, 1])
    }
  })

  test('takes nothing from JSON, nor from whoever writes one', async () => {
    const json = 'data:{"text":"La"}\n\ndata: {"text":" frase"}\n\ndata:[DONE]\n\n'
    expect((await read(auto, { body: json })).result).toMatchObject({ text: 'La frase' })
    const usual = 'data: La\n\ndata:  frase\n\ndata:.\n\ndata:[DONE]\n\n'
    expect((await read(dialect, { body: usual })).result).toMatchObject({ text: 'La frase.' })
  })
})
