/** Those who wait while a half-open circuit's probe is under way: what becomes of them, and that something does. */
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { AbortedError, CircuitOpenError, NetworkError, type StreamError } from '../../src/errors/errors.ts'
import { Breaker, type Permit, type ResolvedBreaker } from '../../src/policy/breaker.ts'
import { Scope } from '../../src/scope.ts'
import { http } from '../support/decisions.ts'

const MINUTE = 60_000
const failure = new NetworkError('connect')
const aborted = new AbortedError()
const options = { failures: 3, windowMs: 5 * MINUTE, cooldownMs: MINUTE }
// Taken before the clock is fake.
const realTurn = setImmediate

beforeEach(() => {
  vi.useFakeTimers({ now: 1_800_000_000_000 })
})
afterEach(() => {
  vi.useRealTimers()
})

type OnChange = ConstructorParameters<typeof Breaker>[2]

/** A circuit whose probe is under way. */
function probing(given: Partial<ResolvedBreaker> = {}, onChange?: OnChange) {
  const saved = { state: 'open' as const, until: Date.now(), failures: 3 }
  const breaker = new Breaker({ ...options, ...given }, saved, onChange)
  return { breaker, probe: breaker.admit() }
}

/** Somebody who can wait, and what became of it. */
interface Asker {
  permit?: Permit
  refusal?: StreamError
}

function asker(breaker: Breaker, retried?: StreamError): Asker {
  const one: Asker = {}
  new Promise<Permit>((resolve) => resolve(breaker.admit(retried, true))).then(
    (permit) => {
      one.permit = permit
    },
    (refusal) => {
      one.refusal = refusal
    },
  )
  return one
}

function askers(breaker: Breaker, count: number): Asker[] {
  return Array.from({ length: count }, () => asker(breaker))
}

/** What has become of each once all that is due has happened. */
async function fates(all: readonly Asker[]): Promise<string[]> {
  await new Promise(realTurn)
  return all.map(({ permit, refusal }) => (permit ? 'in' : refusal ? 'refused' : 'waits'))
}

/** Somebody who asks as a reply does, and is called off. */
function deserter(breaker: Breaker): void {
  const scope = new Scope()
  const turn = scope.race(Promise.resolve(breaker.admit(undefined, true)), (late) => late.settle(aborted))
  turn.catch(() => {})
  scope.abort(aborted)
}

describe('those who wait', () => {
  const [allIn, allRefused, first] = ['in in in', 'refused refused refused', 'in waits waits']

  test.each<[string, (probe: Permit, breaker: Breaker) => void, string, string]>([
    ['all get in at its first delta', (probe) => probe.progressed(), allIn, 'closed'],
    ['all get in when it is whole', (probe) => probe.settle(undefined), allIn, 'closed'],
    ['are all refused when it fails', (probe) => probe.settle(failure), allRefused, 'open'],
    ['are all refused by isolation', (_probe, breaker) => breaker.isolate(), allRefused, 'isolated'],
    ['send the first when it is aborted', (probe) => probe.settle(aborted), first, 'half-open'],
    ['send the first when it gets a 4xx', (probe) => probe.settle(http(401)), first, 'half-open'],
    ['send the first when we broke it', (probe) => probe.settle(failure, true), first, 'half-open'],
    ['wait while there is no word of it', () => {}, 'waits waits waits', 'half-open'],
  ])('%s', async (_what, act, expected, state) => {
    const { breaker, probe } = probing()
    const all = askers(breaker, 3)
    act(probe, breaker)
    expect((await fates(all)).join(' ')).toBe(expected)
    expect(breaker.health().state).toBe(state)
  })

  test('are told until when the circuit is open, and each what it was retrying', async () => {
    const { breaker, probe } = probing()
    const [first, second] = [asker(breaker, failure), asker(breaker)]
    vi.advanceTimersByTime(1_000)
    probe.settle(new NetworkError('body'))
    await fates([first, second])
    expect(first.refusal).toBeInstanceOf(CircuitOpenError)
    expect(first.refusal).toMatchObject({ retryAtMs: Date.now() + MINUTE, cause: failure })
    expect(second.refusal).not.toHaveProperty('cause')
  })

  test('are told of isolation as whoever asks then', async () => {
    const { breaker } = probing()
    const one = asker(breaker, failure)
    breaker.isolate()
    await fates([one])
    expect(one.refusal).toMatchObject({ code: 'circuit-open', retryAtMs: undefined, cause: failure })
  })

  test('are not told again what becomes of the next probe', async () => {
    const { breaker, probe } = probing()
    const early = asker(breaker)
    probe.settle(failure)
    vi.advanceTimersByTime(MINUTE)
    const second = breaker.admit()
    const late = asker(breaker)
    second.progressed()
    expect(await fates([early, late])).toEqual(['refused', 'in'])
  })

  test('are refused by a failure also where the next probe may come at once', async () => {
    const { breaker, probe } = probing({ cooldownMs: 0 })
    const all = askers(breaker, 2)
    probe.settle(failure)
    expect(await fates(all)).toEqual(['refused', 'refused'])
  })

  test('come before whoever hears of it', async () => {
    const { breaker, probe } = probing({}, (_from, to) => {
      if (to === 'closed') breaker.isolate()
    })
    const all = askers(breaker, 2)
    probe.progressed()
    expect(await fates(all)).toEqual(['in', 'in'])
    expect(breaker.health().state).toBe('isolated')
  })

  test('need no timer', () => {
    askers(probing().breaker, 2)
    expect(vi.getTimerCount()).toBe(0)
  })
})

describe('of two who wait, when the probe is aborted', () => {
  async function handedOn() {
    const { breaker, probe } = probing()
    const [first, second] = [asker(breaker), asker(breaker)]
    probe.settle(aborted)
    await fates([first, second])
    return { breaker, first, second, next: first.permit as Permit }
  }

  test.each<[string, (next: Permit) => void, string, string]>([
    ['gets in at its first delta', (next) => next.progressed(), 'in', 'closed'],
    ['gets in when it is whole', (next) => next.settle(undefined), 'in', 'closed'],
    ['is refused when it fails', (next) => next.settle(failure), 'refused', 'open'],
    ['is the next when it is aborted, too', (next) => next.settle(aborted), 'in', 'half-open'],
  ])('the first is the probe, and the second %s', async (_what, act, fate, state) => {
    const { breaker, second, next } = await handedOn()
    act(next)
    expect(await fates([second])).toEqual([fate])
    expect(breaker.health().state).toBe(state)
  })

  test('the first goes before whoever asks in the same moment', async () => {
    const { breaker, probe } = probing()
    const first = asker(breaker)
    probe.settle(aborted)
    expect(() => breaker.admit()).toThrow(CircuitOpenError)
    const third = asker(breaker)
    expect(await fates([first, third])).toEqual(['in', 'waits'])
  })

  test('the probe that was does no more harm', async () => {
    const { breaker, probe } = probing()
    const all = askers(breaker, 2)
    probe.settle(aborted)
    probe.settle(failure)
    probe.progressed()
    expect(await fates(all)).toEqual(['in', 'waits'])
  })
})

describe('one who has gone', () => {
  test('gives the permit to the next, a thousand times if need be', async () => {
    const { breaker, probe } = probing()
    for (let i = 0; i < 1_000; i++) deserter(breaker)
    const last = asker(breaker)
    probe.settle(aborted)
    expect(await fates([last])).toEqual(['in'])
    last.permit?.settle(undefined)
    expect(breaker.health().state).toBe('closed')
  })

  test('leaves the circuit to whoever asks next', async () => {
    const { breaker, probe } = probing()
    deserter(breaker)
    probe.settle(aborted)
    await fates([])
    expect(breaker.admit()).toHaveProperty('settle')
  })

  test.each<[string, (probe: Permit) => void]>([
    ['the permit', (probe) => probe.progressed()],
    ['the refusal', (probe) => probe.settle(failure)],
  ])('and let go of the promise does not hear of %s', async (_what, act) => {
    const unheard = vi.fn()
    process.on('unhandledRejection', unheard)
    const { breaker, probe } = probing()
    void breaker.admit(undefined, true)
    act(probe)
    await fates([])
    process.off('unhandledRejection', unheard)
    expect(unheard).not.toHaveBeenCalled()
  })
})

describe('whoever could wait', () => {
  test('does not where the circuit is closed', () => {
    expect(new Breaker(options).admit(undefined, true)).toHaveProperty('settle')
  })

  test('does not where it is the probe itself', () => {
    const { breaker, probe } = probing()
    probe.settle(aborted)
    expect(breaker.admit(undefined, true)).toHaveProperty('settle')
    expect(breaker.admit(undefined, true)).toBeInstanceOf(Promise)
  })

  test.each([
    ['open', (probe: Permit) => probe.settle(failure)],
    ['isolated', (_: Permit, breaker: Breaker) => breaker.isolate()],
  ])('is refused at once where it is %s', (_what, act) => {
    const { breaker, probe } = probing()
    act(probe, breaker)
    expect(() => breaker.admit(failure, true)).toThrow(expect.objectContaining({ cause: failure }))
  })

  test('is passed by nobody who cannot', async () => {
    const { breaker, probe } = probing()
    const one = asker(breaker)
    expect(() => breaker.admit(failure)).toThrow(expect.objectContaining({ retryAtMs: Date.now() }))
    probe.progressed()
    expect(await fates([one])).toEqual(['in'])
  })
})

test('those who were let in together and break together are one failure', async () => {
  const { breaker, probe } = probing()
  const all = askers(breaker, 200)
  probe.progressed()
  await fates(all)
  for (const { permit } of all) permit?.settle(failure)
  expect(breaker.health()).toMatchObject({ state: 'closed', failures: 1 })
})

/** What may happen, to one of those who were let in or to the circuit. */
const EVENTS = {
  delta: (_breaker: Breaker, permit?: Permit) => permit?.progressed(),
  whole: (_breaker: Breaker, permit?: Permit) => permit?.settle(undefined),
  break: (_breaker: Breaker, permit?: Permit) => permit?.settle(failure),
  abort: (_breaker: Breaker, permit?: Permit) => permit?.settle(aborted),
  isolate: (breaker: Breaker) => breaker.isolate(),
  release: (breaker: Breaker) => breaker.isolate()(),
  pass: () => vi.advanceTimersByTime(MINUTE),
}

test('nobody waits forever, whatever happens, once all who were let in have ended', async () => {
  const what = fc.constantFrom('ask' as const, ...(Object.keys(EVENTS) as (keyof typeof EVENTS)[]))
  const history = fc.array(fc.tuple(what, fc.nat(9)), { maxLength: 30 })
  await fc.assert(
    fc.asyncProperty(history, async (events) => {
      const { breaker, probe } = probing({ failures: 1 })
      const all: Asker[] = [{ permit: probe }]
      for (const [event, which] of events) {
        if (event === 'ask') all.push(asker(breaker))
        else EVENTS[event](breaker, all[which % all.length]?.permit)
        // They wait for a probe, and for nothing else.
        if ((await fates(all)).includes('waits')) expect(breaker.health().state).toBe('half-open')
      }
      for (const one of all) {
        one.permit?.settle(aborted)
        await fates(all)
      }
      expect(await fates(all)).not.toContain('waits')
    }),
  )
})
