/**
 * What servers send that nobody here had thought of, from public reports (`cases/wire.json`, the source of each named
 * there), and the right result: found out by `auto` and by name, in one piece and byte by byte.
 */
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import {
  type Answer,
  anthropic,
  auto,
  type Dialect,
  gemini,
  openaiChat,
  openaiResponses,
  plain,
  type StreamFailure,
  stream,
} from '../../src/index.ts'

interface Case {
  readonly class: string
  readonly name: string
  readonly readBy: readonly string[]
  readonly debatable: boolean
  readonly input: {
    readonly events?: readonly unknown[]
    readonly body?: string
    readonly parts?: readonly string[]
    readonly status?: number
    readonly headers?: Readonly<Record<string, string>>
  }
  readonly want: string
}

const CASES = JSON.parse(readFileSync(new URL('cases/wire.json', import.meta.url), 'utf8')) as readonly Case[]
const DIALECTS: Readonly<Record<string, Dialect>> = {
  ...{ auto, openaiChat, openaiResponses, anthropic, gemini, plain },
}

/** Cases that are debatable, and are decided otherwise here. */
const DECIDED: Readonly<Record<string, string>> = {
  'Copilot: the words in choice 0, the call in choice 1':
    'of several choices one is read; the others are not mixed in',
  'finish_reason stop beside a call':
    'the official SDK says `stop`, too, and a caller may have asked for just that tool',
  'delta.content is all the text so far': 'a delta may begin like all before it; nothing tells the two apart',
}

interface Seen {
  readonly ok: boolean
  readonly requests: number
  readonly warnings: number
  readonly [key: string]: unknown
}

function partsOf({ events, body, parts }: Case['input'], isBytewise: boolean): Uint8Array[] {
  const texts = parts ?? [
    body ??
      (events ?? [])
        .map((event) => `data: ${typeof event === 'string' ? event : JSON.stringify(event)}\n\n`)
        .join(''),
  ]
  const pieces = texts.map((text) => new TextEncoder().encode(text))
  return isBytewise ? pieces.flatMap((piece) => [...piece].map((byte) => Uint8Array.of(byte))) : pieces
}

async function read({ input }: Case, dialect: Dialect, isBytewise: boolean): Promise<Seen> {
  let requests = 0
  let warnings = 0
  const answering = async (): Promise<Response> => {
    requests++
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        for (const piece of partsOf(input, isBytewise)) controller.enqueue(piece)
        controller.close()
      },
    })
    const headers = input.headers ?? { 'content-type': 'text/event-stream' }
    return new Response(body, { status: input.status ?? 200, headers })
  }
  const reply = stream('https://provider.invalid/v1/chat', {
    ...{ json: {}, dialect, fetch: answering, retry: { baseMs: 1, jitter: 'none' } },
    // No third attempt where the server asks for a second between two.
    timeouts: { totalMs: 1_800 },
    onWarning: () => {
      warnings++
    },
  })
  const result = await reply.answer().catch((error: StreamFailure) => error)
  const isError = 'code' in result
  const answer: Answer = isError ? result.answer : result
  const { text, reasoning, finishReason, usage, id, toolCalls } = answer
  const tools = toolCalls.map((call) => `${call.name}(${call.arguments})`).join(' + ')
  const told = isError ? { ...result, message: result.message } : {}
  return {
    ...told,
    ok: !isError,
    requests,
    warnings,
    text,
    reasoning,
    finish: finishReason,
    usage,
    id,
    tools,
  }
}

const WORD =
  /^(ok|text|reasoning|tools|finish|usage|requests|code|message|retryable|providerCode|id|warnings) (.*)$/s
// Where one claim ends and the next one begins.
const NEXT =
  /, (?=(?:text|reasoning|tools|finish|usage|requests|code|message|retryable|providerCode|id|warnings) )/

/** What does not hold of a sentence such as `ok true, text "Hello", requests 1`. */
function complaints(seen: Seen, want: string): string[] {
  return want
    .split(NEXT)
    .filter((claim) => !holds(seen, claim))
    .map((claim) => `${claim}; but ${JSON.stringify(seen)}`)
}

function holds(seen: Seen, claim: string): boolean {
  const [, key = '', value = ''] = WORD.exec(claim) ?? []
  expect(key, `a claim that is not understood: ${claim}`).not.toBe('')
  const got = seen[key]
  if (value.startsWith('/')) return new RegExp(value.slice(1, value.lastIndexOf('/'))).test(String(got))
  if (key === 'tools') return sameCalls(String(got), value)
  if (value.startsWith('"')) return got === JSON.parse(value)
  if (value.startsWith('{')) return matches(got, JSON.parse(value))
  return key === 'code' ? value.split('|').includes(String(got)) : String(got) === value
}

/** A custom tool takes a text, which is written in quotes there. */
function sameCalls(got: string, wanted: string): boolean {
  return got === wanted || got === wanted.replaceAll(/\("([^"]*)"\)/g, '($1)')
}

function matches(got: unknown, wanted: Readonly<Record<string, unknown>>): boolean {
  return Object.entries(wanted).every(([key, value]) => (got as Record<string, unknown>)?.[key] === value)
}

const ways = CASES.flatMap((each) =>
  each.readBy.flatMap((by) => [false, true].map((isBytewise) => [each, by, isBytewise] as const)),
)

describe.concurrent('a stream of a kind nobody had thought of', () => {
  test.each(
    ways.map(([each, by, isBytewise]) => {
      const how = isBytewise ? 'byte by byte' : 'whole'
      return [`${each.class}: ${each.name}`, by, how, each] as const
    }),
  )('%s – by %s, %s', async (_what, by, how, each) => {
    const seen = await read(each, DIALECTS[by] as Dialect, how === 'byte by byte')
    const found = each.want.split(' — or — ').map((want) => complaints(seen, want))
    const isRight = found.some((each) => each.length === 0)
    if (each.name in DECIDED) expect(isRight, DECIDED[each.name]).toBe(false)
    else expect(isRight, found.flat().join('\n')).toBe(true)
  })
})

test('each case is used, and what is decided otherwise is debatable', () => {
  expect(CASES).toHaveLength(97)
  for (const name of Object.keys(DECIDED))
    expect(CASES.find((each) => each.name === name)?.debatable, name).toBe(true)
})
