/** Whatever was shown and whatever the next attempts bring: a reader who follows the deltas ends with the new answer. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Transcript } from '../../src/answer/transcript.ts'
import type { Delta } from '../../src/events.ts'

interface Content {
  readonly text: string
  readonly reasoning: string
  readonly calls: readonly string[]
}

interface Attempt {
  readonly content: Content
  /** What arrives of it, read by read. */
  readonly reads: readonly (readonly Delta[])[]
}

/** A reader of the simplest kind: it does what the deltas say. */
class Screen implements Content {
  text = ''
  reasoning = ''
  calls: string[] = []
  rewinds = 0

  show(delta: Delta): void {
    switch (delta.type) {
      case 'text':
        this.text += delta.text
        break
      case 'reasoning':
        this.reasoning += delta.text
        break
      case 'tool-call':
        this.calls[delta.index] = (this.calls[delta.index] ?? '') + delta.arguments
        break
      case 'rewind':
        expect(delta.text).toBeLessThanOrEqual(this.text.length)
        expect(delta.reasoning).toBeLessThanOrEqual(this.reasoning.length)
        this.rewinds++
        this.text = this.text.slice(0, delta.text)
        this.reasoning = this.reasoning.slice(0, delta.reasoning)
        this.calls = []
        break
      case 'usage':
      case 'finish':
        break
    }
  }

  get content(): Content {
    return { text: this.text, reasoning: this.reasoning, calls: [...this.calls] }
  }
}

// A small alphabet, so that answers agree by chance; the two faces share the first half of their surrogate pairs.
const letter = fc.constantFrom('a', 'b', '\u{1f600}', '\u{1f601}', 'é')
const words = fc.oneof(fc.constant<string[]>([]), fc.array(letter, { maxLength: 12 }))
const sizes = fc.array(fc.nat({ max: 11 }), { minLength: 1, maxLength: 8 })
const calls = fc.array(fc.constantFrom('{}', '{"a":1}', ''), { maxLength: 2 })

interface Plan {
  readonly keep: readonly [number, number]
  readonly text: readonly string[]
  readonly reasoning: readonly string[]
  readonly calls: readonly string[]
  readonly sizes: readonly number[]
  readonly cut: number
}

const plan: fc.Arbitrary<Plan> = fc.record({
  keep: fc.oneof(fc.constant<[number, number]>([99, 99]), fc.tuple(fc.nat({ max: 14 }), fc.nat({ max: 14 }))),
  ...{ text: words, reasoning: words, calls, sizes, cut: fc.nat({ max: 12 }) },
})
const plainPlan = plan.map((each) => ({ ...each, calls: [] }))

type Unit = 'character' | 'half'

/** The answers of a chain of attempts: each begins like the one before, and goes its own way. */
function attempts(plans: readonly Plan[], unit: Unit): Attempt[] {
  let before: Content = { text: '', reasoning: '', calls: [] }
  return plans.map((each, i) => {
    const content: Content = {
      text: [...before.text].slice(0, each.keep[0]).join('') + each.text.join(''),
      reasoning: [...before.reasoning].slice(0, each.keep[1]).join('') + each.reasoning.join(''),
      calls: each.calls,
    }
    before = content
    const deltas = chunked(content, each.sizes, unit)
    const isLast = i === plans.length - 1
    const end: Delta = { type: 'finish', reason: 'stop', raw: 'stop' }
    return { content, reads: reads(isLast ? [...deltas, end] : deltas.slice(0, each.cut), each.sizes) }
  })
}

/** Reasoning and text in pieces, one between the other, then the tool calls in two pieces each. */
function chunked(content: Content, lengths: readonly number[], unit: Unit): Delta[] {
  const split = (text: string) => (unit === 'half' ? text.split('') : [...text])
  const left = { text: split(content.text), reasoning: split(content.reasoning) }
  const deltas: Delta[] = []
  for (let i = 0; left.text.length + left.reasoning.length > 0; i++) {
    const size = lengths[i % lengths.length] ?? 0
    const type = left.reasoning.length > 0 && (left.text.length === 0 || size % 3 > 0) ? 'reasoning' : 'text'
    deltas.push({ type, text: left[type].splice(0, 1 + (size >> 2)).join('') })
  }
  content.calls.forEach((json, index) => {
    const half = json.length >> 1
    deltas.push({ type: 'tool-call', index, id: `${index}`, name: 'f', arguments: json.slice(0, half) })
    deltas.push({ type: 'tool-call', index, id: '', name: '', arguments: json.slice(half) })
  })
  return deltas
}

function reads(deltas: readonly Delta[], lengths: readonly number[]): Delta[][] {
  const left = [...deltas]
  const batches: Delta[][] = []
  while (left.length > 0)
    batches.push(left.splice(0, 1 + ((lengths[batches.length % lengths.length] ?? 0) % 4)))
  return batches
}

/** Plays a chain of attempts; `watch` sees the screen after every delta. */
function play(chain: readonly Attempt[], watch: (delta: Delta, moment: Moment) => void): Screen {
  const transcript = new Transcript(0)
  const screen = new Screen()
  for (const { content, reads } of chain) {
    transcript.beginAnew()
    const old = screen.content
    screen.rewinds = 0
    for (const read of reads)
      for (const delta of transcript.align(read)) {
        const shown = screen.content
        transcript.add(delta)
        screen.show(delta)
        watch(delta, { old, shown, screen, renewed: content, transcript })
      }
  }
  return screen
}

interface Moment {
  /** What the screen held when the attempt began. */
  readonly old: Content
  /** What it held before this delta. */
  readonly shown: Content
  readonly screen: Screen
  /** The whole answer this attempt is giving. */
  readonly renewed: Content
  readonly transcript: Transcript
}

function check(unit: Unit, plans: fc.Arbitrary<Plan>, watch: (delta: Delta, moment: Moment) => void): void {
  const chains = fc.array(plans, { minLength: 1, maxLength: 4 })
  const run = (chain: readonly Attempt[]) => {
    const screen = play(chain, watch)
    expect(screen.content).toEqual({ ...chain.at(-1)?.content })
  }
  fc.assert(
    fc.property(chains, (each) => run(attempts(each, unit))),
    { numRuns: 300 },
  )
}

function splitsPair(text: string, at: number): boolean {
  return /^[\ud800-\udbff][\udc00-\udfff]$/.test(text.slice(at - 1, at + 1))
}

describe.each(['character', 'half'] as const)('answers cut anywhere, by the %s', (unit) => {
  test('end with exactly the last answer, and the transcript agrees at every step', () => {
    check(unit, plan, (_delta, { screen, transcript }) => {
      const { text, reasoning, toolCalls } = transcript.snapshot()
      expect({ text, reasoning, calls: toolCalls.map((call) => call.arguments) }).toEqual(screen.content)
    })
  })

  test('show at every moment the beginning of the old or of the new one', () => {
    check(unit, plan, (_delta, { old, screen, renewed }) => {
      for (const channel of ['text', 'reasoning'] as const) {
        const isOld = old[channel].startsWith(screen[channel])
        expect(isOld || renewed[channel].startsWith(screen[channel])).toBe(true)
      }
    })
  })

  test('never show tool calls of one beside new text of another', () => {
    check(unit, plan, (_delta, { old, screen }) => {
      if (old.calls.length === 0 || screen.rewinds > 0) return
      expect(screen.content).toEqual(old)
    })
  })

  test('rewind once an attempt at most', () => {
    check(unit, plan, (_delta, { screen }) => expect(screen.rewinds).toBeLessThanOrEqual(1))
  })

  test('rewind only where old and new differ', () => {
    check(unit, plainPlan, (delta, { old, renewed }) => {
      if (delta.type !== 'rewind') return
      const goesOn = renewed.text.startsWith(old.text) && renewed.reasoning.startsWith(old.reasoning)
      expect(goesOn).toBe(false)
    })
  })

  test('never split a surrogate pair that is shown', () => {
    check(unit, plan, (delta, { shown }) => {
      if (delta.type !== 'rewind') return
      expect(splitsPair(shown.text, delta.text)).toBe(false)
      expect(splitsPair(shown.reasoning, delta.reasoning)).toBe(false)
    })
  })
})

test('an answer given again hands out the rest of it and nothing else', () => {
  const property = fc.property(plainPlan, plainPlan, (first, again) => {
    const [cut] = attempts([first, first], 'character')
    const content = cut?.content as Content
    const whole: Delta[] = chunked(content, again.sizes, 'half')
    const rest: Delta[] = []
    const chain = [cut as Attempt, { content, reads: reads(whole, again.sizes) }]
    let old: Content | undefined
    const screen = play(chain, (delta, moment) => {
      if (moment.old.text + moment.old.reasoning === '') return
      old = moment.old
      rest.push(delta)
    })
    expect(screen.content).toEqual(content)
    const given = (type: Delta['type']) =>
      rest.map((delta) => (delta.type === type && 'text' in delta ? delta.text : '')).join('')
    if (old) expect(given('text')).toBe(content.text.slice(old.text.length))
    if (old) expect(given('reasoning')).toBe(content.reasoning.slice(old.reasoning.length))
    expect(rest.filter(({ type }) => type === 'rewind')).toEqual([])
  })
  fc.assert(property, { numRuns: 300 })
})

test('text that differs is taken back to the last character both have', () => {
  const property = fc.property(words, words, words, sizes, (common, left, right, lengths) => {
    const old: Delta = { type: 'text', text: [...common, ...left].join('') }
    const text = [...common, ...right].join('')
    const shared = [...old.text].findIndex((each, i) => each !== [...text][i])
    const keep = shared < 0 ? old.text.length : [...old.text].slice(0, shared).join('').length
    const transcript = new Transcript(0)
    transcript.beginAnew()
    transcript.add(old)
    transcript.beginAnew()
    const renewed = chunked({ text, reasoning: '', calls: [] }, lengths, 'character')
    const rewinds = transcript
      .align([...renewed, { type: 'finish', reason: 'stop', raw: undefined }])
      .filter(({ type }) => type === 'rewind')
    expect(rewinds).toEqual(keep === old.text.length ? [] : [{ type: 'rewind', text: keep, reasoning: 0 }])
  })
  fc.assert(property, { numRuns: 300 })
})
