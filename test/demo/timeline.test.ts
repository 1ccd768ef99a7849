import { describe, expect, test } from 'vitest'
import { markNear, marksOf, summaryOf } from '../../demo/page/marks.js'
import { axisStep, geometry, pathsOf, spanFor } from '../../demo/page/paths.js'
import { Record as Course } from '../../demo/page/record.js'
import { type StreamOptions, stream } from '../../src/index.ts'
import { scriptedFetch } from '../../src/testing/index.ts'

/** A record and a clock that goes when it is told to. */
function recorded(start?: ConstructorParameters<typeof Course>[1]) {
  let time = 5000
  const record = new Course(() => time, start)
  const { onOpen, onDelta, onKeepAlive, onStall, onRetry } = record.callbacks as Required<StreamOptions>
  const later = (ms: number, happens: () => unknown) => {
    time += ms
    void happens()
  }
  return {
    record,
    later,
    open: () => onOpen?.({ attempt: record.row.attempt, status: 200, headers: new Headers() }),
    token: () => onDelta?.({ type: 'text', text: 'x' }, {} as never),
    alive: () => onKeepAlive?.({ text: '' }),
    stall: (silentMs: number) => onStall?.({ phase: 'idle', silentMs }),
    retry: (action: 'retry' | 'resume', delayMs: number) =>
      onRetry?.({
        ...{ attempt: record.row.attempt + 1, action, delayMs, url: '', reason: 'the connection broke' },
        error: { code: 'network', message: 'It broke' } as never,
      }),
  }
}

const words = (record: Course) => marksOf(record).map((mark) => mark.words)

describe('what is recorded', () => {
  test('one attempt: connected, the tokens, the end, in ms since the question', () => {
    const { record, later, open, token } = recorded()
    later(20, open)
    for (const ms of [300, 40, 40]) later(ms, token)
    later(10, () => record.end(undefined, 'whole'))
    expect(record.row).toMatchObject({
      ...{ startMs: 0, openMs: 20, ticks: [320, 360, 400], endMs: 410 },
      ...{ outcome: 'whole', silences: [] },
    })
  })

  test('a gap between tokens that is longer than models pause, and no other', () => {
    const { record, later, open, token } = recorded()
    later(0, open)
    for (const ms of [2000, 600, 800, 10]) later(ms, token)
    expect(record.row.silences).toEqual([{ fromMs: 2600, toMs: 3400, isStall: false }])
  })

  test('a stall from the last sign of life to the next, told once however often it is reported', () => {
    const { record, later, open, token, stall } = recorded()
    later(0, open)
    later(100, token)
    later(2000, () => stall(2000))
    later(2000, () => stall(4000))
    later(500, token)
    expect(record.row.silences).toEqual([{ fromMs: 100, toMs: 4600, isStall: true }])
  })

  test('attempts with the wait between them, and how each of them asks', () => {
    const { record, later, open, token, retry } = recorded()
    later(0, open)
    later(100, token)
    later(50, () => retry('resume', 400))
    expect(record.rows[0]).toMatchObject({ endMs: 150, outcome: 'network', message: 'It broke' })
    expect(record.row).toMatchObject({ mode: 'resume', startMs: 550, wait: { fromMs: 150 } })
    later(400, open)
    later(10, token)
    later(0, () => retry('retry', 0))
    expect(record.rows.map(({ mode }) => mode)).toEqual(['anew', 'resume', 'anew'])
  })

  test('an end in the middle of a wait is the end of an attempt that never began', () => {
    const { record, later, retry } = recorded()
    later(100, () => retry('retry', 900))
    later(300, () => record.end(undefined, 'stopped'))
    expect(record.row).toMatchObject({ startMs: 400, endMs: 400 })
    expect(words(record)).not.toContainEqual(expect.stringMatching(/^Attempt 2 asked/))
  })

  test('what a checkpoint held is no token that came', () => {
    const { record, later, open, token } = recorded({ mode: 'resume' })
    later(0, token)
    later(10, open)
    later(10, token)
    expect(record.row.ticks).toEqual([20])
  })

  test('an event that only repeats what is here, and the fault of somebody who pressed a button before it showed', () => {
    const { record, later, open, token, retry } = recorded()
    const { onEvent } = record.callbacks
    later(0, open)
    later(100, token)
    later(100, () => retry('retry', 100))
    record.note('fault', 'You pressed “Cut now”', 190)
    later(100, open)
    later(50, () => onEvent?.({ data: '' }, 'other'))
    later(50, token)
    later(50, () => onEvent?.({ data: '' }, 'other'))
    expect(record.rows[0]?.notes).toHaveLength(1)
    expect(record.row).toMatchObject({ repeats: [350], ticks: [400] })
  })

  test('a real reply, with the library’s own measurements at its end', async () => {
    const record = new Course(() => performance.now())
    const delta = (content: string) => ({ choices: [{ delta: { content } }] })
    const fetch = scriptedFetch(
      { events: [delta('Hel')], end: 'reset' },
      { events: [delta('Hel'), delta('lo'), '[DONE]'] },
    )
    const answer = await stream('https://example.com/', {
      ...{ fetch, json: {}, retry: { baseMs: 0 }, recovery: 'replay' },
      ...record.callbacks,
    }).answer()
    record.end(answer, 'whole')
    expect(record.rows).toMatchObject([
      { attempt: 1, outcome: 'network', status: 200, ticks: [expect.any(Number)] },
      { attempt: 2, outcome: 'whole', mode: 'anew', ticks: [expect.any(Number)] },
    ])
    expect(record.rows.map(({ startMs, endMs }) => [startMs, endMs])).toEqual(
      answer.stats.attempts.map(({ startMs, endMs }) => [startMs, endMs]),
    )
  })
})

describe('what a mark says', () => {
  function broken() {
    const made = recorded()
    const { record, later, open, token, stall, alive, retry } = made
    later(20, open)
    later(280, token)
    later(100, token)
    later(500, alive)
    later(500, alive)
    later(1000, () => stall(2000))
    later(3000, () => retry('resume', 600))
    later(0, () => record.turn('open'))
    later(600, open)
    later(100, token)
    later(10, () => record.end(undefined, 'whole'))
    return made
  }

  test('all there is, from left to right', () => {
    expect(words(broken().record)).toEqual([
      'Attempt 1 asked at 0.00 s',
      'Connected 0.02 s after asking, status 200',
      'First token 0.30 s after asking; 2 tokens until 0.40 s',
      'Stalled: nothing new from 0.40 s on, for 5.0 s',
      '2 keep-alives, the last one at 1.40 s',
      'Attempt 1 failed at 5.40 s: It broke',
      'Waited 0.60 s before attempt 2, because the connection broke',
      'The breaker turned open at 5.40 s',
      'Attempt 2, which reads on where the answer is kept, asked at 6.00 s',
      'Connected 0.00 s after asking, status 200',
      'First token 0.10 s after asking; 1 token until 6.10 s',
      'Whole at 6.11 s',
    ])
  })

  test.each([
    [0, 392, 5, 'Token 2 of attempt 1 at 0.40 s, 0.10 s after the one before'],
    [0, 3000, 5, 'Stalled: nothing new from 0.40 s on, for 5.0 s'],
    [0, 150, 5, 'Waiting for a token at 0.15 s'],
    [0, 6000, 5, 'Over at 6.00 s'],
    [1, 5700, 5, 'Waiting before the attempt at 5.70 s'],
    [1, 100, 5, 'Not begun at 0.10 s'],
    [2, 100, 5, 'The breaker is closed at 0.10 s'],
    [2, 5500, 5, 'The breaker is open at 5.50 s'],
  ])('in row %i at %i ms', (row, ms, reach, expected) => {
    const { record } = broken()
    expect(markNear(record, row, ms, reach)?.words).toBe(expected)
  })

  test('and of the whole', () => {
    expect(summaryOf(broken().record)).toBe('6.1 s · 2 attempts · 3 tokens · 1 stall · 2 keep-alives')
  })
})

describe('what is drawn', () => {
  test('20,000 tokens are one path, of no more strokes than there are columns', () => {
    const { record, later, open, token } = recorded()
    later(0, open)
    for (let at = 0; at < 20_000; at++) later(0.5, token)
    const { ticks } = pathsOf(record.row, record, (ms) => Math.round((ms / 10_000) * 800) / 2)
    expect(ticks.split('M').length).toBeLessThanOrEqual(802)
    expect(ticks.split('M').length).toBeGreaterThan(700)
  })

  test('the scale rests for a while, reaches beyond now, and fits at the end', () => {
    const { record, later, token, open } = recorded()
    later(0, open)
    const spans = Array.from({ length: 200 }, () => {
      later(1000, token)
      expect(spanFor(record)).toBeGreaterThan(record.endMs)
      return spanFor(record)
    })
    expect(new Set(spans).size).toBeLessThan(15)
    record.end(undefined, 'whole')
    expect(spanFor(record)).toBeCloseTo(206_000)
  })

  test.each([
    [5000, 400, 1000],
    [5000, 320, 1000],
    [300, 400, 100],
    [90_000, 320, 20_000],
  ])('the axis of %i ms on %i pixels counts by %i ms', (span, width, step) => {
    expect(axisStep(span, width)).toBe(step)
  })

  test('a height belongs to the row that is drawn there', () => {
    const { record, later, retry } = recorded()
    later(0, () => retry('retry', 0))
    const plain = geometry(record)
    expect([plain.rowY(0), plain.rowY(1), -5, 999].map(plain.rowAt)).toEqual([0, 1, 0, 1])
    record.turn('open')
    const { rowY, rowAt, breakerY, height } = geometry(record)
    expect([rowY(0), rowY(1), breakerY, -5, 999].map(rowAt)).toEqual([0, 1, 2, 0, 2])
    expect(height).toBeGreaterThan(plain.height)
  })
})
