/**
 * A place that is true: whichever events have ids, whatever the server makes of one, wherever a stream breaks and a page
 * is left, what is shown in the end is exactly one whole answer of the server's, or the reply ends in a typed error.
 */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  type Answer,
  type Callbacks,
  type Checkpoint,
  type Recovery,
  StreamError,
  type StreamFailure,
  stream,
} from '../src/index.ts'
import {
  MANNERS,
  type Manner,
  NumberedServer,
  type ServerScene,
  serverScene,
} from './support/numbered-server.ts'
import { PATIENCE_MS, runs, soon, turn } from './support/properties.ts'
import { Screen, shownOf } from './support/screen.ts'
import { dialects } from './support/scripted-server.ts'

/** When a page is left, with a checkpoint: in that call of that callback, if it comes to it. */
interface Moment {
  readonly where: 'at once' | 'onChunk' | 'onDelta' | 'onRewind' | 'onRetry' | 'after a failure'
  readonly call: number
}

interface Scene extends ServerScene {
  readonly method: 'GET' | 'POST'
  readonly recovery: Recovery
  readonly consents: boolean
  readonly limit: number
  readonly moments: readonly Moment[]
}

const once = fc.record({
  where: fc.constantFrom<Moment['where']>('at once', 'onRewind', 'onRewind', 'onRetry', 'after a failure'),
  call: fc.constantFrom(0, 0, 0, 1, 2),
})
const often = fc.record({
  where: fc.constantFrom<Moment['where']>('onChunk', 'onDelta'),
  call: fc.oneof({ withCrossShrink: true }, fc.nat({ max: 9 }), fc.nat({ max: 300 })),
})

function sceneWith(manner: Manner): fc.Arbitrary<Scene> {
  const caller = fc.record({
    method: fc.constantFrom('GET', 'GET', 'POST'),
    recovery: fc.constantFrom<Recovery>('auto', 'auto', 'auto', 'resume', 'resume', 'replay', 'fail'),
    consents: fc.constantFrom(false, true, true),
    limit: fc.constantFrom(0, 1, 2, 4, 4, 4),
    moments: fc.array(fc.oneof(once, often), { maxLength: 3 }),
  })
  return fc.tuple(serverScene(manner), caller).map(([server, given]) => {
    // Whoever asks for a replay has to take text back.
    return { ...server, ...given, consents: given.consents || given.recovery === 'replay' }
  })
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
  const server = new NumberedServer(scene)
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
  scene: Scene,
  server: NumberedServer,
  from: Checkpoint | undefined,
  moment: Moment | undefined,
): Promise<Page> {
  const { language, method, recovery, limit } = scene
  const { requests } = server
  const screen = new Screen()
  let left: Omit<Page, 'end'> | undefined
  let calls = 0
  const look = (kept?: Checkpoint) => {
    return { from, kept, shown: screen.shown.text, hasAsked: server.requests > requests }
  }
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
    ...callbacksFor(scene, screen, moment, leave),
  })
  const outcome = reply.answer().catch((error: StreamFailure) => error)
  leave('at once')
  const end = await soon(outcome, 'the reply')
  if (end instanceof Error) leave('after a failure')
  expect(screen.faults).toEqual([])
  return { ...(left ?? look()), end }
}

/** What a page gives: no `onDelta` unless it is to be left in one, because that listens to more than `onChunk` does. */
function callbacksFor(
  { consents }: Scene,
  screen: Screen,
  moment: Moment | undefined,
  leave: (where: Moment['where']) => void,
): Callbacks {
  return {
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
  }
}

function check({ scene, server, pages }: Played): void {
  expect(server.strange, 'strange requests').toEqual([])
  expect(server.mostIdle, 'requests in a row that brought nothing').toBeLessThanOrEqual(scene.limit + 1)
  for (const { from, kept, shown, hasAsked } of pages) {
    if (from && kept && !hasAsked)
      expect(contentOf(kept), 'kept before anything came').toEqual(contentOf(from))
    if (isClear(scene))
      expect(textsOf(server, shown), `answers that begin with what is shown, ${shown}`).not.toEqual([])
  }
  const last = pages.at(-1) as Page
  if (last.end instanceof Error) checkFailure(last, last.end)
  else {
    expect(server.given, 'the answers given').toContainEqual(shownOf(last.end))
    expect(last.shown).toBe(last.end.text)
  }
  if (isGood(scene)) {
    expect(last.end).not.toBeInstanceOf(Error)
    for (const { kept } of pages)
      expect(last.shown.slice(0, kept?.text?.length ?? 0), 'what was kept').toBe(kept?.text ?? '')
  }
}

function checkFailure({ from, shown, hasAsked }: Page, error: StreamFailure): void {
  expect(error).toBeInstanceOf(StreamError)
  expect(['aborted', 'callback']).not.toContain(error.code)
  expect(error.answer?.text).toBe(shown)
  const hadNothing = !from || JSON.stringify(contentOf(from)) === NOTHING
  if (hadNothing) expect(hasAsked, 'whether the server was asked, as there was nothing to lose').toBe(true)
}

function contentOf({
  text,
  reasoning,
  toolCalls,
}: Checkpoint): Pick<Checkpoint, 'text' | 'reasoning' | 'toolCalls'> {
  return { text, reasoning, toolCalls }
}

const NOTHING = JSON.stringify({ text: '', reasoning: '', toolCalls: [] })

/** The server's answers that begin with what is shown. */
function textsOf(server: NumberedServer, shown: string): readonly string[] {
  return ['', ...server.given.map(({ text }) => text)].filter((text) => text.startsWith(shown))
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

function madeGood({ method, recovery, numbering, ...scene }: Scene): Scene {
  const isAuto = method === 'GET' && recovery !== 'resume'
  return {
    ...scene,
    ...{ method, recovery: isAuto ? 'auto' : 'resume', limit: scene.cuts.length },
    numbering: { ...numbering, every: 1, first: 0 },
  }
}

describe('an answer that goes on, over breaks and pages', () => {
  test.each(MANNERS)(
    'is one whole answer, or a typed error, where the server %s',
    async (manner) => {
      const property = fc.asyncProperty(sceneWith(manner), async (scene) => check(await play(scene)))
      await fc.assert(property, runs(70))
    },
    PATIENCE_MS,
  )

  test(
    'is always whole where the server numbers all its events and obeys',
    async () => {
      const good = sceneWith('obeys').map(madeGood)
      await fc.assert(
        fc.asyncProperty(good, async (scene) => check(await play(scene))),
        runs(100),
      )
    },
    PATIENCE_MS,
  )
})
