/**
 * A place that is true: whichever events have ids, whatever the server makes of one, wherever a stream breaks and a page
 * is left, what is shown in the end is exactly one whole answer of the server's, or the reply ends in a typed error.
 */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Answer, type Checkpoint, type Recovery, type StreamFailure, stream } from '../src/index.ts'
import {
  type Cut,
  type Manner,
  NumberedServer,
  type Numbering,
  type ServerScene,
} from './support/numbered-server.ts'
import { PATIENCE_MS, runs, soon, turn } from './support/properties.ts'
import { Screen, shownOf } from './support/screen.ts'
import { dialects, type Language, type Script } from './support/scripted-server.ts'

/** When a page is left, with a checkpoint: in that call of that callback, if it comes to it. */
interface Moment {
  readonly where: 'at once' | 'onChunk' | 'onDelta' | 'onRewind' | 'onRetry' | 'after a failure'
  readonly call: number
}

interface Scene extends Omit<ServerScene, 'answers'> {
  readonly speech: Speech
  readonly method: 'GET' | 'POST'
  readonly recovery: Recovery
  readonly consents: boolean
  readonly limit: number
  readonly moments: readonly Moment[]
}

/** Answers that begin alike and then differ in every piece, so that a mixture of two cannot look like one. */
interface Speech {
  readonly lengths: readonly number[]
  readonly alike: number
  readonly reasoning: number
  readonly calls: number
}

function scriptsOf({ lengths, alike, reasoning, calls }: Speech): readonly Script[] {
  const many = (count: number, piece: (n: number) => string) =>
    Array.from({ length: count }, (_, n) => piece(n))
  return lengths.map((length, nth) => {
    const letter = 'abc'[nth]
    return {
      reasoning: many(reasoning, (n) => `(${n}${alike > 0 ? '' : letter})`),
      text: many(length, (n) => `${n}${n < alike ? '' : letter} `),
      calls: many(calls, (n) => `{"${n}":"${letter}"}`),
    }
  })
}

const few = fc.nat({ max: 8 })
const many = fc.oneof({ withCrossShrink: true }, { weight: 3, arbitrary: few }, fc.nat({ max: 300 }))
const speech: fc.Arbitrary<Speech> = fc.record({
  lengths: fc.array(
    many.map((n) => n + 1),
    { minLength: 1, maxLength: 3 },
  ),
  alike: fc.oneof(fc.constant(0), few),
  reasoning: fc.constantFrom(0, 0, 1, 2),
  calls: fc.constantFrom(0, 0, 1, 2),
})

const numbering: fc.Arbitrary<Numbering> = fc.record({
  style: fc.constantFrom('number', 'number', 'padded', 'prefixed', 'scattered', 'latin', 'chinese'),
  every: fc.constantFrom(1, 1, 1, 2, 3, 5, 1000, 0),
  first: fc.constantFrom(0, 0, 1, 2, 4),
  where: fc.constantFrom('before the data', 'after the data'),
  alone: fc.constantFrom(0, 0, 1, 3),
})

const cut: fc.Arbitrary<Cut> = fc.record({
  events: many,
  bytes: fc.oneof(fc.constant(0), fc.nat({ max: 200 }), fc.integer({ min: -16, max: -1 })),
  breaks: fc.boolean(),
})

const moment: fc.Arbitrary<Moment> = fc.record({
  where: fc.constantFrom(
    'at once',
    'onChunk',
    'onChunk',
    'onDelta',
    'onRewind',
    'onRetry',
    'after a failure',
  ),
  call: many,
})

const scene: fc.Arbitrary<Scene> = fc
  .record({
    language: fc.constantFrom<Language>('openai-chat', 'anthropic', 'gemini', 'openai-responses'),
    speech,
    numbering,
    manner: fc.constantFrom<Manner>(
      ...(['obeys', 'obeys', 'overlaps', 'starts over', 'starts another'] as const),
      ...(['starts another completion', 'renumbers', 'refuses'] as const),
    ),
    early: many.map((n) => n + 1),
    cuts: fc.array(cut, { maxLength: 4 }),
    sizes: fc.array(fc.oneof(fc.integer({ min: 1, max: 300 }), fc.constant(100_000)), {
      minLength: 1,
      maxLength: 3,
    }),
    method: fc.constantFrom('GET', 'GET', 'POST'),
    recovery: fc.constantFrom<Recovery>('auto', 'auto', 'resume', 'resume', 'replay', 'fail'),
    consents: fc.boolean(),
    limit: fc.constantFrom(0, 1, 2, 4, 4),
    moments: fc.array(moment, { maxLength: 3 }),
  })
  .map(decidable)

/** Without what nobody could get right. */
function decidable(scene: Scene): Scene {
  const { numbering, manner, recovery, consents } = scene
  return {
    ...scene,
    // Another answer under the same ids, that ends before the first of them, looks like the rest of the first one.
    numbering: manner === 'starts another' ? { ...numbering, first: 0 } : numbering,
    // Whoever asks for a replay has to take text back.
    consents: consents || recovery === 'replay',
  }
}

/** One page's reply, and what was there when it was left or the reply had ended. */
interface Page {
  readonly from: Checkpoint | undefined
  readonly kept: Checkpoint | undefined
  readonly shown: string
  /** Whether the server had been asked anything. */
  readonly hasAsked: boolean
  readonly end: Answer | StreamFailure
}

interface Played {
  readonly scene: Scene
  readonly server: NumberedServer
  readonly pages: readonly Page[]
}

async function play(scene: Scene): Promise<Played> {
  const server = new NumberedServer({ ...scene, answers: scriptsOf(scene.speech) })
  const pages: Page[] = []
  for (const moment of [...scene.moments, undefined]) {
    const page = await visit(scene, server, pages.at(-1)?.kept, moment)
    pages.push(page)
    if (!page.kept) break
  }
  server.turnPage()
  await turn()
  return { scene, server, pages }
}

async function visit(
  { language, method, recovery, consents, limit }: Scene,
  server: NumberedServer,
  from: Checkpoint | undefined,
  moment: Moment | undefined,
): Promise<Page> {
  const screen = new Screen()
  const { requests } = server
  let left: Omit<Page, 'end' | 'from'> | undefined
  let calls = 0
  const look = (kept?: Checkpoint) => ({
    kept,
    shown: screen.shown.text,
    hasAsked: server.requests > requests,
  })
  const leave = (where: Moment['where']) => {
    if (left || where !== moment?.where || calls++ !== moment.call) return
    const checkpoint = reply.checkpoint()
    if (!checkpoint) return
    left = look(JSON.parse(JSON.stringify(checkpoint)))
    reply.cancel()
  }
  const reply = stream('http://model.invalid/', {
    ...{ fetch: server.turnPage(), method, recovery, from, dialect: dialects[language] },
    ...(method === 'POST' && { json: {} }),
    retry: { baseMs: 0, limit, budget: false },
    onChunk(text) {
      screen.show({ type: 'text', text })
      leave('onChunk')
    },
    ...(moment?.where === 'onDelta' && { onDelta: () => leave('onDelta') }),
    ...(consents && {
      onRewind(rewind) {
        screen.show({ ...rewind, reasoning: 0 })
        leave('onRewind')
      },
    }),
    onRetry: () => leave('onRetry'),
  })
  const outcome = reply.answer().catch((error: StreamFailure) => error)
  leave('at once')
  const end = await soon(outcome, 'the reply')
  if (end instanceof Error) leave('after a failure')
  expect(screen.faults).toEqual([])
  return { from, ...(left ?? look()), end }
}

function check({ scene, server, pages }: Played): void {
  expect(server.strange).toEqual([])
  expect(server.mostIdle).toBeLessThanOrEqual(scene.limit + 1)
  for (const { from, kept, shown, hasAsked } of pages) {
    // Before anything has come there is nothing to remember but what had come before.
    if (from && kept && !hasAsked) expect(contentOf(kept)).toEqual(contentOf(from))
    if (isClear(scene)) expect({ shown, of: textsOf(server, shown) }).not.toEqual({ shown, of: [] })
  }
  const { shown, end } = pages.at(-1) as Page
  if (end instanceof Error) {
    expect(['network', 'truncated', 'protocol', 'http']).toContain(end.code)
    expect(end.answer?.text).toBe(shown)
  } else {
    expect(server.given).toContainEqual(shownOf(end))
    expect(shown).toBe(end.text)
  }
  if (isGood(scene)) {
    expect(end).not.toBeInstanceOf(Error)
    for (const { kept } of pages) expect(shown.slice(0, kept?.text.length ?? 0)).toBe(kept?.text ?? '')
  }
}

function contentOf({
  text,
  reasoning,
  toolCalls,
}: Checkpoint): Pick<Checkpoint, 'text' | 'reasoning' | 'toolCalls'> {
  return { text, reasoning, toolCalls }
}

/** The server's answers that begin with what is shown. */
function textsOf(server: NumberedServer, shown: string): readonly string[] {
  return server.given.map(({ text }) => text).filter((text) => text.startsWith(shown))
}

/** Whether the first event of any response says where it belongs: then nothing wrong is ever shown, not even before an error. */
function isClear({ manner, early, numbering: { every, first } }: Scene): boolean {
  if (manner === 'overlaps') return every === 0 || (every === 1 && first === 0 && early <= 100)
  return manner !== 'starts over' || every === 0 || first === 0
}

/** A server that numbers all its events and goes on where it is asked to, and a caller who lets it. */
function isGood({ manner, numbering, method, recovery, limit, cuts }: Scene): boolean {
  const isAsked = recovery === 'resume' || (recovery === 'auto' && method === 'GET')
  const isNumbered = numbering.every === 1 && numbering.first === 0
  return manner === 'obeys' && isNumbered && isAsked && limit >= cuts.length
}

describe('an answer that goes on, over breaks and pages', () => {
  test(
    'is exactly one whole answer, or a typed error',
    async () => {
      const property = fc.asyncProperty(scene, async (given) => check(await play(given)))
      await fc.assert(property, runs(400))
    },
    PATIENCE_MS,
  )

  test(
    'is always whole where the server numbers all its events and obeys',
    async () => {
      const good = scene.filter(isGood)
      await fc.assert(
        fc.asyncProperty(good, async (given) => check(await play(given))),
        runs(150),
      )
    },
    PATIENCE_MS,
  )
})
