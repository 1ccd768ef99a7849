/** Whatever was shown and whatever the next attempts bring: a reader who follows the deltas ends with the new answer. */

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Transcript } from '../../src/answer/transcript.ts'
import { ProtocolError } from '../../src/errors/errors.ts'
import type { Delta, Place } from '../../src/events.ts'
import { comparing } from '../support/everything.ts'

/** The least a model says at a time. A call's first one brings its id. */
type Atom =
  | { readonly channel: 'text' | 'reasoning'; readonly piece: string }
  | { readonly channel: number; readonly piece: string; readonly id: string }

interface Content {
  readonly text: string
  readonly reasoning: string
  /** By index: id, name, arguments. */
  readonly calls: Readonly<Record<number, string>>
}

/** A reader of the simplest kind: it does what the deltas say. */
class Screen {
  content: Content = { text: '', reasoning: '', calls: {} }
  rewinds = 0

  show(delta: Delta): void {
    const { text, reasoning, calls } = this.content
    if (delta.type === 'text' || delta.type === 'reasoning')
      this.content = { ...this.content, [delta.type]: this.content[delta.type] + delta.text }
    else if (delta.type === 'tool-call') {
      const { index, id, name, arguments: json } = delta
      const call = calls[index] === undefined ? `${id} ${name} ${json}` : calls[index] + json
      this.content = { ...this.content, calls: { ...calls, [index]: call } }
    } else if (delta.type === 'rewind') {
      expect(delta.text).toBeLessThanOrEqual(text.length)
      expect(delta.reasoning).toBeLessThanOrEqual(reasoning.length)
      this.rewinds++
      const kept = { text: text.slice(0, delta.text), reasoning: reasoning.slice(0, delta.reasoning) }
      this.content = { ...kept, calls: {} }
    }
  }
}

function contentOf(atoms: readonly Atom[]): Content {
  const screen = new Screen()
  for (const delta of deltasOf(atoms, 0, [0])) screen.show(delta)
  return screen.content
}

function placeAfter(atoms: readonly Atom[]): Place {
  const place = { text: 0, reasoning: 0, calls: {} as Record<number, number> }
  for (const { channel, piece } of atoms)
    if (typeof channel === 'number') place.calls[channel] = (place.calls[channel] ?? 0) + piece.length
    else place[channel] += piece.length
  const { calls, ...chars } = place
  return Object.keys(calls).length > 0 ? place : chars
}

/** What a stream says from an atom on: neighbours of one channel joined, as many as `sizes` says. */
function deltasOf(atoms: readonly Atom[], from: number, sizes: readonly number[]): Delta[] {
  const deltas: Delta[] = []
  const begun = new Set(atoms.slice(0, from).map(({ channel }) => channel))
  for (let i = from; i < atoms.length; ) {
    const atom = atoms[i] as Atom
    const wanted = i + 1 + (sizes[deltas.length % sizes.length] ?? 0)
    let piece = ''
    for (; i < wanted && atoms[i]?.channel === atom.channel; i++) piece += atoms[i]?.piece
    if (!('id' in atom)) deltas.push({ type: atom.channel, text: piece })
    else {
      const named = begun.has(atom.channel) ? { id: '', name: '' } : { id: atom.id, name: 'look' }
      deltas.push({ type: 'tool-call', index: atom.channel, ...named, arguments: piece })
    }
    begun.add(atom.channel)
  }
  return deltas
}

// A small alphabet, so that answers agree by chance; the two faces share the first half of their surrogate pairs.
const letter = fc.constantFrom('a', 'b', '\u{1f600}', '\u{1f601}', 'é')
const words = fc.oneof(fc.constant<string[]>([]), fc.array(letter, { maxLength: 12 }))
const said: fc.Arbitrary<Atom> = fc.record({
  channel: fc.constantFrom('text' as const, 'reasoning' as const),
  piece: letter,
})
const called: fc.Arbitrary<Atom> = fc.record({
  ...{ channel: fc.nat({ max: 1 }), piece: fc.constantFrom('{', '}', '') },
  id: fc.constantFrom('x', 'x', 'y'),
})
const speech = fc.array(fc.oneof({ arbitrary: said, weight: 3 }, called), { maxLength: 14 })
const sizes = fc.array(fc.nat({ max: 5 }), { minLength: 1, maxLength: 8 })

/** An attempt as it is drawn: how much is as before, what comes then, and how much of it arrives. */
interface Plan {
  readonly mode: 'anew' | 'resume' | 'elsewhere'
  readonly keep: number
  readonly more: readonly Atom[]
  readonly from: number
  readonly cut: number
  readonly sizes: readonly number[]
}

const planOf = (more: fc.Arbitrary<Atom[]>, ...modes: readonly Plan['mode'][]): fc.Arbitrary<Plan> =>
  fc.record({
    mode: fc.constantFrom(...modes),
    keep: fc.oneof(fc.constant(99), fc.nat({ max: 14 })),
    ...{ more, from: fc.nat({ max: 20 }), cut: fc.nat({ max: 20 }), sizes },
  })

type Unit = 'character' | 'half'

/** Pieces of one UTF-16 unit, as a server cuts them that counts those. */
function inUnits(atoms: readonly Atom[], unit: Unit): readonly Atom[] {
  const halved = (atom: Atom): Atom[] =>
    atom.piece ? atom.piece.split('').map((piece) => ({ ...atom, piece })) : [atom]
  return unit === 'half' ? atoms.flatMap(halved) : atoms
}

/** What one delta has done. */
interface Moment {
  readonly delta: Delta
  /** What the screen held when the attempt began, and before this delta. */
  readonly old: Content
  readonly shown: Content
  readonly screen: Screen
  /** All that this attempt's stream is to say. */
  readonly renewed: readonly Atom[]
  readonly transcript: Transcript
}

type Watch = (moment: Moment) => void

/** A reply: the stream it reads, how much of that has been read, and who watches. */
class Play {
  readonly screen = new Screen()
  readonly transcript = comparing(0)
  stream: readonly Atom[] = []
  #read = 0
  readonly #watch: Watch
  readonly #unit: Unit

  constructor(unit: Unit, watch: Watch) {
    this.#unit = unit
    this.#watch = watch
  }

  attempt({ mode, keep, more, from, cut, sizes }: Plan, isLast: boolean): void {
    const start = mode === 'anew' ? 0 : Math.min(from, this.#read)
    if (mode === 'anew') this.transcript.beginAnew()
    else this.transcript.goOnAt(placeAfter(this.stream.slice(0, start)))
    // A stream that goes on says what it has said, and then whatever it likes; another one may differ at once.
    const kept = mode === 'resume' ? Math.max(keep, this.#read) : Math.max(keep, start)
    this.stream = [...this.stream.slice(0, kept), ...inUnits(more, this.#unit)]
    const arrived = isLast ? this.stream.length : Math.min(this.stream.length, start + cut)
    const deltas = deltasOf(this.stream.slice(0, arrived), start, sizes)
    this.#take(isLast ? [...deltas, { type: 'finish', reason: 'stop' }] : deltas, sizes)
    this.#read = Math.max(arrived, mode === 'resume' ? this.#read : 0)
  }

  #take(deltas: Delta[], sizes: readonly number[]): void {
    const old = this.screen.content
    this.screen.rewinds = 0
    for (let reads = 0; deltas.length > 0; reads++)
      for (const delta of this.transcript.align(
        deltas.splice(0, 1 + ((sizes[reads % sizes.length] ?? 0) % 4)),
      )) {
        const { content: shown } = this.screen
        this.transcript.add(delta)
        this.screen.show(delta)
        const { screen, transcript, stream: renewed } = this
        this.#watch({ delta, old, shown, screen, renewed, transcript })
      }
  }
}

function check(unit: Unit, plans: fc.Arbitrary<Plan>, watch: Watch): void {
  const run = (all: readonly Plan[]) => {
    const play = new Play(unit, watch)
    for (const [at, plan] of all.entries()) play.attempt(plan, at === all.length - 1)
    expect(play.screen.content).toEqual(contentOf(play.stream))
  }
  fc.assert(fc.property(fc.array(plans, { minLength: 1, maxLength: 5 }), run), { numRuns: 500 })
}

const pieces = ({ text, reasoning, calls }: Content) =>
  Object.entries({ text, reasoning, ...calls }).filter(([, piece]) => piece !== '')

/** Whether all that there is of one is the beginning of the other. */
function begins(whole: Content, part: Content): boolean {
  const all = new Map(pieces(whole))
  return pieces(part).every(([name, piece]) => all.get(name)?.startsWith(piece))
}

function splitsPair(text: string, at: number): boolean {
  return /^[\ud800-\udbff][\udc00-\udfff]$/.test(text.slice(at - 1, at + 1))
}

const plan = planOf(speech, 'anew', 'resume')

describe.each(['character', 'half'] as const)(
  'answers cut anywhere, by the %s, and gone on with anywhere',
  (unit) => {
    test('end with exactly the last answer, and the transcript agrees at every step', () => {
      check(unit, plan, ({ screen, transcript }) => {
        const { text, reasoning, toolCalls } = transcript.snapshot()
        const calls = toolCalls.map(({ index, id, name, arguments: json }) => [
          index,
          `${id} ${name} ${json}`,
        ])
        expect({ text, reasoning, calls: Object.fromEntries(calls) }).toEqual(screen.content)
      })
    })

    test('show all of the old one, or, after a rewind, nothing but the beginning of the new one', () => {
      check(unit, plan, ({ old, screen, renewed }) => {
        const { content, rewinds } = screen
        expect(rewinds > 0 ? begins(contentOf(renewed), content) : begins(content, old)).toBe(true)
      })
    })

    test('rewind once an attempt at most', () => {
      check(unit, plan, ({ screen }) => expect(screen.rewinds).toBeLessThanOrEqual(1))
    })

    test('rewind only where the new one does not come by the old one', () => {
      check(unit, plan, ({ delta, old, renewed }) => {
        if (delta.type !== 'rewind') return
        for (let at = 0; at <= renewed.length; at++) expect(contentOf(renewed.slice(0, at))).not.toEqual(old)
      })
    })

    test('never split a surrogate pair that is shown', () => {
      check(unit, plan, ({ delta, shown }) => {
        if (delta.type !== 'rewind') return
        expect(splitsPair(shown.text, delta.text)).toBe(false)
        expect(splitsPair(shown.reasoning, delta.reasoning)).toBe(false)
      })
    })
  },
)

test('a stream that is not the one it was asked for is found out, or nobody can tell', () => {
  const chains = fc.tuple(plan, plan, planOf(speech, 'elsewhere'))
  let found = 0
  const run = (all: readonly Plan[]) => {
    const play = new Play('half', () => {})
    const before = () => contentOf(play.stream)
    for (const each of all.slice(0, -1)) play.attempt(each, false)
    const [old, shown] = [before(), play.screen.content]
    try {
      play.attempt(all.at(-1) as Plan, true)
      expect(play.screen.content).toEqual(before())
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error
      found++
      // It said something else than the stream, and nothing was taken back for it.
      expect(before()).not.toEqual(old)
      expect(begins(play.screen.content, shown)).toBe(true)
    }
  }
  fc.assert(fc.property(chains, run), { numRuns: 500 })
  expect(found).toBeGreaterThan(10)
})

test('an answer given again hands out the rest of it and nothing else', () => {
  const property = fc.property(speech, fc.nat({ max: 14 }), sizes, sizes, (atoms, cut, first, second) => {
    const rest: Delta[] = []
    const play = new Play('half', ({ delta }) => void rest.push(delta))
    const again: Omit<Plan, 'cut' | 'sizes'> = { mode: 'anew', keep: 99, more: [], from: 0 }
    play.attempt({ ...again, more: atoms, cut, sizes: first }, false)
    const [old, whole] = [play.screen.content, contentOf(play.stream)]
    rest.length = 0
    play.attempt({ ...again, cut, sizes: second }, true)
    const given = (type: 'text' | 'reasoning') =>
      rest.map((each) => (each.type === type ? each.text : '')).join('')
    expect(given('text')).toBe(whole.text.slice(old.text.length))
    expect(given('reasoning')).toBe(whole.reasoning.slice(old.reasoning.length))
    expect(rest.filter(({ type }) => type === 'rewind')).toEqual([])
  })
  fc.assert(property, { numRuns: 500 })
})

test('text that differs is taken back to the last character both have', () => {
  const property = fc.property(words, words, words, sizes, (common, left, right, lengths) => {
    const [old, renewed] = [left, right].map((rest) => [...common, ...rest])
    const shared = (old ?? []).findIndex((each, at) => each !== renewed?.[at])
    const kept = (shared < 0 ? old : old?.slice(0, shared))?.join('') ?? ''
    const rewinds: Delta[] = []
    const play = new Play('character', ({ delta }) => void (delta.type === 'rewind' && rewinds.push(delta)))
    const textOf = (all: readonly string[] = []): Atom[] => all.map((piece) => ({ channel: 'text', piece }))
    const anew: Omit<Plan, 'more'> = { mode: 'anew', keep: 0, from: 0, cut: 99, sizes: lengths }
    play.attempt({ ...anew, more: textOf(old) }, false)
    play.attempt({ ...anew, more: textOf(renewed) }, true)
    expect(rewinds).toEqual(shared < 0 ? [] : [{ type: 'rewind', text: kept.length, reasoning: 0 }])
  })
  fc.assert(property, { numRuns: 500 })
})
