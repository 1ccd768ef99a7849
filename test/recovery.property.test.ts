/**
 * Whatever breaks, wherever it breaks and however the bytes are cut: what a caller who honours `rewind` shows at the
 * end is one answer, or the beginning of one together with an error. The server is a function here, so that thousands
 * of cases take seconds; that sockets behave like this is for test/faults.
 */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Recovery, type StreamFailure, type StreamOptions, stream } from '../src/index.ts'
import { DONE, finish, text } from './support/chat.ts'

type Fault = 'none' | 'break' | 'end' | 'error' | '503' | '404' | 'offline'

/** What one request meets. */
interface Meeting {
  readonly fault: Fault
  /** After how much of the response it strikes, from 0 to 1. */
  readonly at: number
  readonly chunks: readonly number[]
  /** Where a resumed stream begins: as asked, so many events earlier, or at its start. */
  readonly early: number
}

interface Scene {
  /** The model's answers: each request that is not resumed gets another one. */
  readonly answers: readonly (readonly string[])[]
  readonly meetings: readonly Meeting[]
  readonly hasIds: boolean
  readonly method: 'GET' | 'POST'
  readonly recovery: Recovery
  readonly consents: boolean
  readonly limit: number
  readonly endpoints: number
}

// Few letters, so that answers have a beginning in common by chance; a pair of surrogates that share a half.
const piece = fc.array(fc.constantFrom('a', 'b', '\u{1f600}', '\u{1f601}'), { minLength: 1, maxLength: 3 })
const answer = fc.array(
  piece.map((letters) => letters.join('')),
  { minLength: 1, maxLength: 6 },
)
const meeting: fc.Arbitrary<Meeting> = fc.record({
  fault: fc.constantFrom<Fault>('none', 'break', 'break', 'end', 'end', 'error', '503', '404', 'offline'),
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  chunks: fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 4 }),
  early: fc.constantFrom(0, 0, 1, 2, 99),
})
const scene: fc.Arbitrary<Scene> = fc.record({
  answers: fc.array(answer, { minLength: 1, maxLength: 4 }),
  meetings: fc.array(meeting, { minLength: 1, maxLength: 7 }),
  hasIds: fc.boolean(),
  method: fc.constantFrom('GET', 'POST'),
  recovery: fc.constantFrom<Recovery>('auto', 'resume', 'replay', 'fail'),
  consents: fc.boolean(),
  limit: fc.nat({ max: 3 }),
  endpoints: fc.integer({ min: 1, max: 3 }),
})

/** A server that plays a scene, and counts. */
class Server {
  readonly #scene: Scene
  #requests = 0
  #answers = 0
  /** Requests since the reader last saw something new. */
  idle = 0
  isOver = false

  constructor(scene: Scene) {
    this.#scene = scene
  }

  readonly fetch: typeof fetch = async (input, init) => {
    expect(this.isOver).toBe(false)
    this.idle++
    const { meetings, answers, hasIds } = this.#scene
    const { fault, at, chunks, early } = meetings[this.#requests++ % meetings.length] as Meeting
    if (fault === 'offline') throw new TypeError('Failed to fetch')
    if (fault === '503' || fault === '404') return new Response('{}', { status: Number(fault) })
    const last = new Request(input, init).headers.get('last-event-id')
    const [number, event] = (last ?? `${this.#answers++}.0`).split('.').map(Number) as [number, number]
    const pieces = answers[number % answers.length] as readonly string[]
    const events = [...pieces.map(text), finish(), DONE].map((each, n) =>
      hasIds ? `id: ${number}.${n + 1}\n${each}` : each,
    )
    const bytes = new TextEncoder().encode(events.slice(Math.max(0, event - early)).join(''))
    const cut = fault === 'none' ? bytes : bytes.subarray(0, Math.floor(at * bytes.length))
    const tail = fault === 'error' ? '\n\ndata: {"error":{"type":"overloaded_error"}}\n\n' : ''
    return new Response(body(cut, chunks, tail, fault === 'break'), {
      headers: { 'content-type': 'text/event-stream' },
    })
  }
}

function body(bytes: Uint8Array, sizes: readonly number[], tail: string, breaks: boolean): ReadableStream {
  let at = 0
  let turn = 0
  return new ReadableStream(
    {
      pull(controller) {
        if (at < bytes.length) {
          const size = sizes[turn++ % sizes.length] ?? 1
          controller.enqueue(bytes.subarray(at, at + size))
          at += size
        } else if (breaks) controller.error(new TypeError('terminated'))
        else {
          if (tail) controller.enqueue(new TextEncoder().encode(tail))
          controller.close()
        }
      },
    },
    { highWaterMark: 0 },
  )
}

async function play(scene: Scene, surface: 'callbacks' | 'iterator') {
  const server = new Server(scene)
  let shown = ''
  let mostIdle = 0
  const show = (piece: string) => {
    mostIdle = Math.max(mostIdle, server.idle)
    server.idle = 0
    shown += piece
  }
  const rewind = ({ text }: { readonly text: number }) => {
    expect(text).toBeLessThanOrEqual(shown.length)
    shown = shown.slice(0, text)
  }
  const options: StreamOptions = {
    fetch: server.fetch,
    method: scene.method,
    ...(scene.method === 'POST' && { json: {} }),
    recovery: scene.recovery,
    retry: { baseMs: 0, limit: scene.limit },
    endpoints: Array.from({ length: scene.endpoints }, (_, n) => ({ url: `http://server-${n}.invalid/` })),
    ...(scene.consents && { onRewind: surface === 'callbacks' ? rewind : () => {} }),
    ...(surface === 'callbacks' && { onChunk: show }),
  }
  const reply = stream('', options)
  const outcome = reply.answer().catch((error: StreamFailure) => error)
  if (surface === 'iterator')
    try {
      for await (const delta of reply) {
        if (delta.type === 'text') show(delta.text)
        if (delta.type === 'rewind') rewind(delta)
      }
    } catch {
      // The outcome says the same.
    }
  const end = await outcome
  server.isOver = true
  return { shown, end, mostIdle: Math.max(mostIdle, server.idle) }
}

describe.each(['callbacks', 'iterator'] as const)('what is shown by %s', (surface) => {
  test('is one whole answer, or the beginning of one and an error', async () => {
    await fc.assert(
      fc.asyncProperty(scene, async (given) => {
        // A caller of callbacks who takes no `rewind` must never need one.
        fc.pre(surface === 'iterator' || given.consents || given.recovery !== 'replay')
        const { shown, end, mostIdle } = await play(given, surface)
        const answers = given.answers.map((pieces) => pieces.join(''))
        if (end instanceof Error) {
          expect(answers.some((each) => each.startsWith(shown))).toBe(true)
          expect(end.answer?.text).toBe(shown)
        } else {
          expect(answers).toContain(shown)
          expect(end.text).toBe(shown)
        }
        expect(mostIdle).toBeLessThanOrEqual(given.limit + 1)
      }),
      { numRuns: 500 },
    )
  })
})
