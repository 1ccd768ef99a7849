/** The promise of `npm run simulate`, kept small: the same crowds, server and policy, with fewer clients. */
import { beforeAll, describe, expect, test } from 'vitest'
import { Agenda } from '../bench/simulate/agenda.mjs'
import { simulate } from '../bench/simulate/crowd.mjs'
import { dice } from '../bench/simulate/dice.mjs'
import { loadPolicies, type Policies } from '../bench/simulate/policies.mjs'
import type { Figures, Record } from '../bench/simulate/record.mjs'
import {
  blipDefaults,
  normalLoad,
  outageEndMs,
  relayDefaults,
  type Scenario,
  scenarioDefaults,
} from '../bench/simulate/scenario.mjs'
import { strategies, strategy } from '../bench/simulate/strategies.mjs'
import { breakerDefaults } from '../src/policy/breaker.ts'
import { retryDefaults } from '../src/policy/retry.ts'

const pages: Scenario = { ...scenarioDefaults, clients: 2_000 }
const relays: Scenario = { ...relayDefaults, clients: 3 }
// So few clients send 57 requests in a second, give or take 15: a peak over one second would be chance.
const WINDOW_S = 5
const LOOPS = ['naive, every second', 'exponential, no jitter']
const TOKENS = retryDefaults.budget ? retryDefaults.budget.tokens : 0

let policies: Policies
const ofPages = new Map<string, Figures>()
const ofRelays = new Map<string, Figures>()

beforeAll(async () => {
  policies = await loadPolicies()
  for (const { name } of strategies) {
    ofPages.set(name, await play(pages, name))
    ofRelays.set(name, await play(relays, name))
  }
  // Whoever shares the machine may take its time.
}, 60_000)

async function play(scenario: Scenario, name: string, changed: Partial<Policies> = {}): Promise<Figures> {
  return (await recorded(scenario, name, changed)).figures(WINDOW_S)
}

function recorded(scenario: Scenario, name: string, changed: Partial<Policies> = {}): Promise<Record> {
  return simulate(scenario, strategy(name), { ...policies, ...changed })
}

function page(name: string): Figures {
  return ofPages.get(name) as Figures
}

function relay(name: string): Figures {
  return ofRelays.get(name) as Figures
}

function isBetter(ours: Figures, theirs: Figures): void {
  for (const figure of ['perAsk', 'overNormal', 'peakDuring', 'peakAfter'] as const)
    expect(ours[figure], figure).toBeLessThan(theirs[figure])
}

describe('100,000 clients and a server that goes out', () => {
  test('with the defaults, the load in the outage stays under 1.2 times the offered load', () => {
    expect(page('Holdfast').perAsk).toBeLessThan(1.2)
    expect(page('Holdfast').overNormal).toBeLessThan(1.2)
  })

  test('with the defaults, the peak after the outage stays under 1.5 times the normal load', () => {
    expect(page('Holdfast').peakAfter).toBeLessThan(1.5)
    expect(page('Holdfast').calmAfterMs).toBe(0)
  })

  test('the users are well again soon after the longest cool-down', () => {
    expect(page('Holdfast').wellAfterMs).toBeLessThanOrEqual(breakerDefaults.cooldownMs + 10_000)
  })

  test.each(LOOPS)('%s is far worse', (name) => {
    isBetter(page('Holdfast'), page(name))
    expect(page(name).perAsk).toBeGreaterThan(5)
    expect(page(name).overNormal).toBeGreaterThan(3)
    expect(page(name).peakAfter).toBeGreaterThan(3)
  })
})

describe('relays and a server that goes out', () => {
  test('all circuits are open within a second, and closed soon after the end', () => {
    expect(relay('Holdfast').allOpenMs).toBeLessThan(1_000)
    expect(relay('Holdfast').allClosedMs).toBeLessThan(10_000)
    expect(relay('Holdfast').wellAfterMs).toBeLessThan(10_000)
  })

  test('until then they have asked less than normal, and after that hardly at all', () => {
    expect(relay('Holdfast').peakDuring).toBeLessThan(1)
    expect(relay('Holdfast').perAsk).toBeLessThan(0.01)
  })

  test('who asks while a probe is under way waits for its verdict', async () => {
    const scenario = { ...relays, clients: 1, firstMs: 4_000 }
    const record = await recorded(scenario, 'Holdfast')
    const closedS = Math.floor((outageEndMs(scenario) + record.figures(WINDOW_S).allClosedMs) / 1000)
    expect(record.sum('asked', closedS - 3, closedS)).toBeGreaterThan(50)
    expect(record.sum('requested', closedS - 3, closedS)).toBe(0)
    expect(record.sum('heldBack', closedS - 3, closedS)).toBe(0)
  })

  test('those who waited for the probe do not make a crowd', () => {
    expect(relay('Holdfast').peakAfter).toBeLessThan(1.5)
    expect(relay('Holdfast').calmAfterMs).toBe(0)
  })

  test.each(LOOPS)('%s is far worse', (name) => {
    isBetter(relay('Holdfast'), relay(name))
    expect(relay(name).perAsk).toBeGreaterThan(5)
  })

  test('where failures do not open the circuit, it is the budget that keeps the load down', async () => {
    const scenario = { ...relays, outage: { ...relays.outage, status: 429 } }
    expect((await play(scenario, 'Holdfast')).perAsk).toBeLessThan(1.1)
    expect((await play(scenario, 'Holdfast without budget')).perAsk).toBeGreaterThan(2.9)
  })
})

describe('a relay with some 200 streams under way, and one blip that cuts them all', () => {
  const resumable: Scenario = { ...blipDefaults, isResumable: true }
  const cases = [
    ['with the defaults', 'Holdfast', blipDefaults],
    ['without budget', 'Holdfast without budget', blipDefaults],
    ['with streams that can be resumed', 'Holdfast', resumable],
  ] as const

  test.each(cases)(
    '%s: at most one more request each, the circuit stays closed',
    async (_, name, scenario) => {
      const { cut, most, opened } = (await recorded(scenario, name)).cuts()
      expect(cut).toBeGreaterThanOrEqual(200)
      expect(most).toBe(2)
      expect(opened).toBe(0)
    },
  )

  test.each(cases)('%s: nobody who asks meanwhile is refused, or fails', async (_, name, scenario) => {
    const record = await recorded(scenario, name)
    const { answered, cut, heldBack } = record.cuts()
    const blipS = outageEndMs(scenario) / 1000
    expect(record.sum('asked', blipS, blipS + 1)).toBeGreaterThan(10)
    expect(heldBack).toBe(0)
    expect(record.sum('failed', 0, blipS + 30)).toBe(cut - answered)
  })

  test.each(cases)('%s: all are answered', async (_, name, scenario) => {
    const { answered, cut } = (await recorded(scenario, name)).cuts()
    expect(answered).toBe(cut)
  })
})

describe('the model', () => {
  test('a loop that never succeeds sends its request and ten more', () => {
    // A few more, because the answers cut at the start were asked for before the outage.
    expect(page('naive, every second').perAsk).toBeGreaterThan(10.5)
    expect(page('naive, every second').perAsk).toBeLessThan(11.5)
  })

  test('without a breaker, each page spends its tokens and then asks once', () => {
    const { outage, gapMs } = pages
    expect(page('Holdfast without breaker').perAsk).toBeCloseTo(1 + TOKENS / (outage.lastsMs / gapMs), 0)
  })

  test.each([
    ['pages', pages],
    ['relays', relays],
  ])('before the outage %s send the normal load', async (_, scenario) => {
    const record = await recorded(scenario, 'Holdfast')
    expect(record.sum('requested', 60, 120) / 60 / normalLoad(scenario)).toBeCloseTo(1, 1)
    expect(record.sum('failed', 0, 119)).toBe(0)
  })

  test.each([
    ['pages', pages, page],
    ['relays', relays, relay],
  ])('the same seed plays the same game: %s', async (_, scenario, first) => {
    expect(await play(scenario, 'Holdfast')).toEqual(first('Holdfast'))
  })

  test('an agenda wakes everybody in the order of time, those who were away, too', () => {
    const draw = dice(7)
    const agenda = new Agenda(101, draw)
    const away: number[] = []
    const woken = Array.from({ length: 2_000 }, () => {
      const { user, timeMs } = agenda
      if (draw() < 0.3 && away.length < 100) {
        agenda.leave()
        away.push(user)
      } else agenda.again(timeMs + draw())
      if (draw() < 0.3 && away.length > 0) agenda.join(away.shift() ?? 0, timeMs + draw())
      return { user, timeMs }
    })
    const times = woken.map(({ timeMs }) => timeMs)
    expect(times).toEqual(times.toSorted((a, b) => a - b))
    expect(new Set(woken.map(({ user }) => user)).size).toBe(101)
  })

  test('an agenda from which all have gone wakes nobody', () => {
    const agenda = new Agenda(2, () => 1)
    agenda.leave()
    agenda.leave()
    expect(agenda.timeMs).toBe(Number.POSITIVE_INFINITY)
    agenda.join(1, 5)
    expect([agenda.user, agenda.timeMs]).toEqual([1, 5])
  })
})

describe('the policy', () => {
  test('has the library’s own defaults', () => {
    expect(policies.retryDefaults).toEqual(retryDefaults)
    expect(policies.breakerDefaults).toEqual(breakerDefaults)
  })

  test('is what decides: other defaults give other figures', async () => {
    const limit = { retryDefaults: { ...policies.retryDefaults, limit: 0 } }
    expect((await play(pages, 'Holdfast without breaker', limit)).perAsk).toBeCloseTo(1, 1)
    const cooldown = { breakerDefaults: { ...policies.breakerDefaults, cooldownMs: 1 } }
    expect((await play(pages, 'Holdfast', cooldown)).perAsk).toBeGreaterThan(page('Holdfast').perAsk * 1.3)
  })
})
