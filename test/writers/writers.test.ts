/**
 * What the servers' own libraries write (`index.json` names each with its version: the AI SDK 5–7, AG-UI, TanStack AI,
 * CopilotKit, LangGraph, Hono, fastify, better-sse), recorded as bytes and read by default. The right result is what the
 * library's own reader makes of them, where it has one. Whole, byte by byte, and cut: never a success with less.
 */
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { type CoreOptions, stream as coreStream } from '../../src/core.ts'
import { type Answer, auto, type StreamFailure, type StreamOptions, stream } from '../../src/index.ts'
import { scriptedFetch } from '../../src/testing/index.ts'

interface Written {
  readonly file: string
  readonly writer: string
  readonly status?: number
  readonly headers: Readonly<Record<string, string>>
  readonly text: string
  readonly reasoning: string
  readonly calls: readonly { readonly id: string; readonly name: string; readonly arguments: string }[]
  readonly ok: boolean
}

interface Difference extends Partial<Pick<Written, 'text' | 'reasoning' | 'calls' | 'ok'>> {
  readonly code?: string
  readonly why: string
}

const NO_END = { ok: false, code: 'truncated', why: 'nothing says that it is whole' } as const
const PLAIN_TEXT = { ok: false, code: 'truncated', why: 'plain text has no end (endsAtClose)' } as const
const UNKNOWN = {
  ok: false,
  code: 'protocol',
  text: '',
  calls: [],
  reasoning: '',
  why: 'refused in words',
} as const
const PROVIDERS_OWN = { calls: [], why: 'a tool that the provider has run itself' } as const
const STOPS = { text: 'The sea ', why: 'their reader goes on after an error' } as const

/** Where we read otherwise, and why. */
const DIFFERENT: Readonly<Record<string, Difference>> = {
  'agui-v0-thinking.sse': { reasoning: 'Need tide tables…', why: 'thinking is reasoning' },
  'agui-v1-cancelled.sse': { ok: false, code: 'api', why: 'a run that was cancelled is not finished' },
  'ai-v7-finish-interrupted.sse': { ok: false, code: 'api', why: 'an interruption is no end' },
  'ai-v5-error-model.sse': STOPS,
  'ai-v6-error-model.sse': STOPS,
  'ai-v7-error-model.sse': STOPS,
  'ai-v6-tool-provider-executed-dynamic.sse': PROVIDERS_OWN,
  'ai-v7-tool-provider-executed-dynamic.sse': PROVIDERS_OWN,
  'ai-v6-tool-error.sse': {
    calls: [
      { id: 'call_b', name: 'boom', arguments: '{"port":"X"}' },
      { id: 'call_bad', name: 'boom', arguments: '{"port":' },
      { id: 'call_unk', name: 'nope', arguments: '{"a":1}' },
    ],
    why: 'arguments stand as the model wrote them, also where they are wrong',
  },
  'ai-v7-two-starts-new-id.sse': { text: 'One. Zwei ②.', why: 'nothing is dropped' },
  'langgraph-cancelled.sse': NO_END,
  'langgraph-enc-single-string.sse': UNKNOWN,
  'langgraph-v2-events-tools.sse': UNKNOWN,
  'tanstack-abort.sse': NO_END,
  'tanstack-old-0.2.2-text.sse': UNKNOWN,
  'tanstack-old-0.2.2-thinking-tool.sse': UNKNOWN,
  'tanstack-old-0.2.2-error.sse': { text: '', why: 'a language that is not read' },
  'tanstack-old-0.2.2-throws.sse': { text: '', why: 'a language that is not read' },
  'bettersse-multiline-raw.sse': { ok: false, code: 'protocol', why: 'a line of the text is lost, and told' },
  'fastify-sse-error.sse': NO_END,
  'fastify-sse-strings.sse': NO_END,
  'fastify-sse-v2-plain.sse': NO_END,
  'fastify-sse-v2-push.sse': NO_END,
  'hono-sse-error-nohandler.sse': NO_END,
}

/** Streams of several answers: where one has ended, so has what came before. */
const SEVERAL: Readonly<Record<string, string>> = {
  'agui-v0-two-runs.sse': 'One. ',
  'agui-v1-two-runs.sse': 'One. ',
  'ai-v7-two-starts-new-id.sse': 'One. ',
}

const WRITTEN = JSON.parse(readFileSync(new URL('index.json', import.meta.url), 'utf8')) as readonly Written[]

function differenceOf({ file, headers }: Written): Difference | undefined {
  const isText = headers['content-type']?.startsWith('text/plain') && !file.startsWith('langgraph')
  return DIFFERENT[file] ?? (isText ? PLAIN_TEXT : undefined)
}

async function read(
  { file, status, headers }: Written,
  more: { readonly pieceBytes?: number; readonly cutAfterBytes?: number } = {},
  ask = stream,
): Promise<Answer | StreamFailure> {
  const body = readFileSync(new URL(file, import.meta.url))
  return ask('https://example.invalid/api/chat', {
    ...{ json: {}, retry: false },
    fetch: scriptedFetch({ status, headers, body, ...more }),
  })
    .answer()
    .catch((error: StreamFailure) => error)
}

/** The same without ky, which costs as much as all the rest and has no part in a cut. */
const asked = (url: string | URL, options?: StreamOptions) =>
  coreStream(url, { ...(options as CoreOptions), dialect: auto })

/** JSON in one spelling; what is none as it stands. */
function normal(json: string): unknown {
  try {
    return JSON.parse(json) as unknown
  } catch {
    return json
  }
}

function callsIn(calls: Written['calls']) {
  return calls.map(({ id, name, arguments: json }) => ({ id, name, args: normal(json) }))
}

describe.each(WRITTEN.map((each) => [each.file, each.writer, each] as const))(
  '%s, written by %s',
  (_file, _by, written) => {
    const { why, code, ...difference } = differenceOf(written) ?? { why: '' }
    const right = { ...written, ...difference }

    test.each([undefined, 1, 7])('is read right, in pieces of %s bytes', async (pieceBytes) => {
      const result = await read(written, pieceBytes === undefined ? {} : { pieceBytes })
      const isError = 'code' in result
      expect(isError ? result.code : 'whole', isError ? result.message : why).toBe(
        right.ok ? 'whole' : (code ?? (isError ? result.code : 'an error')),
      )
      const { text, reasoning, toolCalls } = isError ? result.answer : result
      expect(text).toBe(right.text)
      if (!right.ok) return
      expect(reasoning).toBe(right.reasoning)
      expect(callsIn(toolCalls)).toEqual(callsIn(right.calls))
    })

    test('cut anywhere is whole, or no success', async () => {
      const body = readFileSync(new URL(written.file, import.meta.url))
      const step = Math.max(1, Math.floor(body.length / 60))
      for (let at = 0; at < body.length; at += step) {
        const result = await read(written, { cutAfterBytes: at }, asked)
        if ('code' in result) continue
        expect(right.ok, `a success, cut at ${at}`).toBe(true)
        expect([right.text, SEVERAL[written.file]], `cut at ${at}`).toContain(result.text)
        // Calls that a server runs itself may be said to be the end, but never as if nothing was to follow.
        expect(result.toolCalls.length, `cut at ${at}`).toBe(right.calls.length)
      }
    })
  },
)

test('each difference is one of a recording', () => {
  const files = WRITTEN.map(({ file }) => file)
  expect(Object.keys(DIFFERENT).filter((file) => !files.includes(file))).toEqual([])
})
