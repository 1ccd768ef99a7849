/** What the clocks do besides ending an attempt: they tell of a stall, close a whole answer and wait. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { interactive, patient } from '../../src/time/timeouts.ts'
import { clocks, reached } from '../support/clocks.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

describe('a stall', () => {
  test.each([
    ['connect', 15_000],
    ['first', 14_990],
    ['idle', 15_000],
  ] as const)('in phase %s is told after stallMs, and again, and aborts nothing', (phase, ms) => {
    const { wait, stalls, expired } = reached(phase, {}, 15_000)
    wait(ms - 1)
    expect(stalls).toEqual([])
    wait(1)
    expect(stalls).toEqual([{ phase, silentMs: 15_000 }])
    wait(30_000)
    expect(stalls.map((stall) => stall.silentMs)).toEqual([15_000, 30_000, 45_000])
    expect(expired).toEqual([])
  })

  test('is put off by a delta', () => {
    const { receive, wait, stalls } = reached('idle', {}, 100)
    for (let i = 0; i < 9; i++) receive(99)
    expect(stalls).toEqual([])
    wait(100)
    expect(stalls).toEqual([{ phase: 'idle', silentMs: 100 }])
  })

  test('is not put off by a keep-alive', () => {
    const { receive, stalls } = reached('idle', {}, 100)
    for (let i = 0; i < 10; i++) receive(10, 'keep-alive')
    expect(stalls).toEqual([{ phase: 'idle', silentMs: 100 }])
  })

  test('does not delay the clock that ends the attempt', () => {
    const { wait, stalls, expired } = reached('idle', { idleMs: 250 }, 100)
    wait(250)
    expect(stalls).toHaveLength(2)
    expect(expired).toHaveLength(1)
  })

  test('is not told when it is switched off', () => {
    const { wait, stalls } = reached('idle', {}, 0)
    wait(1_000_000)
    expect(stalls).toEqual([])
  })
})

describe('an answer that is whole', () => {
  test.each([
    ['5 s', { idleMs: 300_000 }, 5_000],
    ['5 s where idleMs is off', {}, 5_000],
    ['idleMs where that is less', { idleMs: 100 }, 100],
    ['what is left of totalMs', { totalMs: 1_030 }, 1_000],
  ] as const)('is given %s to end the stream', (_time, timeouts, ms) => {
    const { receive, wait, expired, stalls } = reached('idle', timeouts, 50)
    receive(0, 'finish')
    wait(ms - 1)
    expect(expired).toEqual([])
    wait(1)
    expect(expired).toHaveLength(1)
    expect(stalls).toEqual([])
  })

  test('has this time from its end on, however long its last word was in coming', () => {
    const { receive, wait, expired } = reached('idle', { idleMs: 300_000 })
    receive(60_000, 'finish')
    wait(4_999)
    expect(expired).toEqual([])
    wait(1)
    expect(expired).toHaveLength(1)
  })

  test('has no more of it when usage or keep-alives follow', () => {
    const { alarm, receive, wait, expired } = reached('idle', { idleMs: 300_000 })
    receive(0, 'finish')
    for (let i = 0; i < 4; i++) receive(1_000, i % 2 ? 'keep-alive' : 'finish')
    wait(999)
    expect(expired).toEqual([])
    wait(1)
    expect(expired).toHaveLength(1)
    alarm.rest()
    expect(vi.getTimerCount()).toBe(0)
  })
})

describe('a timer that was held up', () => {
  /** Something blocks the engine: time goes by, but no timer fires. */
  function block(ms: number): void {
    const unblocked = performance.now.bind(performance)
    vi.spyOn(performance, 'now').mockImplementation(() => unblocked() + ms)
  }

  test('lets bytes that are in line be read before the verdict', () => {
    const { receive, wait, expired } = reached('idle', { idleMs: 100 })
    wait(50)
    block(1_000)
    wait(50)
    receive(19)
    wait(99)
    expect(expired).toEqual([])
    wait(1)
    expect(expired).toHaveLength(1)
  })

  test('does not let a server off that sent nothing', () => {
    const { wait, expired } = reached('idle', { idleMs: 100 })
    wait(50)
    block(1_000)
    wait(69)
    expect(expired).toEqual([])
    wait(1)
    expect(expired).toHaveLength(1)
  })

  test('is a verdict at once where it was hardly late', () => {
    const { wait, expired } = reached('idle', { idleMs: 100 })
    wait(50)
    block(90)
    wait(50)
    expect(expired).toHaveLength(1)
  })
})

describe('a backoff', () => {
  test.each([0, 1, 500])('of %d ms ends when it should', async (ms) => {
    const { pause, expired, stalls } = clocks({ idleMs: 1, firstMs: 1, connectMs: 1 }, 1)
    let isOver = false
    const due = pause.backoff(ms).then(() => {
      isOver = true
    })
    await vi.advanceTimersByTimeAsync(Math.max(1, ms) - 1)
    expect(isOver).toBe(false)
    await vi.advanceTimersByTimeAsync(1)
    await due
    expect([expired, stalls, vi.getTimerCount()]).toEqual([[], [], 0])
  })

  test('that is given up leaves no timer', () => {
    const { alarm, pause } = clocks({})
    void pause.backoff(500)
    expect(vi.getTimerCount()).toBe(1)
    alarm.rest()
    expect(vi.getTimerCount()).toBe(0)
  })
})

test('the presets are those the documentation names', () => {
  const common = { silenceMs: 'auto' }
  expect(patient).toEqual({
    ...common,
    connectMs: 300_000,
    firstMs: 600_000,
    idleMs: 300_000,
    totalMs: 0,
    growth: 1,
  })
  expect(interactive).toEqual({
    ...common,
    connectMs: 10_000,
    firstMs: 60_000,
    idleMs: 60_000,
    totalMs: 120_000,
    growth: 2,
  })
})
