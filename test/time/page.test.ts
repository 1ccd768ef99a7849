// @vitest-environment happy-dom
/** Deadlines in a page that is hidden, frozen, asleep or offline, on fake time. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { clocks, reached } from '../support/clocks.ts'
import { page } from '../support/page.ts'

const GRACE_MS = 8_000

beforeEach(() => {
  vi.useFakeTimers()
  page.reset()
})
afterEach(() => {
  page.reset()
  vi.useRealTimers()
})

describe('a deadline that fires late', () => {
  test('passes once more, 8 s later, and then counts', () => {
    const { wait, expired } = reached('idle', { idleMs: 300_000 })
    wait(100_000)
    page.freeze(600_000)
    wait(200_000 + GRACE_MS - 1)
    expect(expired).toEqual([])
    wait(1)
    expect(expired).toMatchObject([{ phase: 'idle', timeoutMs: 300_000 }])
    expect(vi.getTimerCount()).toBe(0)
  })

  test('is forgotten when the bytes that had queued up bring a delta', () => {
    const { wait, receive, expired } = reached('idle', { idleMs: 300_000 })
    wait(299_000)
    page.freeze(600_000)
    wait(1_000)
    receive(10)
    wait(299_999)
    expect(expired).toEqual([])
    wait(1)
    expect(expired).toHaveLength(1)
  })

  test('waits no longer than idleMs', () => {
    const { wait, expired } = reached('idle', { idleMs: 2_000 })
    wait(1_000)
    page.freeze(600_000)
    wait(1_000 + 1_999)
    expect(expired).toEqual([])
    wait(1)
    expect(expired).toHaveLength(1)
  })

  test.each([
    ['more than a fifth of its time', 100_000, 20_001, 1],
    ['a fifth of its time', 100_000, 20_000, 0],
    ['more than 5 s', 10_000, 5_001, 1],
    ['5 s', 10_000, 5_000, 0],
  ])('by %s', (_late, idleMs, lateMs, graces) => {
    const { wait, expired } = reached('idle', { idleMs })
    wait(1)
    page.freeze(lateMs)
    // Beyond the turn that queued bytes always have.
    wait(idleMs + 100)
    expect(expired).toHaveLength(1 - graces)
    wait(GRACE_MS)
    expect(expired).toHaveLength(1)
  })

  test.each([
    ['connect', 'connect', { connectMs: 10_000 }],
    ['first', 'first', { firstMs: 10_000 }],
    ['silence', 'idle', { silenceMs: 10_000 }],
    ['total', 'idle', { totalMs: 10_000 }],
  ] as const)('is given grace whatever it measures: %s', (phase, at, timeouts) => {
    const { wait, expired } = reached(at, timeouts)
    wait(1)
    page.freeze(600_000)
    wait(9_900 + GRACE_MS)
    expect(expired).toEqual([])
    wait(100)
    expect(expired).toMatchObject([{ phase }])
  })
})

describe('in a hidden page', () => {
  test('a deadline gets one grace and no other', () => {
    const { wait, expired } = reached('idle', { idleMs: 60_000 })
    page.hide()
    wait(60_000 + GRACE_MS - 1)
    expect(expired).toEqual([])
    wait(1)
    expect(expired).toHaveLength(1)
  })

  test('slow timers do not add a second grace to it', () => {
    const { wait, expired } = reached('idle', { idleMs: 60_000 })
    page.hide()
    wait(60_000)
    page.freeze(52_000)
    wait(GRACE_MS + 20)
    expect(expired).toHaveLength(1)
  })

  test('totalMs gets one grace, however much still comes', () => {
    const { wait, receive, expired } = reached('idle', { totalMs: 60_000 })
    page.hide()
    wait(60_000 - 30)
    for (let i = 0; i < 8; i++) receive(990)
    expect(expired).toEqual([])
    receive(100)
    expect(expired).toHaveLength(1)
  })

  test('the next attempt gets a grace of its own', () => {
    const { alarm, wait, begin, expired } = reached('connect', { connectMs: 1_000, idleMs: 1_000 })
    page.hide()
    wait(2_000)
    expect(expired).toHaveLength(1)
    alarm.rest()
    begin(2)
    wait(1_999)
    expect(expired).toHaveLength(1)
    wait(1)
    expect(expired).toHaveLength(2)
  })

  test('a stream is never closed for being hidden', () => {
    const { wait, receive, expired } = reached('idle', { idleMs: 60_000 })
    page.hide()
    for (let i = 0; i < 50; i++) receive(50_000)
    page.show()
    wait(50_000)
    expect(expired).toEqual([])
  })
})

describe('in a page that is visible again', () => {
  test('a deadline gets grace if part of its time was hidden', () => {
    const { wait, expired } = reached('idle', { idleMs: 60_000 })
    wait(10_000)
    page.hide()
    wait(10_000)
    page.show()
    wait(40_000)
    expect(expired).toEqual([])
    wait(GRACE_MS)
    expect(expired).toHaveLength(1)
  })

  test('a deadline gets none if all of its time was visible', () => {
    const { wait, receive, expired } = reached('idle', { idleMs: 60_000 })
    page.hide()
    wait(10_000)
    page.show()
    receive(10)
    wait(60_000)
    expect(expired).toHaveLength(1)
  })
})

describe('a machine that slept, with its monotonic clock', () => {
  test.each(['visibilitychange', 'resume', 'pageshow', 'online'] as const)(
    'gives an overdue stream 8 s from waking: %s',
    (event) => {
      const { wait, expired } = reached('idle', { idleMs: 300_000 })
      wait(10_000)
      page.sleep(600_000)
      page.tell(event)
      wait(GRACE_MS - 1)
      expect(expired).toEqual([])
      wait(1)
      expect(expired).toMatchObject([{ phase: 'idle' }])
    },
  )

  test('lets a stream go on that comes to life', () => {
    const { wait, receive, expired } = reached('idle', { idleMs: 300_000 })
    wait(10_000)
    page.sleep(600_000)
    page.tell('pageshow')
    receive(7_000)
    wait(299_999)
    expect(expired).toEqual([])
  })

  test('counts the sleep as waiting where the stream is not overdue yet', () => {
    const { wait, expired, stalls } = reached('idle', { idleMs: 300_000 }, 15_000)
    wait(10_000)
    page.sleep(200_000)
    page.tell('online')
    wait(89_999)
    expect(expired).toEqual([])
    expect(stalls[0]).toEqual({ phase: 'idle', silentMs: 210_001 })
    wait(1)
    expect(expired).toHaveLength(1)
  })

  test('begins the grace anew each time it wakes', () => {
    const { wait, expired } = reached('idle', { idleMs: 300_000 })
    wait(10_000)
    page.sleep(600_000)
    page.tell('pageshow')
    wait(GRACE_MS - 1)
    page.sleep(600_000)
    page.tell('pageshow')
    wait(GRACE_MS - 1)
    expect(expired).toEqual([])
    wait(1)
    expect(expired).toHaveLength(1)
  })

  test('is not mistaken for a clock that was set right by a few seconds', () => {
    const { wait, expired } = reached('idle', { idleMs: 10_000 })
    wait(5_000)
    page.sleep(4_900)
    page.tell('online')
    wait(4_999)
    expect(expired).toEqual([])
    wait(1)
    expect(expired).toHaveLength(1)
  })

  test('while the caller was busy with what had come, did not keep the network waiting', () => {
    const { alarm, wait, expired } = reached('idle', { idleMs: 300_000 })
    page.sleep(600_000)
    page.tell('pageshow')
    expect(vi.getTimerCount()).toBe(0)
    alarm.resumed()
    wait(299_999)
    expect(expired).toEqual([])
  })
})

/** An attempt has failed after 300 ms, and the next is due in a second. */
function backoff(timeouts: Parameters<typeof clocks>[0], stallMs = 0, meanwhile: () => void = () => {}) {
  const reply = clocks({ firstMs: 60_000, ...timeouts }, stallMs)
  reply.wait(300)
  meanwhile()
  reply.alarm.rest()
  const due = vi.fn()
  void reply.pause.backoff(1_000).then(due)
  return { ...reply, due, pass: (ms: number) => vi.advanceTimersByTimeAsync(ms) }
}

describe('in a page that is being left', () => {
  const leave = () => page.tell('beforeunload')

  test('a retry waits 8 s, in case the link was a download', async () => {
    const { alarm, due, pass } = backoff({}, 0, leave)
    await pass(GRACE_MS - 1)
    expect(due).not.toHaveBeenCalled()
    await pass(1)
    expect(due).toHaveBeenCalledOnce()
    alarm.rest()
    expect(vi.getTimerCount()).toBe(0)
  })

  test('a retry that is waited for already waits as long', async () => {
    const { due, pass } = backoff({})
    await pass(900)
    leave()
    await pass(GRACE_MS - 1)
    expect(due).not.toHaveBeenCalled()
    await pass(1)
    expect(due).toHaveBeenCalledOnce()
  })

  test('a retry comes at its time when the page is back from the cache', async () => {
    const { due, pass } = backoff({}, 0, leave)
    await pass(100)
    page.tell('pagehide')
    await pass(100)
    page.tell('pageshow')
    await pass(799)
    expect(due).not.toHaveBeenCalled()
    await pass(1)
    expect(due).toHaveBeenCalledOnce()
  })

  test('a retry is not held when that was long ago', async () => {
    const { due, pass } = backoff({}, 0, () => {
      leave()
      vi.advanceTimersByTime(GRACE_MS)
    })
    await pass(1_000)
    expect(due).toHaveBeenCalledOnce()
  })

  test('totalMs goes on', async () => {
    const { due, pass, expired } = backoff({ totalMs: 5_000 }, 0, leave)
    await pass(4_699)
    expect(expired).toEqual([])
    await pass(1)
    expect(expired).toMatchObject([{ phase: 'total' }])
    expect(due).not.toHaveBeenCalled()
  })

  test('a stream is not touched', () => {
    const { wait, receive, expired } = reached('idle', { idleMs: 60_000 })
    leave()
    wait(30_000)
    receive(10)
    wait(59_999)
    expect(expired).toEqual([])
    wait(1)
    expect(expired).toHaveLength(1)
  })
})

describe('without a network', () => {
  test('a retry waits for it', async () => {
    page.goOffline()
    const { alarm, due, pass } = backoff({})
    await pass(30_000)
    expect(due).not.toHaveBeenCalled()
    page.show()
    await pass(1)
    expect(due).not.toHaveBeenCalled()
    page.goOnline()
    await pass(0)
    expect(due).toHaveBeenCalledOnce()
    alarm.rest()
    expect(vi.getTimerCount()).toBe(0)
  })

  test('a retry does not come early because the network is back', async () => {
    page.goOffline()
    const { due, pass } = backoff({})
    await pass(500)
    page.goOnline()
    await pass(499)
    expect(due).not.toHaveBeenCalled()
    await pass(1)
    expect(due).toHaveBeenCalledOnce()
  })

  test('a retry is tried all the same after firstMs, because the browser may be mistaken', async () => {
    page.goOffline()
    const { due, pass } = backoff({ firstMs: 60_000 })
    await pass(60_999)
    expect(due).not.toHaveBeenCalled()
    await pass(1)
    expect(due).toHaveBeenCalledOnce()
  })

  test('totalMs goes on', async () => {
    page.goOffline()
    const { due, pass, expired } = backoff({ totalMs: 20_000 })
    await pass(19_699)
    expect(expired).toEqual([])
    // The events by which the page went offline are part of the wait, so the grace is too.
    await pass(1 + GRACE_MS)
    expect(expired).toMatchObject([{ phase: 'total' }])
    expect(due).not.toHaveBeenCalled()
  })

  test('whoever waits is told', async () => {
    page.goOffline()
    const { pass, stalls } = backoff({}, 15_000)
    await pass(1_000 + 15_000 - 1)
    expect(stalls).toEqual([])
    await pass(1 + 15_000)
    expect(stalls).toEqual([
      { phase: 'offline', silentMs: 15_000 },
      { phase: 'offline', silentMs: 30_000 },
    ])
  })

  test('a stream is not touched', () => {
    const { wait, receive, expired } = reached('idle', { idleMs: 60_000 })
    page.goOffline()
    wait(30_000)
    receive(10)
    wait(59_000)
    expect(expired).toEqual([])
  })
})

test('nobody listens to the page any more after the reply', () => {
  const added = [vi.spyOn(document, 'addEventListener'), vi.spyOn(globalThis, 'addEventListener')]
  const removed = [vi.spyOn(document, 'removeEventListener'), vi.spyOn(globalThis, 'removeEventListener')]
  const { alarm, begin } = reached('idle', { idleMs: 60_000 })
  alarm.rest()
  begin(2)
  alarm.rest()
  const calls = (spies: typeof added | typeof removed) =>
    spies.flatMap(({ mock }) => mock.calls.map(([name, listener]) => [name, listener]))
  expect(calls(added)).toHaveLength(16)
  expect(calls(removed)).toEqual(calls(added))
})
