/** A reply's clocks on fake time, with nothing around them. */
import { expect, onTestFinished, vi } from 'vitest'
import type { TimeoutError } from '../../src/errors/errors.ts'
import { Alarm } from '../../src/time/alarm.ts'
import { Deadlines, type Stall } from '../../src/time/deadlines.ts'
import { Pause } from '../../src/time/pause.ts'
import type { ResolvedTimeouts } from '../../src/time/timeouts.ts'

const OFF: ResolvedTimeouts = {
  connectMs: 0,
  firstMs: 0,
  idleMs: 0,
  silenceMs: 0,
  totalMs: 0,
  growth: 1,
}

export interface Clocks {
  readonly alarm: Alarm
  readonly deadlines: Deadlines
  readonly pause: Pause
  readonly expired: TimeoutError[]
  readonly stalls: Stall[]
  begin(attempt: number): void
  /** Waits for the network for `ms`, in vain. */
  wait(ms: number): void
  /** Something comes after `ms` of waiting. */
  receive(ms: number, what?: 'headers' | 'delta' | 'keep-alive' | 'finish'): void
}

export function clocks(timeouts: Partial<ResolvedTimeouts>, stallMs = 0): Clocks {
  const expired: TimeoutError[] = []
  const stalls: Stall[] = []
  const given = { ...OFF, ...timeouts }
  const alarm = new Alarm(given.idleMs)
  const expire = (error: unknown) => void expired.push(error as TimeoutError)
  const onStall = (stall: Stall) => void stalls.push(stall)
  const patience = { timeouts: given, stallMs, holder: { name: 'onChunk' }, onStall, expire }
  const deadlines = new Deadlines(alarm, patience)
  const pause = new Pause(alarm, patience)
  onTestFinished(() => alarm.rest())
  const begin = (attempt: number) => deadlines.begin(attempt, expire)
  const wait = (ms: number) => {
    if (!alarm.isWaiting) void alarm.waiting(new Promise<never>(() => {}))
    vi.advanceTimersByTime(ms)
    expect(vi.getTimerCount()).toBeLessThanOrEqual(1)
  }
  begin(1)
  return {
    ...{ alarm, deadlines, pause, expired, stalls, begin, wait },
    receive(ms, what = 'delta') {
      wait(ms)
      alarm.arrived()
      if (what === 'headers') deadlines.opened()
      if (what === 'delta') deadlines.progressed()
      if (what === 'finish') deadlines.finishing()
    },
  }
}

/** A reply that has come so far. */
export function reached(
  phase: 'connect' | 'first' | 'idle',
  timeouts: Partial<ResolvedTimeouts>,
  stallMs = 0,
) {
  const reply = clocks(timeouts, stallMs)
  if (phase !== 'connect') reply.receive(10, 'headers')
  if (phase === 'idle') reply.receive(20)
  return reply
}
