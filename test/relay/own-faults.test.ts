/** Functions and stores of the house that fail: no answer suffers from it, nor does the process. */
import { afterEach, beforeEach, describe, expect, type MockInstance, test, vi } from 'vitest'
import { memoryStore, type RelayOptions } from '../../src/relay/index.ts'
import type { NewAnswer, Store } from '../../src/relay/store.ts'
import { answerIn, QUESTION, startRelay } from '../support/relay.ts'

const hello = (turn: { say(...words: string[]): { finish(): void } }) => turn.say('Hello').finish()
const WHOLE = { text: 'Hello', end: 'done', state: 'done' }
const fails = (): never => {
  throw new Error('own')
}
const rejects = (): Promise<never> => Promise.reject(new Error('own'))
const failing = (methods: Partial<Store>): Store => Object.assign(memoryStore(), methods)

describe('what the house does beside an answer', () => {
  let told: MockInstance
  beforeEach(() => {
    told = vi.spyOn(console, 'error').mockImplementation(() => {})
  })
  afterEach(() => told.mockRestore())

  test.each([
    ['onAnswer', { onAnswer: fails }],
    ['onAnswer, later', { onAnswer: rejects }],
    ['onWarning', { onWarning: fails, store: failing({ open: rejects }) }],
    ['onWarning, later', { onWarning: rejects, store: failing({ open: rejects }) }],
    ['waitUntil', { waitUntil: fails }],
    ['waitUntil, later', { waitUntil: rejects as never }],
  ] as [string, Partial<RelayOptions>][])('is told when it fails: %s', async (_name, options) => {
    const { ask } = await startRelay({ script: hello, ...options })
    expect(answerIn(await (await ask()).text())).toEqual(WHOLE)
    await expect.poll(() => told.mock.calls).toEqual([['holdfast/relay:', new Error('own')]])
  })

  test('is told when it fails: a platform’s waitUntil', async () => {
    const { relay } = await startRelay({ script: hello })
    const request = new Request('http://relay.test/', { method: 'POST', body: JSON.stringify(QUESTION) })
    expect(answerIn(await (await relay.fetch(request, { waitUntil: fails })).text())).toEqual(WHOLE)
    expect(told).toHaveBeenCalledTimes(1)
  })
})

describe('a store that throws before it returns a promise', () => {
  test('when it is told that an answer is alive', async () => {
    const renew = vi.fn(fails)
    const { ask, model } = await startRelay({ leaseMs: 100, store: failing({ renew }) })
    const asked = await ask()
    await expect.poll(() => renew.mock.calls.length).toBeGreaterThan(1)
    hello(await model.turn(0))
    expect(answerIn(await asked.text())).toEqual(WHOLE)
  })

  test('when it is asked who reads: then somebody may', async () => {
    const isRead = vi.fn(fails)
    const { ask, at, model } = await startRelay({ abandonMs: 1, store: failing({ isRead }) })
    const asked = await ask()
    const turn = await model.turn(0)
    await asked.body?.cancel()
    await expect.poll(() => isRead.mock.calls.length).toBeGreaterThan(1)
    const again = await fetch(at(asked))
    hello(turn)
    expect(answerIn(await again.text())).toEqual(WHOLE)
  })
})

test('what is forgotten while the store is away is stopped, and said to be there still', async () => {
  const store = failing({ append: rejects, end: rejects })
  const { ask, at, model } = await startRelay({ store, onWarning() {} })
  const asked = await ask()
  const turn = (await model.turn(0)).say('Hel')
  const forgotten = await fetch(`${at(asked)}?forget`, { method: 'DELETE' })
  expect([forgotten.status, (await forgotten.json()).error.code]).toEqual([503, 'store_away'])
  await turn.closed
  expect(answerIn(await asked.text()).state).toBe('stopped')
})

test('an answer that failed while the store was away does not take its key from the one that was asked for after it', async () => {
  let isAway = true
  const ids: string[] = []
  const inner = memoryStore()
  const opened = new Set<string>()
  const { open, end } = Object.getPrototypeOf(inner) as Store
  const store = Object.assign(inner, {
    open(answer: NewAnswer) {
      if (isAway || (opened.size === 0 && answer.id !== ids[0])) return rejects()
      opened.add(answer.id)
      return open.call(inner, answer)
    },
    // The one that failed is there first, and both are before either has ended.
    end: (...ending: Parameters<Store['end']>) => (opened.size < 2 ? rejects() : end.apply(inner, ending)),
  })
  const { ask, model } = await startRelay({ store, onWarning() {} })
  const headers = { 'idempotency-key': 'k'.repeat(22) }
  const failed = await ask({ headers })
  ;(await model.turn(0)).refuse(400, {})
  expect(answerIn(await failed.text()).state).toBe('error')
  const asked = await ask({ headers })
  const turn = (await model.turn(1)).say('Hel')
  for (const each of [failed, asked]) ids.push(each.headers.get('content-location')?.split('/').at(-1) ?? '')
  isAway = false
  const states = async () => (await Promise.all(ids.map((id) => store.look(id)))).map((each) => each?.state)
  await expect.poll(states, { timeout: 4000 }).toEqual(['error', 'running'])
  const joined = await ask({ headers })
  turn.say('lo').finish()
  expect(answerIn(await joined.text())).toEqual(WHOLE)
  await expect.poll(states).toEqual(['error', 'done'])
  expect(answerIn(await (await ask({ headers })).text())).toEqual(WHOLE)
  expect(model.turns.length).toBe(2)
})

test('a refusal that is no response of a server is handed on as it is, also to another origin', async () => {
  const { relay } = await startRelay({
    authorize: () => Response.error(),
    origins: ['https://app.example.com'],
  })
  const headers = { origin: 'https://app.example.com' }
  const asked = await relay.fetch(
    new Request('http://relay.test/', { method: 'POST', headers, body: JSON.stringify(QUESTION) }),
  )
  expect(asked.type).toBe('error')
})

test.each([Number.NaN, -1, '5' as never])(
  'to drain for %s ms is refused, and nothing is lost',
  async (graceMs) => {
    const { relay, ask, model } = await startRelay({})
    const asked = await ask()
    await expect(relay.drain({ graceMs })).rejects.toThrow(/graceMs must be a number/)
    hello(await model.turn(0))
    expect(answerIn(await asked.text())).toEqual(WHOLE)
  },
)
