/** What a reply remembers from one attempt to the next, and what it does now: tables, without clock or network. */

import { describe, expect, test } from 'vitest'
import {
  CircuitOpenError,
  NetworkError,
  ProtocolError,
  type StreamFailure,
  TimeoutError,
} from '../../src/errors/errors.ts'
import { advanced, changed } from '../../src/policy/failover.ts'
import { type Decision, retryDefaults } from '../../src/policy/retry.ts'
import { failover } from '../../src/request/several.ts'
import type { Circumstances, Failure, RetryState } from '../../src/run/retry-state.ts'
import { next, retryState } from '../../src/run/retry-state.ts'
import { http } from '../support/decisions.ts'

const NOW = 40_000
const TODAY = 1_800_000_000_000
const broken = new NetworkError('body')
const away = new NetworkError('connect')
const denied = http(401)
const lost = http(404)
const busy = http(503, { retryAfterMs: 2_000 })
const nonsense = new ProtocolError('says something else')
const long = new TimeoutError('first', 60_001)
const position = { lastEventId: 'e7', place: { text: 7, reasoning: 0 }, seen: [] }

/** Output has been handed out and may be taken back; the stream cannot be gone on with. */
const usual: Circumstances = {
  ...{ retry: { ...retryDefaults, jitter: 'none' }, recovery: 'auto', attempts: 1, committed: true },
  ...{ canRewind: true, canResume: false, canResend: true, canRefresh: false },
  ...{ tokens: 10, remainingMs: Number.POSITIVE_INFINITY, now: NOW, today: TODAY, chance: 0.5 },
}

function frozen<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value
  Object.freeze(value)
  for (const key of Reflect.ownKeys(value)) frozen(value[key as keyof T])
  return value
}

type Facts = Partial<Circumstances> & { readonly retryMs?: number; readonly isShared?: boolean }

/** Whoever changes a state, or anything it was made of, throws: all of it is frozen. */
function step(before: RetryState, error: StreamFailure, was: Failure['was'], given: Facts = {}) {
  const { retryMs = 0, isShared = false, ...facts } = given
  const failure = { error, was, position: was === 'declined' ? undefined : position, retryMs, isShared }
  return frozen(next(frozen(before), frozen(failure), frozen({ ...usual, failover, ...facts })))
}

function inShort(decision: Decision): string {
  return decision.action === 'give-up' ? 'give up' : `${decision.action} after ${decision.delayMs}`
}

const start = (known: Partial<RetryState> = {}, servers = 1): RetryState => ({
  ...retryState(servers),
  ...known,
})
const one = start()
const two = start({}, 2)
const failed = (failures: number) => start({ failures })
/** The rest is being asked for. */
const resuming = start({ mode: 'resume', position, error: broken, failures: 1 })
const refreshed = { ...resuming, hasRefreshed: true }
const ANEW = { mode: 'anew', position: undefined } as const

/** A sentence; the state before, what happened; what is done now, and what is remembered. */
type Row = readonly [string, RetryState, StreamFailure, Failure['was'], string, Partial<RetryState>]

const check =
  (facts: Facts) =>
  (...[, before, error, was, decision, after]: Row) => {
    const [state, decided] = step(before, error, was, facts)
    expect(inShort(decided)).toBe(decision)
    expect(state).toMatchObject(after)
    // The same once more: nothing is remembered elsewhere.
    expect(step(before, error, was, facts)).toEqual([state, decided])
  }

describe('a failure', () => {
  test.each<Row>([
    ['is retried', one, broken, 'in-vain', 'retry after 500', { ...ANEW, error: broken, failures: 1 }],
    ['is retried after a longer wait', failed(1), broken, 'in-vain', 'retry after 1000', { failures: 2 }],
    ['is final at the limit', failed(2), broken, 'in-vain', 'give up', { failures: 3, error: broken }],
    ['counts, whatever had come', failed(2), broken, 'on-its-way', 'give up', { failures: 3 }],
    ['has to be paid for', one, broken, 'on-its-way', 'retry after 500', { isFree: false }],
    ['moves on to another server', two, broken, 'in-vain', 'failover after 0', { ...ANEW, failures: 1 }],
    ['of the caller’s own making is final', one, lost, 'in-vain', 'give up', { isRestRefused: false }],
  ])('%s', check({}))

  test.each<[string, Facts, string]>([
    ['without consent to take text back is final', { canRewind: false }, 'give up'],
    ['needs no consent before output', { canRewind: false, committed: false }, 'retry after 500'],
    ["needs no consent with recovery 'replay'", { canRewind: false, recovery: 'replay' }, 'retry after 500'],
    ["is final with recovery 'fail'", { recovery: 'fail' }, 'give up'],
    ['is final without budget', { tokens: 0.9 }, 'give up'],
    ['that broke others, too, costs nothing', { tokens: 0, isShared: true }, 'retry after 500'],
    ['is final for a body that is a stream', { canResend: false }, 'give up'],
    ['is final where time runs out', { remainingMs: 500 }, 'give up'],
    ['waits by chance', { retry: retryDefaults, chance: 0.25 }, 'retry after 125'],
  ])('%s', (_sentence, facts, decision) => {
    expect(inShort(step(one, broken, 'in-vain', facts)[1])).toBe(decision)
  })

  test('that broke others, too, costs nothing but the first time', () => {
    const [state, decision] = step(failed(1), broken, 'in-vain', { tokens: 0, isShared: true })
    expect([inShort(decision), state.isFree]).toEqual(['give up', false])
  })

  test('stays with its server where nothing knows of another one', () => {
    const [state, decision] = step(two, broken, 'in-vain', { failover: undefined })
    expect([inShort(decision), state.rotation.at]).toEqual(['retry after 500', 0])
  })
})

describe('a stream that can be gone on with', () => {
  const resumed = { mode: 'resume', position } as const

  test.each<Row>([
    ['is gone on with', one, broken, 'on-its-way', 'resume after 500', resumed],
    ['begins a new row when it got on', failed(9), broken, 'on-its-way', 'resume after 500', { failures: 1 }],
    ['costs nothing when it got on', one, broken, 'on-its-way', 'resume after 500', { isFree: true }],
    ['costs a token when it did not', resuming, away, 'in-vain', 'resume after 1000', { isFree: false }],
    ['stays in its row when it did not', resuming, away, 'in-vain', 'resume after 1000', { failures: 2 }],
    ['goes before another server', two, broken, 'on-its-way', 'resume after 500', resumed],
    ['waits for its server', resuming, busy, 'in-vain', 'resume after 3000', resumed],
    ['waits for it, though another one is free', two, busy, 'on-its-way', 'resume after 2500', resumed],
    ['is not, after the rest contradicted itself', resuming, nonsense, 'on-its-way', 'give up', {}],
  ])('%s', check({ canResume: true, canRewind: true }))

  test.each<Row>([
    ['needs neither consent nor budget', one, broken, 'on-its-way', 'resume after 500', resumed],
    ['that does not get on needs a budget', resuming, away, 'in-vain', 'give up', { isFree: false }],
  ])('%s', check({ canResume: true, canRewind: false, tokens: 0 }))

  test('is gone on with from where it broke this time', () => {
    const before = start({ mode: 'resume', position: { lastEventId: 'e3' } })
    expect(step(before, broken, 'on-its-way', { canResume: true })[0].position).toEqual(position)
  })
})

describe('a 401', () => {
  const resumed = { mode: 'resume', position, isRestRefused: false } as const

  test.each<Row>([
    ['is no refusal of the rest', resuming, denied, 'in-vain', 'refresh after 0', resumed],
    ['counts', resuming, denied, 'in-vain', 'refresh after 0', { failures: 2, hasRefreshed: true }],
    ['on the first request asks anew', one, denied, 'in-vain', 'refresh after 0', { mode: 'anew' }],
    ['of a second time is final', refreshed, denied, 'in-vain', 'give up', { error: denied }],
    ['of a second time is still no refusal', refreshed, denied, 'in-vain', 'give up', resumed],
  ])('%s', check({ canResume: true, canRefresh: true }))

  test('is final where the headers are what they are', () => {
    check({ canResume: true })('', resuming, denied, 'in-vain', 'give up', { isRestRefused: false })
  })

  test('leaves the way open to go on again and again', () => {
    const [state, decision] = step(refreshed, broken, 'on-its-way', { canResume: true, canRefresh: true })
    expect(inShort(decision)).toBe('resume after 500')
    expect(state).toMatchObject({ failures: 1, hasRefreshed: true })
  })
})

describe('a server that would not give the rest', () => {
  const refused = { isRestRefused: true }
  const elsewhere = { ...resuming, rotation: two.rotation }

  test.each<Row>([
    ['is asked anew', resuming, lost, 'in-vain', 'retry after 1000', { ...ANEW, ...refused, failures: 2 }],
    ['may say 410', resuming, http(410), 'in-vain', 'retry after 1000', refused],
    ['may say 204, or nonsense', resuming, nonsense, 'in-vain', 'retry after 1000', refused],
    ['is left for another one', elsewhere, lost, 'in-vain', 'failover after 0', { ...ANEW, ...refused }],
    ['is another than one that is busy', resuming, busy, 'in-vain', 'resume after 3000', { mode: 'resume' }],
    ['is another than one that is away', resuming, away, 'in-vain', 'resume after 1000', { mode: 'resume' }],
    ['may be a caller who declines', resuming, broken, 'declined', 'retry after 500', refused],
  ])('%s', check({ canResume: true }))

  test.each<Row>([
    ['is not asked anew', resuming, lost, 'in-vain', 'give up', { ...refused, error: lost }],
    ['is not, if it is the caller who declines,', resuming, broken, 'declined', 'give up', refused],
  ])('%s without consent to take text back', check({ canResume: true, canRewind: false }))

  test('costs no failure where there was no request, but the next one has to be paid for', () => {
    const before = { ...resuming, isFree: true }
    const [state] = step(before, broken, 'declined', { canResume: true, canRewind: false })
    expect(state).toEqual({ ...before, isRestRefused: true, isFree: false })
  })
})

describe('an open circuit', () => {
  const open = new CircuitOpenError(TODAY + 9_000)
  const isolated = new CircuitOpenError(undefined)
  const until = (freeAtMs: number) => ({ rotation: advanced(changed(two.rotation, { freeAtMs }), NOW) })
  const counted = start({ failures: 2, longTimeouts: 1, error: broken }, 2)

  test.each<Row>([
    ['puts its server off', two, open, 'held-back', 'failover after 0', until(NOW + 9_000)],
    ['may do so for good', two, isolated, 'held-back', 'failover after 0', until(Number.POSITIVE_INFINITY)],
    ['leaves what was counted', counted, open, 'held-back', 'failover after 0', { failures: 2 }],
    ['costs nothing', two, open, 'held-back', 'failover after 0', { isFree: true }],
    ['is final for the only server', one, open, 'held-back', 'give up', { failures: 0, error: undefined }],
  ])('%s', check({ canResume: true, tokens: 0 }))

  test('is no reason to take text back without consent', () => {
    expect(inShort(step(two, open, 'held-back', { canRewind: false })[1])).toBe('give up')
  })
})

describe('what a server asks for', () => {
  const servers = ({ rotation }: RetryState) => rotation.servers.map(({ freeAtMs }) => freeAtMs)
  const second = { ...two, rotation: { ...two.rotation, at: 1 } }

  test.each<[string, StreamFailure, number, string, number]>([
    ['with retry: is waited for', broken, 3_000, 'retry after 3500', 3_000],
    ['with Retry-After is waited for', busy, 0, 'retry after 2500', 2_000],
    ['with both is the longer one', busy, 3_000, 'retry after 3500', 3_000],
    ['with both is the longer one, either way', busy, 1_000, 'retry after 2500', 2_000],
    ['for too long is not waited for', broken, 60_001, 'give up', 60_001],
  ])('%s', (_sentence, error, retryMs, decision, ms) => {
    const [state, decided] = step(one, error, 'in-vain', { retryMs })
    expect(inShort(decided)).toBe(decision)
    expect(servers(state)).toEqual([NOW + ms])
  })

  test('is asked of that server alone', () => {
    const [state, decision] = step(two, broken, 'in-vain', { retryMs: 3_000 })
    expect(inShort(decision)).toBe('failover after 0')
    expect(state.rotation.servers[0]).toEqual({ freeAtMs: NOW + 3_000, retryMs: 3_000, wasAsked: true })
    expect(state.rotation.servers[1]).toEqual({ ...two.rotation.servers[1], wasAsked: true })
  })

  test('is still asked when another one has failed meanwhile', () => {
    const [first] = step(two, broken, 'in-vain', { retryMs: 3_000 })
    const [state, decision] = step(first, broken, 'in-vain', { now: NOW + 1_000 })
    // The second one asked for nothing, so it is the next one to be free.
    expect(inShort(decision)).toBe('retry after 1000')
    expect(state.rotation.at).toBe(1)
    expect(servers(state)).toEqual([NOW + 3_000, NOW + 1_000])
    expect(state.rotation.servers.map(({ retryMs }) => retryMs)).toEqual([3_000, 0])
  })

  test('leaves the first one alone where it comes from the second', () => {
    const [state, decision] = step(second, busy, 'in-vain', { retryMs: 1 })
    expect(inShort(decision)).toBe('retry after 500')
    expect([state.rotation.at, ...servers(state)]).toEqual([0, 0, NOW + 2_000])
  })
})

describe('long timeouts', () => {
  const waited = start({ longTimeouts: 1 })
  const short = new TimeoutError('idle', 60_000)

  test.each<Row>([
    ['are counted', one, long, 'in-vain', 'resume after 500', { longTimeouts: 1 }],
    [
      'are counted though the stream got on',
      one,
      long,
      'on-its-way',
      'resume after 500',
      { longTimeouts: 1 },
    ],
    ['are final the second time', waited, long, 'in-vain', 'give up', { longTimeouts: 2 }],
    ['are final though the stream got on', waited, long, 'on-its-way', 'give up', { longTimeouts: 2 }],
    ['are no short ones', waited, short, 'in-vain', 'resume after 500', { longTimeouts: 1 }],
    ['are no other failures', waited, broken, 'in-vain', 'resume after 500', { longTimeouts: 1 }],
  ])('%s', check({ canResume: true }))
})

describe('a state', () => {
  test.each([
    [3, 2, 2],
    [2, 0, 0],
    [2, -1, 0],
  ])('of %i servers that begins with %i asks server %i first, for free', (count, first, at) => {
    const state = retryState(count, first)
    expect(state).toMatchObject({ mode: 'anew', failures: 0, isFree: true, rotation: { at } })
    expect(state.rotation.servers).toHaveLength(count)
  })

  test('can be printed, and shows nothing of the answer or of what a server wrote', () => {
    const error = http(429, { retryAfterMs: 1_000, body: { prompt: 'a secret' } })
    Object.defineProperty(error, 'answer', { value: { text: 'a secret' } })
    const [state] = step(start({}, 2), error, 'on-its-way', { canResume: true })
    const line = JSON.stringify({ level: 'info', ...state })
    expect(JSON.parse(line)).toMatchObject({
      ...{ level: 'info', mode: 'resume', failures: 1, position, rotation: state.rotation },
      error: { code: 'http', status: 429, retryAfterMs: 1_000, message: 'x' },
    })
    expect(line).not.toContain('secret')
  })

  test('is plain data, and a copy of it goes the same way', () => {
    const [state] = step(resuming, away, 'in-vain', { canResume: true })
    const [copied, decision] = step(structuredClone(state), busy, 'in-vain', { canResume: true })
    expect([copied, decision]).toEqual(step(state, busy, 'in-vain', { canResume: true }))
  })
})
