/** A model server whose events have ids, and that goes on after one as well as it knows how; no sockets. */
import fc from 'fast-check'
import type { Shown } from './screen.ts'
import { bodyOf, eventsOf, type Language, type Script, wholeOf } from './scripted-server.ts'

/** Which events have an id, and what it looks like. */
export interface Numbering {
  readonly style: 'number' | 'padded' | 'prefixed' | 'scattered' | 'latin' | 'chinese'
  /** Event number `first` has one, and each `every`-th from there on; `0`: none has. */
  readonly every: number
  readonly first: number
  readonly where: 'before the data' | 'after the data'
  /** Between two events, after every so many, stands an id without data; `0`: nowhere. */
  readonly alone: number
}

/** What the server does when it is asked for the rest. */
export const MANNERS = [
  'obeys',
  /** Begins `early` events before. */
  'overlaps',
  'starts over',
  /** Begins another answer, whose events have the same ids. */
  'starts another',
  /** The same, and the completion has another id, too. */
  'starts another completion',
  /** Another completion, whose events have ids of their own. */
  'renumbers',
  'refuses',
] as const
export type Manner = (typeof MANNERS)[number]

/** Answers that begin alike and then differ in every piece, so that a mixture of two cannot look like one. */
interface Speech {
  readonly lengths: readonly number[]
  readonly alike: number
  readonly reasoning: number
  readonly calls: number
}

/** Where a response ends: after so many events and so many bytes of the next one (from its end, if below 0). */
export interface Cut {
  readonly events: number
  readonly bytes: number
  readonly breaks: boolean
}

export interface ServerScene {
  readonly language: Language
  /** What the model says, another answer each time that it begins anew. */
  readonly speech: Speech
  readonly numbering: Numbering
  readonly manner: Manner
  /** How often it does so; then it obeys. */
  readonly times: number
  readonly early: number
  /** What the first requests meet; all others are served to the end. */
  readonly cuts: readonly Cut[]
  readonly sizes: readonly number[]
}

/** Whether no two answers share an id, so that an id names the answer, too. */
function hasOwnIds(manner: Manner): boolean {
  return manner !== 'starts another' && manner !== 'starts another completion'
}

/** Scenes with such a server: short ones, and some with answers of hundreds of events. */
export function serverScene(manner: Manner): fc.Arbitrary<ServerScene> {
  const short = sceneOf(manner, fc.nat({ max: 6 }), fc.integer({ min: 1, max: 600 }))
  const long = sceneOf(manner, fc.nat({ max: 300 }), fc.integer({ min: 100, max: 3_000 }))
  return fc.oneof({ withCrossShrink: true }, { weight: 5, arbitrary: short }, long)
}

function sceneOf(
  manner: Manner,
  many: fc.Arbitrary<number>,
  size: fc.Arbitrary<number>,
): fc.Arbitrary<ServerScene> {
  const some = many.map((n) => n + 1)
  const cut: fc.Arbitrary<Cut> = fc.record({
    events: many,
    bytes: fc.oneof(
      fc.constant(0),
      fc.integer({ min: -16, max: -1 }),
      fc.nat({ max: 20 }),
      fc.nat({ max: 200 }),
    ),
    breaks: fc.boolean(),
  })
  return fc.record({
    language: fc.constantFrom('openai-chat', 'anthropic', 'gemini', 'openai-responses'),
    speech: fc.record({
      lengths: fc.array(some, { minLength: 1, maxLength: 3 }),
      alike: fc.oneof(fc.constant(0), many),
      ...{ reasoning: fc.constantFrom(0, 0, 1, 2), calls: fc.constantFrom(0, 0, 1, 2, 2) },
    }),
    numbering: numbering.map((each) => {
      // Another answer under the same ids, that ends before the first of them, looks like the rest of the first one.
      return manner === 'starts another' ? { ...each, first: 0 } : each
    }),
    manner: fc.constant(manner),
    times: hasOwnIds(manner) ? fc.constantFrom(1_000, 2, 1, 1) : fc.constant(1_000),
    early: some,
    cuts: fc.array(cut, { maxLength: 4 }),
    sizes: fc.array(fc.oneof(size, fc.constant(100_000)), { minLength: 1, maxLength: 3 }),
  })
}

const numbering: fc.Arbitrary<Numbering> = fc.record({
  style: fc.constantFrom('number', 'number', 'padded', 'prefixed', 'scattered', 'latin', 'chinese'),
  every: fc.constantFrom(1, 1, 1, 2, 3, 5, 1_000, 0),
  first: fc.constantFrom(0, 0, 0, 1, 2, 4),
  where: fc.constantFrom('before the data', 'after the data'),
  alone: fc.constantFrom(0, 0, 1, 3),
})

/** One answer, as it is sent. */
interface Told {
  readonly events: readonly Uint8Array[]
  readonly ids: readonly (string | undefined)[]
  /** How many bytes of it were sent, at most. */
  sent: number
}

const NAMES: Readonly<Record<Numbering['style'], (n: number) => string>> = {
  number: (n) => `${n}`,
  padded: (n) => `${n}`.padStart(8, '0'),
  prefixed: (n) => `e-${n}`,
  // An odd factor: no two numbers below 2³² come out the same.
  scattered: (n) => (Math.imul(n, 2_654_435_761) >>> 0).toString(36),
  latin: (n) => `é${n}`,
  chinese: (n) => `消息${n}`,
}

export class NumberedServer {
  readonly #scene: ServerScene
  readonly #told: Told[] = []
  /** The whole answers it has begun to give. */
  readonly given: Shown[] = []
  /** What no library should do. */
  readonly strange: string[] = []
  requests = 0
  /** The most requests in a row that brought nothing new. */
  mostIdle = 0
  #idle = 0
  #page = 0
  #resumptions = 0

  constructor(scene: ServerScene) {
    this.#scene = scene
  }

  /** The page that was there is gone; a `fetch` for the next one. */
  turnPage(): typeof fetch {
    const page = ++this.#page
    this.#idle = 0
    for (const told of this.#told) told.sent = 0
    return async (input, init) => {
      if (page !== this.#page) this.strange.push('a request from a page that is gone')
      return this.#answer(new Request(input, init).headers.get('last-event-id'))
    }
  }

  #answer(header: string | null): Response {
    const cut = this.#scene.cuts[this.requests++]
    const rest = header === null ? this.#begin() : this.#goOn(Buffer.from(header, 'latin1').toString())
    this.mostIdle = Math.max(this.mostIdle, ++this.#idle)
    if (!rest) return new Response('{}', { status: 404 })
    const { told, from } = rest
    const events = told.events.slice(from)
    const parts = cut ? [...events.slice(0, cut.events), events[cut.events]?.subarray(0, cut.bytes)] : events
    const bytes = Buffer.concat(parts.map((part) => part ?? new Uint8Array()))
    const sent = Buffer.concat(told.events.slice(0, from)).length + bytes.length
    if (sent > told.sent) {
      told.sent = sent
      this.#idle = 0
    }
    const body = bodyOf(bytes, { breaks: cut?.breaks ?? false, sizes: this.#scene.sizes })
    return new Response(body, { headers: { 'content-type': 'text/event-stream' } })
  }

  #begin(): { readonly told: Told; readonly from: number } {
    const { speech, manner, language, numbering } = this.#scene
    const n = this.#told.length
    const first = this.#told[0]
    if (first && manner === 'starts over') return { told: first, from: 0 }
    const script = spoken(speech, n % speech.lengths.length)
    const events = eventsOf(language, script, manner === 'starts another' ? 'c' : `c-${n}`)
    const told = numbered(events, numbering, hasOwnIds(manner) ? n * 1000 : 0)
    this.#told.push(told)
    this.given.push(wholeOf(script))
    return { told, from: 0 }
  }

  #goOn(id: string): { readonly told: Told; readonly from: number } | undefined {
    const { early, times } = this.#scene
    const manner = this.#resumptions++ < times ? this.#scene.manner : 'obeys'
    const told = this.#told.findLast(({ ids }) => ids.includes(id))
    if (!told) this.strange.push(`asked for what follows ${JSON.stringify(id)}, which was never sent`)
    if (manner === 'refuses') return undefined
    if (!told || !['obeys', 'overlaps'].includes(manner)) return this.#begin()
    const next = told.ids.indexOf(id) + 1
    return { told, from: manner === 'overlaps' ? Math.max(0, next - early) : next }
  }
}

function spoken({ lengths, alike, reasoning, calls }: Speech, nth: number): Script {
  const pieces = (count: number, piece: (n: number) => string) =>
    Array.from({ length: count }, (_, n) => piece(n))
  const letter = 'abc'[nth]
  return {
    reasoning: pieces(reasoning, (n) => `(${n}${alike > 0 ? '' : letter})`),
    text: pieces(lengths[nth] ?? 0, (n) => `${n}${n < alike ? '' : letter} `),
    calls: pieces(calls, (n) => `{"${n}":"${letter}"}`),
  }
}

function numbered(spoken: readonly string[], numbering: Numbering, base: number): Told {
  const { style, every, first, where, alone } = numbering
  const ids: (string | undefined)[] = []
  const texts: string[] = []
  const add = (text: string, hasId: boolean) => {
    const id = hasId ? NAMES[style](base + ids.length + 1) : undefined
    ids.push(id)
    const line = id === undefined ? '' : `id: ${id}\n`
    texts.push(where === 'before the data' ? `${line}${text}\n` : `${text}${line}\n`)
  }
  for (const [n, event] of spoken.entries()) {
    add(event.slice(0, -1), every > 0 && n >= first && (n - first) % every === 0)
    const isLast = n === spoken.length - 1
    if (every > 0 && alone > 0 && n % alone === alone - 1 && !isLast) add('', true)
  }
  return { events: texts.map((text) => new TextEncoder().encode(text)), ids, sent: 0 }
}
