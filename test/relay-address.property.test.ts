/**
 * Wherever and however often a connection to a relay breaks, in whatever language the answer is, whoever reads and when: the
 * answer arrives whole, was asked for once, and nothing of it is taken back.
 */
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { auto, type Client, createClient, type Dialect, uiMessages } from '../src/index.ts'
import { PATIENCE_MS, runs } from './support/properties.ts'
import { type RelayServer, startRelayServer } from './support/relay-server.ts'
import { Screen, type Shown, shownOf } from './support/screen.ts'
import { dialects, eventsOf, type Language, type Script, wholeOf } from './support/scripted-server.ts'

interface Scene {
  readonly language: Language | 'ui-messages'
  readonly isAuto: boolean
  readonly script: Script
  /** Where it breaks, as shares of the log. */
  readonly cuts: readonly number[]
  readonly end: 'RST' | 'FIN' | 'END'
  /** When readers come: after so many chunks. */
  readonly readers: readonly number[]
  readonly rewinds: boolean
  readonly isQueued: boolean
  readonly pieceBytes: number
}

const words = fc.array(fc.constantFrom('The ', 'sea ', 'hält ', '海 ', '\u{1f30a}'), {
  minLength: 1,
  maxLength: 30,
})
const scene: fc.Arbitrary<Scene> = fc.record({
  language: fc.constantFrom('openai-chat', 'anthropic', 'gemini', 'openai-responses', 'ui-messages'),
  isAuto: fc.boolean(),
  script: fc.record({ reasoning: fc.constant([]), text: words, calls: fc.constantFrom([], ['{"a":"b"}']) }),
  cuts: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 10, maxLength: 10 }),
  end: fc.constantFrom('RST', 'FIN', 'END'),
  readers: fc.array(fc.constantFrom(0, 1, 3, 1_000), { maxLength: 2 }),
  rewinds: fc.boolean(),
  isQueued: fc.boolean(),
  pieceBytes: fc.constantFrom(1, 7, 64, 4_096),
})

function eventsIn({ language, script }: Scene): readonly string[] {
  if (language !== 'ui-messages') return eventsOf(language, script, 'c-1')
  const said = (part: object) => `data: ${JSON.stringify(part)}\n\n`
  return [
    said({ type: 'start', messageId: 'c-1' }),
    ...script.text.map((delta) => said({ type: 'text-delta', id: 't', delta })),
    ...script.calls.map((json, n) =>
      said({ type: 'tool-input-available', toolCallId: `call-${n}`, toolName: 'f', input: JSON.parse(json) }),
    ),
    said({ type: 'finish' }),
    'data: [DONE]\n\n',
  ]
}

/** Where the log breaks, in bytes: after its first event, because before it nobody knows that there is one; and each later. */
function cutsIn(events: readonly string[], shares: readonly number[]): readonly number[] {
  const [first = 0, ...ends] = events.map(
    (_, at) => Buffer.concat(events.slice(0, at + 1).map((e, n) => Buffer.from(`id: ${n + 1}\n${e}`))).length,
  )
  const last = ends.at(-1) ?? first
  const cuts = [...shares].sort((a, b) => a - b).map((share) => Math.round(first + share * (last - first)))
  // More than `retry.limit` breaks in a row within one event bring nothing new: that is a failure, and another test's.
  return cuts.filter((cut, at) => at < 2 || ends.some((end) => (cuts[at - 2] ?? 0) < end && end <= cut))
}

async function play(relay: RelayServer, given: Scene): Promise<void> {
  const { language, isAuto, end, pieceBytes, isQueued, script } = given
  const events = eventsIn(given)
  let look = () => {}
  // Before its first event nobody knows of a stream, and a reset may throw that away.
  const looked = new Promise<void>((resolve) => {
    look = resolve
  })
  relay.play({ events, cuts: cutsIn(events, given.cuts), end, pieceBytes, seen: () => looked })
  const dialect: Dialect = isAuto ? auto : language === 'ui-messages' ? uiMessages : dialects[language]
  const ai = createClient({ dialect, retry: { baseMs: 0 }, ...(isQueued && { maxConcurrent: 1 }) })
  const screens = await watched(ai, relay.url, given, look)
  const whole = wholeOf(script)
  for (const { shown, rewinds: taken } of screens) expect([shown, taken]).toEqual([whole, 0])
  expect(relay.asked.filter((each) => each.startsWith('POST'))).toHaveLength(1)
}

/** What everybody has seen: the callbacks, the readers and whoever awaits the answer. */
async function watched(ai: Client, url: string, { readers, rewinds }: Scene, look: () => void) {
  const callbacks = new Screen()
  const readings: Promise<Screen>[] = []
  let chunks = 0
  const join = (isOver: boolean) => {
    for (const _ of readers.filter((n) => (isOver ? n > chunks : n === chunks))) readings.push(read())
  }
  const read = async () => {
    const screen = new Screen()
    if (rewinds) reply.acceptRewind()
    for await (const delta of reply) screen.show(delta)
    return screen
  }
  const reply = ai.stream(url, {
    json: { model: 'm' },
    onEvent: look,
    onDelta(delta) {
      callbacks.show(delta)
      chunks++
      join(false)
    },
    ...(rewinds && { onRewind: () => {} }),
  })
  join(false)
  const answer = await reply.answer()
  join(true)
  const awaited: { shown: Shown; rewinds: number } = { shown: shownOf(answer), rewinds: 0 }
  return [callbacks, awaited, ...(await Promise.all(readings))]
}

describe('a POST whose connection is cut ten times at random bytes', () => {
  let relay: RelayServer
  beforeAll(async () => {
    relay = await startRelayServer()
  })
  afterAll(() => relay.close())

  test(
    'arrives whole, is asked for once, and nothing is taken back',
    async () => {
      await fc.assert(
        fc.asyncProperty(scene, (given) => play(relay, given)),
        runs(60),
      )
    },
    PATIENCE_MS,
  )
})
