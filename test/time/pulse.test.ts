/** `silenceMs: 'auto'`: how long nothing may come is learnt from a server's signs of life, on fake time. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { clocks } from '../support/clocks.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

/** A stream with a delta, and what comes after it: a sign of life, or a delta, each after so many ms. */
function heard(...all: readonly (readonly [ms: number, sign?: string])[]) {
  const reply = clocks({ silenceMs: 'auto' })
  reply.receive(10, 'headers')
  reply.receive(20)
  for (const [ms, sign] of all) {
    reply.receive(ms, sign === undefined ? 'delta' : 'keep-alive')
    if (sign !== undefined) reply.deadlines.alive(sign)
  }
  return reply
}

/** After how much silence the attempt ends, in ms; `undefined`: it does not. */
function ends({ wait, expired }: ReturnType<typeof heard>): number | undefined {
  for (let ms = 500; ms <= 120_000; ms += 500) {
    wait(500)
    if (expired.length > 0) return ms
  }
  return undefined
}

describe('a silence', () => {
  test.each([
    [
      'three times as long as the time between two signs',
      [
        [0, 'hb'],
        [5_000, 'hb'],
      ],
      15_000,
    ],
    [
      'six seconds where they come fast',
      [
        [0, 'hb'],
        [2_500, 'hb'],
      ],
      7_500,
    ],
    [
      'six seconds at the least',
      [
        [0, 'hb'],
        [500, 'hb'],
        [500, 'hb'],
        [500, 'hb'],
        [500, 'hb'],
      ],
      6_000,
    ],
    [
      'a minute at the most',
      [
        [0, 'hb'],
        [45_000, 'hb'],
      ],
      60_000,
    ],
    [
      'three times the longest of several',
      [
        [0, 'hb'],
        [9_000, 'hb'],
        [3_000, 'hb'],
      ],
      27_000,
    ],
    ['counted from the last byte, also of a delta', [[0, 'hb'], [5_000, 'hb'], [4_000]], 15_000],
    [
      'the same where the signs have the time in them',
      [
        [0, 'ping 10:00:01'],
        [5_000, 'ping 10:00:16'],
      ],
      15_000,
    ],
    [
      'the same for empty ones',
      [
        [0, ''],
        [5_000, ''],
      ],
      15_000,
    ],
    ['also learnt while deltas come', [[0, 'hb'], [1_000], [4_000, 'hb'], [1_000]], 15_000],
  ] as const)('ends the attempt: %s', (_what, all, ms) => {
    const reply = heard(...all)
    expect(ends(reply)).toBe(ms)
    expect(reply.expired).toMatchObject([{ code: 'timeout', phase: 'silence', timeoutMs: ms }])
    expect(reply.expired[0]?.message).toBe(`Not a byte for ${ms} ms (timeouts.silenceMs)`)
  })

  test.each([
    ['no sign has come', []],
    ['only one has', [[5_000, 'hb']]],
    [
      'a greeting and a notice have',
      [
        [0, 'ok'],
        [3_000, 'working on it'],
      ],
    ],
    [
      'two have come at once, as from a proxy that held them',
      [
        [0, 'hb'],
        [1, 'hb'],
      ],
    ],
    ['the signs stop while the answer flows', [[0, 'hb'], [2_000, 'hb'], [4_000], [4_000]]],
  ] as const)('means nothing where %s', (_what, all) => {
    expect(ends(heard(...all))).toBeUndefined()
  })

  test('ends the attempt though the timer had been set for a later clock', () => {
    const reply = clocks({ silenceMs: 'auto', idleMs: 100_000 })
    reply.receive(10, 'headers')
    reply.receive(20)
    for (const ms of [0, 5_000]) {
      reply.receive(ms, 'keep-alive')
      reply.deadlines.alive('hb')
    }
    expect(ends(reply)).toBe(15_000)
  })

  test('means something again once the signs have come back', () => {
    const gone = [[0, 'hb'], [2_000, 'hb'], [4_000], [4_000]] as const
    expect(ends(heard(...gone, [1_000, 'hb'], [5_000, 'hb']))).toBe(27_000)
  })

  test('means nothing in the next attempt, until that has shown its own', () => {
    const reply = heard([0, 'hb'], [5_000, 'hb'])
    reply.begin(2)
    reply.receive(10, 'headers')
    expect(ends(reply)).toBeUndefined()
  })

  test('is not taken for a long one because the caller was waited for', () => {
    const reply = heard([0, 'hb'])
    vi.advanceTimersByTime(7_000)
    reply.alarm.resumed()
    reply.receive(0, 'keep-alive')
    reply.deadlines.alive('hb')
    expect(ends(reply)).toBe(21_000)
  })

  test('is a number where one is given, and switched off by 0', () => {
    for (const [silenceMs, limit] of [
      [500, 500],
      [0, undefined],
    ] as const) {
      const reply = clocks({ silenceMs })
      reply.receive(10, 'headers')
      for (let n = 0; n < 3; n++) {
        reply.receive(400, 'keep-alive')
        reply.deadlines.alive('hb')
      }
      expect(ends(reply)).toBe(limit)
    }
  })
})
