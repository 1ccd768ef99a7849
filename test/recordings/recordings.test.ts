/** Every provider's stream, as recorded: whole, byte by byte, with other line ends, and cut at every byte. */
import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { stream } from '../../src/core.ts'
import { type Answer, auto, type Dialect, type StreamFailure } from '../../src/index.ts'
import { scriptedFetch } from '../../src/testing/index.ts'
import { RECORDINGS, type Recording } from './expected.ts'

const here = new URL('.', import.meta.url)
const bytesOf = (file: string) => new Uint8Array(readFileSync(new URL(file, here)))

/** What comes of these bytes, read in pieces of so many. No sockets and no ky: these are promises about bytes. */
async function outcome(
  dialect: Dialect,
  body: Uint8Array,
  pieceBytes?: number,
): Promise<Answer | StreamFailure> {
  const fetch = scriptedFetch({ body, pieceBytes })
  return stream('http://provider.invalid/', { dialect, fetch, retry: false, json: {} })
    .answer()
    .catch((error: StreamFailure) => error)
}

const NOTHING = {
  ...{
    text: '',
    reasoning: '',
    toolCalls: [],
    finishReason: undefined,
    rawFinishReason: undefined,
    id: undefined,
    model: undefined,
  },
}

function facts(answer: Answer | undefined) {
  const { stats: _, usage, ...rest } = answer as Answer
  const { raw: __, ...counts } = usage ?? { raw: undefined }
  return { ...rest, ...(usage && { usage: counts }) }
}

/** Exactly what the recording says: nothing more, nothing less. */
function expectWhole(result: Answer | StreamFailure, { says, error }: Recording): void {
  if (error) {
    const { code, retryable, message, answer } = result as StreamFailure
    expect({ code, message }).toEqual({ code: 'api', message: error.message })
    if (error.retryable !== undefined) expect(retryable).toBe(error.retryable)
    expect(facts(answer)).toMatchObject({ text: '', ...says })
  } else {
    if (result instanceof Error) throw result
    expect(facts(result)).toEqual({ ...NOTHING, usage: undefined, ...says })
  }
}

test('every recording is expected, and its source named', () => {
  const files = readdirSync(here).filter((name) => /\.(sse|json|ndjson)$/.test(name))
  expect(RECORDINGS.map(({ file }) => file).sort()).toEqual(files.sort())
})

describe.each(RECORDINGS.map((recording) => [recording.file, recording] as const))(
  '%s',
  (file, recording) => {
    const bytes = bytesOf(file)

    test.each([
      ['its dialect', recording.dialect],
      ['auto', auto],
    ])('is understood whole by %s', async (_name, dialect) => {
      expectWhole(await outcome(dialect, bytes), recording)
    })

    test('is understood byte by byte', async () => {
      expectWhole(await outcome(auto, bytes, 1), recording)
    })

    test.each([
      ['CRLF', '\r\n'],
      ['CR', '\r'],
    ])('is understood with %s', async (_name, end) => {
      const text = new TextDecoder().decode(bytes).replaceAll('\r\n', '\n').replaceAll('\n', end)
      expectWhole(await outcome(auto, new TextEncoder().encode(text)), recording)
    })

    test('is understood with a byte order mark', async () => {
      expectWhole(await outcome(auto, Uint8Array.of(0xef, 0xbb, 0xbf, ...bytes)), recording)
    })

    test('is the same or truncated, cut at any byte', async () => {
      const whole = await outcome(auto, bytes)
      const full = whole instanceof Error ? whole.answer : whole
      for (let at = 0; at < bytes.length; at++) {
        const result = await outcome(auto, bytes.subarray(0, at))
        const answer = result instanceof Error ? result.answer : result
        const place = `cut at ${at}: ${result instanceof Error ? result : 'an answer'}`
        if (result instanceof Error && result.code === 'truncated') {
          expect(full?.text.startsWith(answer?.text ?? '?'), place).toBe(true)
          expect(full?.reasoning.startsWith(answer?.reasoning ?? '?'), place).toBe(true)
          for (const [index, call] of (answer?.toolCalls ?? []).entries())
            expect(full?.toolCalls[index]?.arguments.startsWith(call.arguments), place).toBe(true)
        } else if (result instanceof Error) {
          expect(result.message, place).toBe((whole as Error).message)
        } else {
          // What comes after the marker is usage; all else is the whole answer's.
          const { usage: _, ...rest } = facts(result) as { usage?: object }
          const { usage: __, ...expected } = facts(full) as { usage?: object }
          expect(rest, place).toEqual(expected)
        }
      }
    }, 120_000)
  },
)
