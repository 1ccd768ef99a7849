/** The promise of `npm run simulate`, kept small: the same crowd, server and policy, with fewer clients. */
import { beforeAll, describe, expect, test } from 'vitest'
import { Agenda } from '../bench/simulate/agenda.mjs'
import { simulate } from '../bench/simulate/crowd.mjs'
import { dice } from '../bench/simulate/dice.mjs'
import { loadPolicies, type Policies } from '../bench/simulate/policies.mjs'
import type { Figures } from '../bench/simulate/record.mjs'
import { normalLoad, scenarioDefaults } from '../bench/simulate/scenario.mjs'
import { strategies, strategy } from '../bench/simulate/strategies.mjs'
import { breakerDefaults } from '../src/policy/breaker.ts'
import { retryDefaults } from '../src/policy/retry.ts'

const scenario = { ...scenarioDefaults, clients: 2_000 }
// So few clients send 57 requests in a second, give or take 15: a peak over one second would be chance.
const WINDOW_S = 5

let policies: Policies
const figures = new Map<string, Figures>()

beforeAll(async () => {
  policies = await loadPolicies()
  for (const each of strategies) figures.set(each.name, play(each.name))
})

function play(name: string, changed: Partial<Policies> = {}): Figures {
  return simulate(scenario, strategy(name), { ...policies, ...changed }).figures(WINDOW_S)
}

function of(name: string): Figures {
  return figures.get(name) as Figures
}

describe('100,000 clients and a server that goes out', () => {
  test('with the defaults, the load in the outage stays under 1.2 times the offered load', () => {
    expect(of('Holdfast').perAsk).toBeLessThan(1.2)
    expect(of('Holdfast').overNormal).toBeLessThan(1.2)
  })

  test('with the defaults, the peak after the outage stays under 1.5 times the normal load', () => {
    expect(of('Holdfast').peakAfter).toBeLessThan(1.5)
    expect(of('Holdfast').calmAfterMs).toBe(0)
  })

  test('the users are well again soon after the longest cool-down', () => {
    expect(of('Holdfast').wellAfterMs).toBeLessThanOrEqual(breakerDefaults.cooldownMs + 10_000)
  })

  test.each(['naive, every second', 'exponential, no jitter'])('%s is far worse', (name) => {
    expect(of(name).perAsk).toBeGreaterThan(5)
    expect(of(name).overNormal).toBeGreaterThan(3)
    expect(of(name).peakAfter).toBeGreaterThan(3)
  })
})

describe('the model', () => {
  test('a loop that never succeeds sends its request and ten more', () => {
    // A few more, because the answers cut at the start were asked for before the outage.
    expect(of('naive, every second').perAsk).toBeGreaterThan(10.5)
    expect(of('naive, every second').perAsk).toBeLessThan(11.5)
  })

  test('without a breaker, each page spends its tokens and then asks once', () => {
    const { outage, gapMs } = scenario
    const tokens = retryDefaults.budget ? retryDefaults.budget.tokens : 0
    expect(of('Holdfast without breaker').perAsk).toBeCloseTo(1 + tokens / (outage.lastsMs / gapMs), 0)
  })

  test('before the outage everybody sends the normal load', () => {
    const record = simulate(scenario, strategy('Holdfast'), policies)
    expect(record.sum('requested', 60, 120) / 60 / normalLoad(scenario)).toBeCloseTo(1, 1)
    expect(record.sum('failed', 0, 119)).toBe(0)
  })

  test('the same seed plays the same game', () => {
    expect(play('Holdfast')).toEqual(of('Holdfast'))
  })

  test('an agenda wakes everybody in the order of time', () => {
    const draw = dice(7)
    const agenda = new Agenda(101, draw)
    const times = Array.from({ length: 2_000 }, () => {
      const { timeMs } = agenda
      agenda.again(timeMs + draw())
      return timeMs
    })
    expect(times).toEqual(times.toSorted((a, b) => a - b))
  })
})

describe('the policy', () => {
  test('has the library’s own defaults', () => {
    expect(policies.retryDefaults).toEqual(retryDefaults)
    expect(policies.breakerDefaults).toEqual(breakerDefaults)
  })

  test('is what decides: other defaults give other figures', () => {
    const limit = { retryDefaults: { ...policies.retryDefaults, limit: 0 } }
    expect(play('Holdfast without breaker', limit).perAsk).toBeCloseTo(1, 1)
    const cooldown = { breakerDefaults: { ...policies.breakerDefaults, cooldownMs: 1 } }
    expect(play('Holdfast', cooldown).perAsk).toBeGreaterThan(of('Holdfast').perAsk * 1.3)
  })
})
