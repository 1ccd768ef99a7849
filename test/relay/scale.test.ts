/** Many at a time. */
import { describe, expect, test } from 'vitest'
import { createClient } from '../../src/index.ts'
import { createRelay } from '../../src/relay/index.ts'
import { scriptedFetch } from '../../src/testing/index.ts'
import { chunk } from '../support/model.ts'
import { answerIn, startRelay } from '../support/relay.ts'

const WORDS = Array.from({ length: 50 }, (_, at) => `w${at} `)
const body = `${WORDS.map((content) => chunk({ content })).join('')}${chunk({}, 'stop')}data: [DONE]\n\n`
const text = WORDS.join('')

describe('a thousand', { timeout: 90_000 }, () => {
  test('readers of one answer all read all of it, and leave nothing behind', async () => {
    const { ask, at, model } = await startRelay()
    const first = await ask()
    const turn = (await model.turn(0)).say(...WORDS.slice(0, 20))
    const readers = Array.from({ length: 1000 }, async (_, n) => {
      const response = await fetch(`${at(first)}?after=${n % 20}`)
      return { missed: n % 20, read: answerIn(await response.text()) }
    })
    await new Promise((resolve) => setTimeout(resolve, 50))
    turn.say(...WORDS.slice(20)).finish()
    for (const { missed, read } of await Promise.all(readers))
      expect(read).toEqual({ text: WORDS.slice(missed).join(''), end: 'done', state: 'done' })
    expect(answerIn(await first.text()).text).toBe(text)
  })

  test('answers at a time are each whole, and none of another', async () => {
    const fetch = scriptedFetch({ body, pieceBytes: 700, pieceMs: 1 })
    const relay = createRelay({ ai: createClient({ baseUrl: 'http://model.test/v1', fetch }) })
    const answers = await Promise.all(
      Array.from({ length: 1000 }, async () => {
        const request = new Request('http://relay.test/answers', { method: 'POST', body: '{"model":"m"}' })
        const response = await relay.fetch(request)
        return { id: response.headers.get('content-location'), read: answerIn(await response.text()) }
      }),
    )
    expect(new Set(answers.map(({ id }) => id)).size).toBe(1000)
    for (const { read } of answers) expect(read).toEqual({ text, end: 'done', state: 'done' })
    expect(fetch.requests.length).toBe(1000)
  })
})

test('ten thousand answers are open at a time, and each ends whole', { timeout: 120_000 }, async () => {
  const open: ReadableStreamDefaultController<string>[] = []
  const fetch = async () => {
    const body = new ReadableStream<string>({ start: (controller) => void open.push(controller) })
    return new Response(body.pipeThrough(new TextEncoderStream()), {
      headers: { 'content-type': 'text/event-stream' },
    })
  }
  const relay = createRelay({ ai: createClient({ baseUrl: 'http://model.test/v1', fetch }) })
  const answers = Array.from({ length: 10_000 }, async () => {
    const request = new Request('http://relay.test/answers', { method: 'POST', body: '{"model":"m"}' })
    return answerIn(await (await relay.fetch(request)).text())
  })
  await expect.poll(() => open.length, { timeout: 60_000 }).toBe(10_000)
  for (const [at, model] of open.entries()) model.enqueue(chunk({ content: `w${at}` }))
  for (const model of open) {
    model.enqueue(`${chunk({}, 'stop')}data: [DONE]\n\n`)
    model.close()
  }
  const read = await Promise.all(answers)
  // In any order: the digest of a key takes as long as it takes.
  expect(new Set(read.map(({ text }) => text)).size).toBe(10_000)
  expect(read.every(({ end, state }) => end === 'done' && state === 'done')).toBe(true)
})
