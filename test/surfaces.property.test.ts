/**
 * Two surfaces and more on one reply, whatever breaks and whoever comes when: each shows in the end exactly the whole
 * answer, or the beginning of one attempt's together with an error, and gets what it asked for and nothing else.
 */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Answer, type Client, createClient, type Recovery, type StreamFailure } from '../src/index.ts'
import { PATIENCE_MS, runs, soon, turn, watchRejections } from './support/properties.ts'
import { begins, type Shown, shownOf } from './support/screen.ts'
import {
  bodyOf,
  dialects,
  eventsOf,
  type Language,
  OVERLOADED,
  type Script,
  wholeOf,
} from './support/scripted-server.ts'
import { type Onlookers, type Pace, type Surface, type Trouble, Watch } from './support/watch.ts'

/** What one request meets: after so many whole events of its answer, and a piece of the next one. */
interface Meeting {
  readonly fault: 'break' | 'end' | 'overloaded' | '503' | 'page'
  readonly events: number
  readonly bytes: number
}

interface Scene extends Onlookers {
  readonly language: Language
  /** Each request gets another one. */
  readonly answers: readonly Script[]
  readonly meetings: readonly Meeting[]
  readonly sizes: readonly number[]
  readonly network: 'sync' | 'turn'
  readonly recovery: Recovery
  readonly limit: number
}

const pace = fc.constantFrom<Pace>('sync', 'sync', 'microtask', 'turn')
// Few letters, so that answers have a beginning in common by chance; a pair of surrogates that share a half.
const piece = fc.string({
  unit: fc.constantFrom('a', 'b', '\u{1f600}', '\u{1f601}'),
  minLength: 1,
  maxLength: 3,
})
const script: fc.Arbitrary<Script> = fc
  .record({
    reasoning: fc.array(piece, { maxLength: 2 }),
    text: fc.array(piece, { maxLength: 5 }),
    calls: fc.oneof(
      { weight: 2, arbitrary: fc.constant([]) },
      fc.array(fc.constantFrom('{}', '{"a":1}'), { maxLength: 2 }),
    ),
  })
  .filter(({ text, calls }) => text.length + calls.length > 0)

const meeting: fc.Arbitrary<Meeting> = fc.record({
  fault: fc.constantFrom('break', 'break', 'break', 'end', 'end', 'overloaded', 'overloaded', '503', 'page'),
  events: fc.oneof(fc.nat({ max: 3 }), fc.nat({ max: 9 })),
  bytes: fc.oneof(fc.constant(0), fc.nat({ max: 120 })),
})

function sceneWith(trouble: Trouble): fc.Arbitrary<Scene> {
  return (
    fc
      .record({
        language: fc.constantFrom<Language>('openai-chat', 'anthropic', 'gemini', 'openai-responses'),
        answers: fc.array(script, { minLength: 1, maxLength: 3 }),
        meetings: fc.array(meeting, { maxLength: 3 }),
        sizes: fc.array(fc.oneof(fc.integer({ min: 1, max: 300 }), fc.constant(100_000)), {
          minLength: 1,
          maxLength: 4,
        }),
        network: fc.constantFrom('sync', 'turn'),
        recovery: fc.constantFrom<Recovery>('auto', 'auto', 'replay', 'fail'),
        limit: fc.constantFrom(0, 1, 2, 3, 3),
        callbacks: fc.record({ chunk: fc.boolean(), delta: fc.boolean(), rewind: fc.boolean() }),
        paces: fc.array(pace, { minLength: 1, maxLength: 3 }),
        readers: fc.array(
          fc.record({
            when: fc.constantFrom('call', 'ticks'),
            n: fc.oneof(fc.constant(0), fc.nat({ max: 12 }), fc.nat({ max: 80 })),
            consents: fc.boolean(),
            pace,
          }),
          { maxLength: 2 },
        ),
        trouble: fc.constant(trouble),
        at: fc.nat({ max: 10 }),
      })
      // Whoever asks for a replay and has only `onChunk` has to take text back.
      .map((scene) => ({ ...scene, callbacks: withRewind(scene.callbacks, scene.recovery) }))
  )
}

function withRewind(callbacks: Scene['callbacks'], recovery: Recovery): Scene['callbacks'] {
  return { ...callbacks, rewind: callbacks.rewind || (callbacks.chunk && recovery === 'replay') }
}

const encode = (text: string) => new TextEncoder().encode(text)

/** A server that plays a scene; what is left when its meetings are over is healthy. */
class Server {
  readonly #scene: Scene
  requests = 0
  /** The whole answers it has begun to give. */
  readonly given: Shown[] = []

  constructor(scene: Scene) {
    this.#scene = scene
  }

  readonly fetch: typeof fetch = async () => {
    const { answers, meetings, language, sizes, network } = this.#scene
    const { fault, events, bytes } = meetings[this.requests++] ?? { fault: 'none' }
    if (fault === '503') return new Response('{}', { status: 503 })
    if (fault === 'page') return new Response('<html>', { headers: { 'content-type': 'text/html' } })
    const script = answers[this.given.length % answers.length] as Script
    this.given.push(wholeOf(script))
    const encoded = eventsOf(language, script, `c-${this.given.length}`).map(encode)
    const next = encoded[events ?? 0]?.subarray(0, bytes) ?? []
    const tail = fault === 'overloaded' ? encode(`\n\n${OVERLOADED}`) : []
    const sent = fault === 'none' ? encoded : [...encoded.slice(0, events), next, tail]
    const body = bodyOf(Uint8Array.from(sent.flatMap((part) => [...part])), {
      ...{ sizes, breaks: fault === 'break', pause: network === 'turn' ? turn : undefined },
    })
    return new Response(body, { headers: { 'content-type': 'text/event-stream' } })
  }
}

async function play(client: Client, scene: Scene): Promise<Played> {
  const server = new Server(scene)
  const watch = new Watch(scene)
  const { language, recovery, limit } = scene
  const reply = client.stream('http://model.invalid/', {
    ...{ fetch: server.fetch, json: {}, dialect: dialects[language], recovery },
    retry: { baseMs: 0, limit },
    ...watch.callbacks(),
  })
  const outcome = reply.answer().catch((error: StreamFailure) => error)
  watch.look(reply)
  const end = await soon(outcome, 'the reply')
  const readers = await soon(watch.over(), 'a reader')
  return { scene, server, watch, readers, end }
}

interface Played {
  readonly scene: Scene
  readonly server: Server
  readonly watch: Watch
  readonly readers: readonly (string | undefined)[]
  readonly end: Answer | StreamFailure
}

/** What holds whatever happened. */
function check({ scene, server, watch, readers, end }: Played): void {
  const code = end instanceof Error ? end.code : undefined
  expect(watch.faults).toEqual([])
  expect(watch.lastWords).toEqual([
    code === undefined ? 'onComplete' : code === 'aborted' ? 'onAbort' : 'onError',
  ])
  for (const reader of readers) expect(reader).toBe(code)
  expect(server.requests).toBeLessThanOrEqual(scene.limit + 1)
  for (const { name, screen, consents } of watch.surfaces) {
    expect(screen.faults).toEqual([])
    if (!consents && scene.recovery !== 'replay')
      expect({ name, rewinds: screen.rewinds }).toEqual({ name, rewinds: 0 })
  }
  if (end instanceof Error) checkFailure(scene, server, watch, end)
  else checkWhole(server, watch, shownOf(end))
}

function checkWhole(server: Server, { surfaces, struck }: Watch, answer: Shown): void {
  expect(struck).toBe('none')
  expect(answer).toEqual(server.given.at(-1))
  for (const { name, screen } of surfaces)
    expect({ name, ...screen.shown }).toEqual({ name, ...seenBy(name, answer) })
}

function checkFailure(scene: Scene, server: Server, watch: Watch, error: StreamFailure): void {
  const usual = ['network', 'truncated', 'api', 'http', 'protocol']
  const expected = { none: usual, throw: ['callback'], cancel: ['aborted'] }
  expect(expected[watch.struck]).toContain(error.code)
  const arrived = shownOf(error.answer as Answer)
  for (const { name, screen } of [
    ...watch.surfaces,
    { name: 'error.answer', screen: { shown: arrived } } as const,
  ]) {
    const { shown } = screen
    const isOfOne = [NOTHING, ...server.given].some((each) => begins(each, shown))
    expect({ name, shown, isOfOne }).toEqual({ name, shown, isOfOne: true })
    const target = name === 'error.answer' ? arrived : seenBy(name, arrived)
    // Whoever was not told how it went on, saw the beginning; who was told of a second attempt may have to take it back.
    const isToldAll = error.code !== 'aborted' && (error.code !== 'callback' || name === 'reader')
    if (isToldAll) expect({ name, ...shown }).toEqual({ name, ...target })
    else if (server.requests === 1)
      expect({ name, target, begins: begins(target, shown) }).toEqual({ name, target, begins: true })
  }
  if (usual.includes(error.code) && error.code !== 'protocol' && server.requests <= scene.limit)
    expect(whoIsInTheWay(scene, watch), 'for whose sake the server was not asked again').not.toEqual([])
}

const NOTHING: Shown = { text: '', reasoning: '', calls: [] }

/** `onChunk` is for text alone. */
function seenBy(name: Surface['name'], shown: Shown): Shown {
  return name === 'onChunk' ? { ...NOTHING, text: shown.text } : shown
}

/** Those for whose sake a server is not asked once more: they were given output and cannot take it back. */
function whoIsInTheWay({ recovery }: Scene, { surfaces }: Watch): readonly string[] {
  const heard = surfaces.filter(({ screen, isLate }) => screen.hasHeard && !isLate)
  return heard
    .filter(({ consents }) => recovery === 'fail' || (recovery === 'auto' && !consents))
    .map(({ name }) => name)
}

describe.each([
  ['whatever breaks, shows one whole answer, or the beginning of one and an error', 'none'],
  ['agrees with the others where a callback throws', 'throw'],
  ['is left alone after a cancel', 'cancel'],
] as const)('each surface', (name, trouble) => {
  test(
    name,
    async () => {
      const unhandled = watchRejections()
      const scenes = fc.record({
        replies: fc.array(sceneWith(trouble), { minLength: 1, maxLength: 3 }),
        maxConcurrent: fc.constantFrom(0, 0, 1),
      })
      const property = fc.asyncProperty(scenes, async ({ replies, maxConcurrent }) => {
        const client = createClient({ breaker: false, retry: { budget: false }, maxConcurrent })
        const played = await Promise.all(replies.map((scene) => play(client, scene)))
        played.forEach(check)
        expect(unhandled(), 'unhandled rejections').toEqual([])
      })
      await fc.assert(property, runs(trouble === 'none' ? 220 : 120))
    },
    PATIENCE_MS,
  )
})
