/** The five clocks, on fake time. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { MAX_TIMER_MS } from '../../src/time/clock.ts'
import { interactive } from '../../src/time/timeouts.ts'
import { clocks, reached } from '../support/clocks.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

describe('each clock fires at its time, and only then:', () => {
  test.each([
    [
      'connectMs',
      'connect',
      { connectMs: 100 },
      100,
      'No response headers after 100 ms',
      ', or a proxy keeps them (nginx: proxy_buffering off)',
    ],
    [
      'firstMs before the headers',
      'connect',
      { firstMs: 100 },
      100,
      'No delta 100 ms after the attempt began',
    ],
    ['firstMs after the headers', 'first', { firstMs: 100 }, 90, 'No delta 100 ms after the attempt began'],
    ['idleMs', 'idle', { idleMs: 100 }, 100, 'No delta for 100 ms'],
    ['silenceMs before a delta', 'first', { silenceMs: 100 }, 100, 'Not a byte for 100 ms'],
    ['silenceMs after a delta', 'idle', { silenceMs: 100 }, 100, 'Not a byte for 100 ms'],
    [
      'totalMs before the headers',
      'connect',
      { totalMs: 100 },
      100,
      'Not finished after 100 ms',
      ': waiting for response headers',
    ],
    [
      'totalMs before a delta',
      'first',
      { totalMs: 100 },
      90,
      'Not finished after 100 ms',
      ': waiting for the model',
    ],
    [
      'totalMs after a delta',
      'idle',
      { totalMs: 100 },
      70,
      'Not finished after 100 ms',
      ': waiting for the model',
    ],
    ['the nearest of all', 'idle', { idleMs: 80, silenceMs: 90, totalMs: 200 }, 80, 'No delta for 80 ms'],
  ] as const)('%s', (_which, phase, timeouts, ms, text, ...tail) => {
    const { wait, expired } = reached(phase, timeouts)
    wait(ms - 1)
    expect(expired).toEqual([])
    wait(1)
    const [option, limit] = Object.entries(timeouts)[0] as [string, number]
    expect(expired).toHaveLength(1)
    expect(expired[0]).toMatchObject({ code: 'timeout', phase: option.slice(0, -2), timeoutMs: limit })
    expect(expired[0]?.message).toBe(`${text} (timeouts.${option})${tail.join('')}`)
    wait(100_000)
    expect(expired).toHaveLength(1)
    expect(vi.getTimerCount()).toBe(0)
  })

  test.each([
    ['connectMs once the headers are here', 'first', { connectMs: 100 }],
    ['firstMs once a delta is here', 'idle', { firstMs: 100 }],
    ['idleMs before the first delta', 'first', { idleMs: 100 }],
    ['silenceMs before the headers', 'connect', { silenceMs: 100 }],
    ['all of them when they are off', 'idle', {}],
  ] as const)('not %s', (_which, phase, timeouts) => {
    const { wait, expired } = reached(phase, timeouts)
    wait(1_000_000)
    expect(expired).toEqual([])
  })

  test('a clock that is off arms no timer', () => {
    reached('idle', {}).wait(5)
    expect(vi.getTimerCount()).toBe(0)
  })
})

describe('what comes', () => {
  test('extends idleMs when it is a delta', () => {
    const { receive, wait, expired } = reached('idle', { idleMs: 100 })
    for (let i = 0; i < 20; i++) receive(99)
    wait(99)
    expect(expired).toEqual([])
    wait(1)
    expect(expired).toHaveLength(1)
  })

  test.each([
    ['firstMs', 'first', { firstMs: 100 }],
    ['idleMs', 'idle', { idleMs: 100 }],
  ] as const)('does not extend %s when it is a keep-alive', (_which, phase, timeouts) => {
    const { receive, expired } = reached(phase, timeouts)
    for (let i = 0; i < 8; i++) receive(10, 'keep-alive')
    expect(expired).toEqual([])
    for (let i = 0; i < 2; i++) receive(10, 'keep-alive')
    expect(expired[0]).toMatchObject({ phase })
  })

  test('extends silenceMs even when it is a keep-alive', () => {
    const { receive, wait, expired } = reached('idle', { silenceMs: 100 })
    for (let i = 0; i < 20; i++) receive(99, 'keep-alive')
    expect(expired).toEqual([])
    wait(100)
    expect(expired[0]).toMatchObject({ phase: 'silence' })
  })

  test('does not extend totalMs', () => {
    const { receive, expired } = reached('idle', { totalMs: 1_000, idleMs: 100 })
    for (let i = 0; i < 50; i++) receive(20)
    expect(expired[0]).toMatchObject({ phase: 'total' })
  })

  test('is told with the time since the delta before it', () => {
    const { alarm, deadlines, receive, wait } = reached('first', {})
    wait(30)
    alarm.arrived()
    expect(deadlines.progressed()).toBe(0)
    receive(40, 'keep-alive')
    vi.advanceTimersByTime(500)
    alarm.resumed()
    wait(7)
    alarm.arrived()
    expect(deadlines.progressed()).toBe(47)
  })
})

describe('time in which the caller is waited for', () => {
  test('does not count', () => {
    const { alarm, receive, wait, expired } = reached('idle', {
      idleMs: 100,
      silenceMs: 100,
    })
    for (let i = 0; i < 10; i++) {
      receive(50)
      vi.advanceTimersByTime(100_000)
      alarm.resumed()
    }
    expect(expired).toEqual([])
    wait(99)
    expect(expired).toEqual([])
    wait(1)
    expect(expired).toHaveLength(1)
  })

  test('is known as such', () => {
    const { alarm, wait } = clocks({})
    expect(alarm.isWaiting).toBe(false)
    wait(1)
    expect(alarm.isWaiting).toBe(true)
    alarm.arrived()
    expect(alarm.isWaiting).toBe(false)
  })

  test('is taken from totalMs, which runs by the wall', () => {
    const { pause, receive } = clocks({ totalMs: 1_000 })
    receive(300)
    vi.advanceTimersByTime(500)
    expect(pause.remainingMs).toBe(200)
    expect(clocks({}).pause.remainingMs).toBe(Number.POSITIVE_INFINITY)
  })

  test('ends by totalMs, whose error names who was waited for', () => {
    const { alarm, receive, expired } = reached('idle', { totalMs: 1_000, idleMs: 100 })
    receive(50)
    alarm.hold()
    vi.advanceTimersByTime(919)
    expect(expired).toEqual([])
    vi.advanceTimersByTime(1)
    expect(expired.map(({ message }) => message)).toEqual([
      'Not finished after 1000 ms (timeouts.totalMs): waiting for onChunk',
    ])
    expect(vi.getTimerCount()).toBe(0)
  })

  test.each([
    ['before the timer was set for it', 0],
    ['after it was', 5],
  ])('is told as a stall of the reader, and again: %s', (_when, ms) => {
    const { alarm, wait, receive, stalls, expired } = reached('idle', { idleMs: 1_000 }, 100)
    if (ms > 0) receive(ms)
    else alarm.arrived()
    alarm.hold()
    vi.advanceTimersByTime(99)
    expect(stalls).toEqual([])
    vi.advanceTimersByTime(201)
    const told = { phase: 'reader', by: 'onChunk' }
    expect(stalls).toEqual([100, 200, 300].map((silentMs) => ({ ...told, silentMs })))
    alarm.resumed()
    wait(99)
    expect(stalls).toHaveLength(3)
    wait(1)
    expect(stalls.at(-1)).toMatchObject({ phase: 'idle' })
    expect(expired).toEqual([])
  })

  test('brings the clocks of the network back when it is over', () => {
    const { alarm, receive, wait, expired } = reached('idle', { idleMs: 100, totalMs: 10_000 })
    receive(10, 'headers')
    alarm.hold()
    vi.advanceTimersByTime(5_000)
    alarm.resumed()
    receive(10)
    wait(99)
    expect(expired).toEqual([])
    wait(1)
    expect(expired).toMatchObject([{ phase: 'idle' }])
  })
})

describe('timers', () => {
  test('are never more than one, and few for 10,000 waits', () => {
    const armed = vi.spyOn(globalThis, 'setTimeout')
    const { receive, expired } = reached('idle', interactive, 15_000)
    for (let i = 0; i < 10_000; i++) receive(10)
    expect(expired).toEqual([])
    // 100 s of waiting: one for each phase, and one each time the old one came too early.
    expect(armed.mock.calls.length).toBeLessThan(15)
  })

  test('are set anew where a phase brings a nearer deadline', () => {
    const { receive, wait, expired } = clocks({ connectMs: 1_000, firstMs: 1_000, idleMs: 50 })
    receive(10, 'headers')
    receive(10)
    wait(50)
    expect(expired[0]).toMatchObject({ phase: 'idle' })
  })

  test('are gone after rest', () => {
    const { alarm, wait } = clocks({ connectMs: 1_000 })
    wait(10)
    expect(vi.getTimerCount()).toBe(1)
    alarm.rest()
    expect(vi.getTimerCount()).toBe(0)
    expect(alarm.isWaiting).toBe(false)
  })

  test('outlast the longest delay an engine knows', () => {
    const { begin, wait, expired } = clocks({ connectMs: MAX_TIMER_MS, growth: 2 })
    begin(2)
    wait(MAX_TIMER_MS)
    expect(expired).toEqual([])
    wait(MAX_TIMER_MS)
    expect(expired).toHaveLength(1)
  })
})

describe('a further attempt', () => {
  test.each([
    ['connect', { connectMs: 100 }, 400],
    ['first', { firstMs: 100 }, 390],
    ['idle', { idleMs: 100 }, 400],
    ['first', { silenceMs: 100 }, 100],
  ] as const)('in phase %s with %o and growth 2 has %i ms at the third', (phase, timeouts, ms) => {
    const { begin, receive, wait, expired } = clocks({ ...timeouts, growth: 2 })
    begin(3)
    if (phase !== 'connect') receive(10, 'headers')
    if (phase === 'idle') receive(20)
    wait(ms - 1)
    expect(expired).toEqual([])
    wait(1)
    expect(expired[0]?.timeoutMs).toBe(Object.values(timeouts)[0] === ms ? ms : 400)
  })

  test.each([0, 1])('has the same time with growth %i', (growth) => {
    const { begin, wait, expired } = clocks({ connectMs: 100, growth })
    begin(5)
    wait(100)
    expect(expired[0]?.timeoutMs).toBe(100)
  })

  test('shares totalMs with those before it and the waits between them', async () => {
    const { alarm, pause, begin, wait, expired } = clocks({ totalMs: 100, growth: 9 })
    wait(30)
    alarm.rest()
    const due = pause.backoff(20)
    vi.advanceTimersByTime(20)
    await due
    alarm.arrived()
    expect(pause.remainingMs).toBe(50)
    begin(2)
    wait(49)
    expect(expired).toEqual([])
    wait(1)
    expect(expired[0]).toMatchObject({ phase: 'total', timeoutMs: 100 })
  })
})

test('a wait is the promise it was given', () => {
  const promise = Promise.resolve(1)
  expect(clocks({ connectMs: 5 }).alarm.waiting(promise)).toBe(promise)
})
